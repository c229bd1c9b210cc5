//! Who runs imports: processes that are alive, told by locked files.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::error::{Error, FileError};

/// A process, or a part of one, that runs imports of a store: alive as long as this value.
///
/// It holds a lock on a file of its own in `locks/`, which the operating system takes from it when it
/// dies, however that happens.
#[derive(Debug)]
pub(crate) struct Owner {
    name: String,
    path: PathBuf,
    /// Closing it gives the lock back.
    _file: File,
}

impl Owner {
    /// Makes the lock file of a new owner in the folder `locks`.
    pub(super) fn new(locks: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(locks).map_err(|error| FileError::new("make", locks, error))?;
        loop {
            let (file, path) = tempfile::Builder::new()
                .prefix("")
                .rand_bytes(16)
                .suffix(".lock")
                .tempfile_in(locks)
                .map_err(|error| FileError::new("make a lock file in", locks, error))?
                .keep()
                .map_err(|error| FileError::new("make a lock file in", locks, error.error))?;
            // Between making and locking it, another process may have taken it for a dead one's.
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) if path.exists() => {}
                Ok(()) | Err(rustix::io::Errno::WOULDBLOCK) => continue,
                Err(errno) => return Err(FileError::new("lock", &path, errno.into()).into()),
            }
            let name = path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default();
            return Ok(Owner {
                name,
                path,
                _file: file,
            });
        }
    }

    /// The name that stands with its imports.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // If that fails, the next process that looks for dead owners does it.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether the owner called `name` is dead. Its lock file is removed then.
pub(super) fn is_dead(locks: &Path, name: &str) -> bool {
    // A name is no path, whatever the database says.
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return true;
    }
    let path = locks.join(format!("{name}.lock"));
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) => return error.kind() == std::io::ErrorKind::NotFound,
    };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return false;
    }
    let _ = std::fs::remove_file(&path);
    true
}

/// Removes the lock files of dead owners.
pub(super) fn sweep(locks: &Path) {
    let Ok(entries) = std::fs::read_dir(locks) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".lock")) {
            is_dead(locks, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_alive_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner::new(folder.path()).unwrap();
        let other = Owner::new(folder.path()).unwrap();
        assert_ne!(owner.name(), other.name());
        assert!(!is_dead(folder.path(), owner.name()));
        sweep(folder.path());
        assert!(!is_dead(folder.path(), owner.name()));
        let name = owner.name().to_owned();
        drop(owner);
        assert!(is_dead(folder.path(), &name));
        assert!(!is_dead(folder.path(), other.name()));
    }

    #[test]
    fn a_lock_file_without_an_owner_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc.lock");
        std::fs::write(&path, "").unwrap();
        sweep(folder.path());
        assert!(!path.exists());
        assert!(is_dead(folder.path(), "../abc"));
    }
}
