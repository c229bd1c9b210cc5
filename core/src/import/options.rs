//! What the caller of an import can choose.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cancel::Cancel;
use crate::import::form::Form;
use crate::limits::Limits;
use crate::local::Verify;
use crate::progress::Progress;
use crate::remote::RemoteOptions;

/// The memory that buffers may take unless the caller says otherwise.
const DEFAULT_MEMORY: u64 = 256 << 20;

/// What is imported, and with which means.
///
/// ```
/// let options = gitlade::Options::default()
///     .revision("v1.2")
///     .subdir("docs")
///     .exclude("*.png")
///     .threads(2);
/// assert_eq!(options.exclude, ["*.png"]);
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
#[non_exhaustive]
pub struct Options {
    /// Branch, tag, full object id or, in a local repository, anything that `git rev-parse` takes.
    /// Default: `HEAD`. At a server, `~N` and `^N` may follow as far as
    /// [`RemoteOptions::depth`] reaches.
    pub revision: Option<String>,
    /// The one folder to import, which need not be UTF-8; paths in the manifest are relative to it.
    /// Default: all. As data it stands in `subdir`, or in base64 in `subdir_base64`.
    pub subdir: Option<Vec<u8>>,
    /// Patterns in the syntax of `.gitignore` of what is imported. Default: everything.
    pub include: Vec<String>,
    /// Patterns in the syntax of `.gitignore` of what is left out.
    pub exclude: Vec<String>,
    /// Caps on what the repository controls.
    pub limits: Limits,
    /// Threads that inflate, hash and classify; 0 means as many as the machine has cores. The
    /// result does not depend on it. Default 0.
    pub threads: usize,
    /// Bytes of buffers in memory; what exceeds them goes to temporary files. The manifest itself
    /// comes on top, with about 160 bytes an entry. Default 256 MiB.
    pub memory: u64,
    /// Whether files whose content is missing are skipped, rather than an error. In a partial clone
    /// they always are. Default false.
    pub allow_missing: bool,
    /// Whether objects are also looked for in the repositories that `objects/info/alternates` names.
    /// Those are paths of the host that the repository chooses. Default true.
    pub alternates: bool,
    /// How far packed objects of a local repository are checked. Received ones always are by id.
    pub verify: Verify,
    /// The folder for temporary files, which have no names in it. Default: `/var/tmp`, or the
    /// system's folder for temporary files where there is none.
    pub spool_dir: Option<PathBuf>,
    /// How a server is reached and asked; of no meaning for a local repository. Of it only the
    /// [`depth`](RemoteOptions#structfield.depth) is serialised, as `depth`: the rest may hold
    /// credentials.
    pub remote: RemoteOptions,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            revision: None,
            subdir: None,
            include: Vec::new(),
            exclude: Vec::new(),
            limits: Limits::default(),
            threads: 0,
            memory: DEFAULT_MEMORY,
            allow_missing: false,
            alternates: true,
            verify: Verify::default(),
            spool_dir: None,
            remote: RemoteOptions::default(),
        }
    }
}

impl Options {
    /// Sets [`revision`](Options#structfield.revision).
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Sets [`subdir`](Options#structfield.subdir).
    pub fn subdir(mut self, subdir: impl AsRef<[u8]>) -> Self {
        self.subdir = Some(subdir.as_ref().to_vec());
        self
    }

    /// Adds a pattern to [`include`](Options#structfield.include).
    pub fn include(mut self, pattern: impl Into<String>) -> Self {
        self.include.push(pattern.into());
        self
    }

    /// Adds a pattern to [`exclude`](Options#structfield.exclude).
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.exclude.push(pattern.into());
        self
    }

    /// Sets [`limits`](Options#structfield.limits).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets [`threads`](Options#structfield.threads).
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets [`memory`](Options#structfield.memory).
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets [`allow_missing`](Options#structfield.allow_missing).
    pub fn allow_missing(mut self, allow: bool) -> Self {
        self.allow_missing = allow;
        self
    }

    /// Sets [`alternates`](Options#structfield.alternates).
    pub fn alternates(mut self, follow: bool) -> Self {
        self.alternates = follow;
        self
    }

    /// Sets [`verify`](Options#structfield.verify).
    pub fn verify(mut self, verify: Verify) -> Self {
        self.verify = verify;
        self
    }

    /// Sets [`spool_dir`](Options#structfield.spool_dir).
    pub fn spool_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool_dir = Some(folder.into());
        self
    }

    /// Sets [`remote`](Options#structfield.remote).
    pub fn remote(mut self, options: RemoteOptions) -> Self {
        self.remote = options;
        self
    }
}

/// The strings by which a host holds a running import.
///
/// Clones hold the same import.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Control {
    /// How far it is.
    pub progress: Progress,
    /// Stops it.
    pub cancel: Cancel,
}

impl Control {
    /// Makes the strings for one import.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same strings, for an import that ends by itself once `total` has passed from now on.
    pub(crate) fn within(&self, total: Option<std::time::Duration>) -> Self {
        Control {
            progress: self.progress.clone(),
            cancel: self.cancel.within(total),
        }
    }
}
