//! Who runs imports: processes that are alive, told by locked files.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

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
                Ok(()) | Err(Errno::WOULDBLOCK) => continue,
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
///
/// # Errors
///
/// What keeps it from finding out, such as too many open files.
pub(super) fn is_dead(locks: &Path, name: &str) -> Result<bool, Error> {
    // A name is no path, whatever the database says.
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(true);
    }
    let path = locks.join(format!("{name}.lock"));
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::NOENT) => return Ok(true),
            Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::IO) | None => {
                return Err(FileError::new("open", &path, error).into());
            }
            // That of another user, who will look himself, or no lock of ours.
            Some(_) => return Ok(false),
        },
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(false),
        Err(errno) => return Err(FileError::new("lock", &path, errno.into()).into()),
    }
    // If that fails, the next one who looks finds it dead again.
    let _ = std::fs::remove_file(&path);
    Ok(true)
}

/// Removes the lock files of dead owners.
pub(super) fn sweep(locks: &Path) -> Result<(), Error> {
    for path in lock_files(locks)? {
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            is_dead(locks, name)?;
        }
    }
    Ok(())
}

/// The lock files that are there.
pub(super) fn lock_files(locks: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut paths = entries(locks)?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "lock"));
    Ok(paths)
}

/// What lies in a folder, which need not be there.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let refused = |error| Error::from(FileError::new("read", folder, error));
    match std::fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| Ok(entry.map_err(refused)?.path()))
            .collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(refused(error)),
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
        assert!(!is_dead(folder.path(), owner.name()).unwrap());
        sweep(folder.path()).unwrap();
        assert!(!is_dead(folder.path(), owner.name()).unwrap());
        let name = owner.name().to_owned();
        drop(owner);
        assert!(is_dead(folder.path(), &name).unwrap());
        assert!(!is_dead(folder.path(), other.name()).unwrap());
    }

    #[test]
    fn a_lock_file_without_an_owner_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc.lock");
        std::fs::write(&path, "").unwrap();
        sweep(folder.path()).unwrap();
        assert!(!path.exists());
        assert!(is_dead(folder.path(), "../abc").unwrap());
    }

    #[test]
    fn what_cannot_be_found_out_is_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        // What is no lock of ours is in nobody's way.
        std::fs::create_dir(folder.path().join("abc.lock")).unwrap();
        assert!(!is_dead(folder.path(), "abc").unwrap());
        sweep(folder.path()).unwrap();
        let missing = folder.path().join("missing");
        assert!(lock_files(&missing).unwrap().is_empty());
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(lock_files(&file).is_err());
    }
}
