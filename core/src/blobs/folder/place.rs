//! Where a blob stands in the folder, and opening what is there without following links.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, openat, statat};
use rustix::io::Errno;

use super::FolderBlobs;
use crate::blobs::Durability;
use crate::blobs::error::{BlobError, Damage};
use crate::error::Error;
use crate::id::{ContentHash, push_hex};

/// Marks compressed blobs.
const SUFFIX: &str = ".zst";

/// The form that a blob is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Compressed,
}

impl Form {
    /// Both, in the order in which they are looked for.
    pub(super) const ALL: [Form; 2] = [Form::Plain, Form::Compressed];

    pub(super) fn other(self) -> Form {
        match self {
            Form::Plain => Form::Compressed,
            Form::Compressed => Form::Plain,
        }
    }
}

/// The name of a blob's files: the hex digits of its digest, and the suffix of the compressed form.
pub(super) struct Name(String);

impl Name {
    pub(super) fn of(digest: &ContentHash) -> Self {
        let mut hex = Vec::with_capacity(64 + SUFFIX.len());
        push_hex(&mut hex, &digest.0);
        hex.extend_from_slice(SUFFIX.as_bytes());
        Name(String::from_utf8(hex).expect("because hex digits are ASCII"))
    }

    /// The folder: the first two digits.
    pub(super) fn fan(&self) -> &str {
        &self.0[..2]
    }

    /// The file in it: the other 62.
    pub(super) fn file(&self, form: Form) -> &str {
        match form {
            Form::Plain => &self.0[2..64],
            Form::Compressed => &self.0[2..],
        }
    }

    /// What the file `name` in the folder `fan` is; `None` if it is no blob.
    pub(super) fn parse(fan: &str, name: &[u8]) -> Option<(ContentHash, Form)> {
        let (digits, form) = match name.strip_suffix(SUFFIX.as_bytes()) {
            Some(digits) => (digits, Form::Compressed),
            None => (name, Form::Plain),
        };
        // Upper case would name the same blob twice.
        if digits.iter().any(u8::is_ascii_uppercase) {
            return None;
        }
        let digest = ContentHash::from_hex(&[fan.as_bytes(), digits].concat())?;
        Some((digest, form))
    }
}

/// The folder that a blob stands in, open, and its name there.
pub(super) struct Place {
    pub(super) folder: OwnedFd,
    pub(super) name: Name,
}

impl FolderBlobs {
    /// Looks at a blob's file; `None` if there is none.
    pub(super) fn look(
        &self,
        place: &Place,
        digest: &ContentHash,
        form: Form,
    ) -> Result<Option<Stat>, BlobError> {
        match statat(
            &place.folder,
            place.name.file(form),
            AtFlags::SYMLINK_NOFOLLOW,
        ) {
            Ok(stat) if is_file(&stat) => Ok(Some(stat)),
            Ok(_) => {
                let file = self.path_of(digest, form);
                Err(BlobError::corrupt(file, *digest, Damage::NotAFile))
            }
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(self.refused("look at", digest, form, errno)),
        }
    }

    /// Opens a blob's file to be read, and gives its length; `None` if there is none.
    pub(super) fn open_file(
        &self,
        place: &Place,
        digest: &ContentHash,
        form: Form,
    ) -> Result<Option<(File, u64)>, BlobError> {
        // A pipe must not make anyone wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&place.folder, place.name.file(form), flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(self.refused("open", digest, form, errno)),
        };
        let metadata = file.metadata();
        let metadata = metadata.map_err(|error| self.refused("look at", digest, form, error))?;
        if !metadata.is_file() {
            let path = self.path_of(digest, form);
            return Err(BlobError::corrupt(path, *digest, Damage::NotAFile));
        }
        Ok(Some((file, metadata.len())))
    }
}

/// Opens a folder in another one, unless it is a link.
pub(super) fn open_folder(parent: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// Opens the folder of a store. The host named it, so links in its path are the host's.
pub(super) fn open_root(path: &Path) -> Result<File, Error> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(rustix::fs::CWD, path, flags, Mode::empty());
    let root = root.map_err(|errno| BlobError::file("open", path, None, errno))?;
    Ok(File::from(root))
}

/// Makes the folder of a store, and those above it.
pub(super) fn make_root(path: &Path, durability: Durability) -> Result<(), Error> {
    // A path of one component stands in the current folder, which cannot be named otherwise.
    let parent = |path: &Path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let is_new = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let new: Vec<&Path> = path.ancestors().take_while(is_new).collect();
    if new.is_empty() {
        return Ok(());
    }
    match std::fs::create_dir_all(path) {
        Ok(()) => {}
        // A link that leads nowhere.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BlobError::corrupt(path.to_owned(), None, Damage::NotAFolder).into());
        }
        Err(error) => return Err(BlobError::file("make", path, None, error).into()),
    }
    if durability == Durability::None {
        return Ok(());
    }
    for parent in new.into_iter().map(parent) {
        File::open(&parent)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| BlobError::file("write", parent, None, error))?;
    }
    Ok(())
}

pub(super) fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}
