//! What the caller of an object store can choose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::blobs::Durability;

/// How an [`ObjectBlobs`](crate::ObjectBlobs) works, whatever the service.
///
/// ```
/// use gitlade::ObjectOptions;
///
/// let options = ObjectOptions::default().concurrency(4).part_size(16 << 20);
/// assert_eq!(options.concurrency, 4);
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ObjectOptions {
    /// Requests at the same time, over all threads that call. Each of those that send holds a part in
    /// memory. Default 16.
    pub concurrency: usize,
    /// Bytes of a part: larger blobs are sent in several ones, and reading asks for at most so much.
    /// Services want at least 5 MiB and at most 10,000 parts. Default 8 MiB.
    pub part_size: usize,
    /// How often a request is tried again that failed for a reason that may pass. Default 5.
    pub retries: usize,
    /// The time after which it is not tried again. Default two minutes.
    pub retry_timeout: Duration,
    /// How long a connection may take to be made. Default 10 seconds.
    pub connect_timeout: Duration,
    /// How long the other side may be silent. Default 30 seconds.
    pub stall_timeout: Duration,
    /// Certificates of authorities that are believed besides the well-known ones, in PEM form.
    pub ca_certificates: Vec<Vec<u8>>,
    /// Whether a local folder waits for the disk at each blob, which it does unless this is
    /// [`Durability::None`]. A service is durable when it answers. Default: it does.
    pub durability: Durability,
}

impl Default for ObjectOptions {
    fn default() -> Self {
        ObjectOptions {
            concurrency: 16,
            part_size: 8 << 20,
            retries: 5,
            retry_timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(30),
            ca_certificates: Vec::new(),
            durability: Durability::default(),
        }
    }
}

impl ObjectOptions {
    /// Sets [`concurrency`](ObjectOptions#structfield.concurrency).
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Sets [`part_size`](ObjectOptions#structfield.part_size).
    pub fn part_size(mut self, bytes: usize) -> Self {
        self.part_size = bytes;
        self
    }

    /// Sets [`retries`](ObjectOptions#structfield.retries).
    pub fn retries(mut self, times: usize) -> Self {
        self.retries = times;
        self
    }

    /// Sets [`retry_timeout`](ObjectOptions#structfield.retry_timeout).
    pub fn retry_timeout(mut self, timeout: Duration) -> Self {
        self.retry_timeout = timeout;
        self
    }

    /// Sets [`connect_timeout`](ObjectOptions#structfield.connect_timeout).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets [`stall_timeout`](ObjectOptions#structfield.stall_timeout).
    pub fn stall_timeout(mut self, timeout: Duration) -> Self {
        self.stall_timeout = timeout;
        self
    }

    /// Adds to [`ca_certificates`](ObjectOptions#structfield.ca_certificates).
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificates.push(pem.into());
        self
    }

    /// Sets [`durability`](ObjectOptions#structfield.durability).
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }
}
