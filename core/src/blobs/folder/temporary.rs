//! Temporary files, and removing those of owners that died.
//!
//! Each open store has a folder of its own below `tmp`, with a file `lock` that it holds an exclusive
//! `flock` on. The kernel lets go of that when the process dies, however it dies. So whoever can take
//! the lock knows that nobody will rename the files beside it any more.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, Dir, FlockOperation, Mode, OFlags, flock, mkdirat, openat, unlinkat};
use rustix::io::Errno;

use super::place::open_folder;

/// The folder of all temporary files. It has three letters, so no digest begins like it.
pub(super) const FOLDER: &str = "tmp";
const PREFIX: &str = "gitlade-";
const LOCK: &str = "lock";

/// The temporary files of one open store. Their folder is made when the first one is.
#[derive(Default)]
pub(super) struct Temporaries(Mutex<Option<Arc<Owned>>>);

/// The folder of one open store.
pub(super) struct Owned {
    folder: OwnedFd,
    name: String,
    parent: OwnedFd,
    next: AtomicU64,
    /// Holds the lock for as long as it is open.
    _lock: OwnedFd,
}

/// A file that is removed again unless it is renamed.
pub(super) struct Temporary {
    pub(super) file: File,
    owned: Arc<Owned>,
    name: String,
    is_renamed: bool,
}

impl Temporaries {
    /// Makes an empty file.
    pub(super) fn file(&self, root: &File) -> Result<Temporary, Errno> {
        match self.owned(root)?.file() {
            // Somebody has cleared the folder away.
            Err(Errno::NOENT) => {
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
                self.owned(root)?.file()
            }
            result => result,
        }
    }

    fn owned(&self, root: &File) -> Result<Arc<Owned>, Errno> {
        let mut owned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(owned) = &*owned {
            return Ok(Arc::clone(owned));
        }
        Ok(Arc::clone(owned.insert(Arc::new(Owned::make(root)?))))
    }
}

impl Owned {
    fn make(root: &File) -> Result<Self, Errno> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut salt = since.map_or(0, |time| time.as_nanos() as u64);
        loop {
            salt = salt.wrapping_add(1);
            let process = rustix::process::getpid().as_raw_nonzero();
            let name = format!("{PREFIX}{process:x}-{salt:x}");
            match Self::try_make(root, name) {
                // Another one has the name, or has taken the folder for a dead one's.
                Err(Errno::EXIST | Errno::NOENT | Errno::WOULDBLOCK) => {}
                result => return result,
            }
        }
    }

    fn try_make(root: &File, name: String) -> Result<Self, Errno> {
        match mkdirat(root, FOLDER, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
        }
        let parent = open_folder(root, FOLDER)?;
        mkdirat(&parent, &name, Mode::from_raw_mode(0o777))?;
        let made = open_folder(&parent, &name).and_then(|folder| {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
            let lock = openat(&folder, LOCK, flags, Mode::from_raw_mode(0o666))?;
            take(&lock)?;
            // From the making of the file to the lock, it looked dead to others.
            if rustix::fs::fstat(&lock)?.st_nlink == 0 {
                return Err(Errno::NOENT);
            }
            Ok((folder, lock))
        });
        match made {
            Ok((folder, lock)) => Ok(Owned {
                folder,
                name,
                parent,
                next: AtomicU64::new(0),
                _lock: lock,
            }),
            Err(errno) => {
                if let Ok(folder) = open_folder(&parent, &name) {
                    let _ = unlinkat(folder, LOCK, AtFlags::empty());
                }
                let _ = unlinkat(&parent, &name, AtFlags::REMOVEDIR);
                Err(errno)
            }
        }
    }

    fn file(self: Arc<Self>) -> Result<Temporary, Errno> {
        let name = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // What is named by its content is never written to again.
        let file = openat(&self.folder, &name, flags, Mode::from_raw_mode(0o444))?;
        Ok(Temporary {
            file: File::from(file),
            owned: self,
            name,
            is_renamed: false,
        })
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = unlinkat(&self.folder, LOCK, AtFlags::empty());
        let _ = unlinkat(&self.parent, &self.name, AtFlags::REMOVEDIR);
    }
}

impl Temporary {
    /// Gives the file its place.
    pub(super) fn rename(mut self, folder: impl AsFd, name: &str) -> Result<(), Errno> {
        rustix::fs::renameat(&self.owned.folder, &self.name, folder, name)?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_renamed {
            let _ = unlinkat(&self.owned.folder, &self.name, AtFlags::empty());
        }
    }
}

/// Removes the temporary files of owners that are dead. What cannot be removed stays: it is in
/// nobody's way.
pub(super) fn sweep(root: &File) {
    let Ok(parent) = open_folder(root, FOLDER) else {
        return;
    };
    // What cannot be listed now is swept when the folder is opened the next time.
    for name in names(&parent).unwrap_or_default() {
        if name.starts_with(PREFIX) {
            let _ = sweep_folder(&parent, &name);
        }
    }
}

fn sweep_folder(parent: &OwnedFd, name: &str) -> Result<(), Errno> {
    let folder = open_folder(parent, name)?;
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let lock = match openat(&folder, LOCK, flags, Mode::empty()) {
        Ok(lock) => {
            take(&lock)?;
            Some(lock)
        }
        // Its owner died early, or is about to make it and then finds the folder gone.
        Err(Errno::NOENT) => None,
        Err(errno) => return Err(errno),
    };
    if lock.is_some() {
        for name in names(&folder)? {
            if name.bytes().all(|byte| byte.is_ascii_digit()) {
                unlinkat(&folder, &name, AtFlags::empty())?;
            }
        }
        unlinkat(&folder, LOCK, AtFlags::empty())?;
    }
    // Fails if there is more in it than ours.
    unlinkat(parent, name, AtFlags::REMOVEDIR)
}

/// Locks the file against all others that are open. A file system without locks has no owners that
/// could be told from dead ones, and nothing is swept there.
fn take(lock: &OwnedFd) -> Result<(), Errno> {
    flock(lock, FlockOperation::NonBlockingLockExclusive)
}

/// The names in a folder that are UTF-8, as ours are.
fn names(folder: &OwnedFd) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        if let Ok(name) = entry?.file_name().to_str()
            && name != "."
            && name != ".."
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
