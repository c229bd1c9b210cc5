//! Calling asynchronous code from threads that wait.

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, ErrorKind};

/// A small runtime of the store's own. Nobody else's is used, and no thread of the host's becomes
/// one of it, so it can be called from inside of another runtime as well.
#[derive(Debug)]
pub(super) struct Waiting {
    runtime: Option<Runtime>,
    permits: Arc<Permits>,
}

/// How many requests may begin.
#[derive(Debug)]
struct Permits {
    free: Mutex<usize>,
    returned: Condvar,
}

/// The right to one request, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit(Arc<Permits>);

/// An answer that is on its way.
pub(super) struct Pending<A>(mpsc::Receiver<A>);

impl Waiting {
    pub(super) fn new(concurrency: usize) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("gitlade-objects")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| {
            let text = format!("the threads of the object store cannot be started: {error}");
            Error::message(ErrorKind::Io, text)
        })?;
        Ok(Waiting {
            runtime: Some(runtime),
            permits: Arc::new(Permits {
                free: Mutex::new(concurrency.max(1)),
                returned: Condvar::new(),
            }),
        })
    }

    /// Waits until another request may begin.
    pub(super) fn permit(&self) -> Permit {
        let free = self
            .permits
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let free = self.permits.returned.wait_while(free, |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Permit(Arc::clone(&self.permits))
    }

    /// Begins `work`, which holds `permit` to its end.
    pub(super) fn begin<A: Send + 'static>(
        &self,
        permit: Permit,
        work: impl Future<Output = A> + Send + 'static,
    ) -> Pending<A> {
        let (sender, receiver) = mpsc::channel();
        let runtime = self.runtime.as_ref();
        let runtime = runtime.expect("because it is taken out by the drop alone");
        runtime.spawn(async move {
            let answer = work.await;
            drop(permit);
            // Who does not wait any more does not want the answer.
            let _ = sender.send(answer);
        });
        Pending(receiver)
    }

    /// Does `work` and waits for it.
    pub(super) fn wait<A: Send + 'static>(
        &self,
        work: impl Future<Output = A> + Send + 'static,
    ) -> Result<A, Error> {
        self.begin(self.permit(), work).wait()
    }
}

impl<A> Pending<A> {
    pub(super) fn wait(self) -> Result<A, Error> {
        self.0.recv().map_err(|_| {
            Error::message(
                ErrorKind::Internal,
                "a request to the object store was given up",
            )
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.returned.notify_one();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // Waiting for its threads is not allowed inside of another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
