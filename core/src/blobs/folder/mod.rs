//! A store that is a folder with a file for each blob.
//!
//! ```text
//! FOLDER/ab/cdef…       the content whose digest is abcdef…: as b3sum prints it, split after two digits
//! FOLDER/ab/cdef….zst   the same, compressed: one zstd frame that states the content's size
//! FOLDER/tmp/gitlade-…/ what one open store is about to rename, with a file `lock` that it holds
//! ```
//!
//! Nothing else is made, and nothing else is read, followed or removed. All is opened relative to the
//! folder, without following links, so what others put into the folder cannot lead out of it.

mod list;
mod options;
mod pending;
mod place;
mod read;
mod temporary;
mod write;
mod zstd_reader;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, unlinkat};
use rustix::io::Errno;

use super::error::BlobError;
use super::{BlobIter, BlobRead, BlobStore, Durability, Put};
use crate::error::{Error, ErrorKind};
use crate::id::ContentHash;
use list::List;
#[cfg(any(not(target_os = "linux"), test))]
use pending::Pending;
use place::{Form, Name, Place, open_folder};
use temporary::Temporaries;

pub use options::FolderOptions;

/// Keeps each blob as a file of its own, named by its digest.
///
/// Any number of processes may have the same folder open. Each blob is written to a temporary file
/// beside and renamed, so it is there as a whole or not at all; the temporary files of processes that
/// died are removed by the next one that opens the folder.
///
/// ```
/// use gitlade::{BlobStore, ContentHash, FolderBlobs};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = FolderBlobs::open(folder.path())?;
/// let digest = ContentHash::of(b"");
/// store.put(&digest, b"")?;
/// store.sync()?;
/// // The name is what b3sum prints of the file.
/// let name = "af/1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
/// assert!(folder.path().join(name).exists());
/// # Ok(())
/// # }
/// ```
pub struct FolderBlobs {
    /// As the host named it, for messages.
    path: PathBuf,
    root: File,
    options: FolderOptions,
    temporaries: Temporaries,
    #[cfg(any(not(target_os = "linux"), test))]
    pending: Pending,
}

impl FolderBlobs {
    /// Opens the store in the folder at `path`, and makes it if there is none.
    ///
    /// # Errors
    ///
    /// What the operating system refuses, and [`CorruptStore`](ErrorKind::CorruptStore) if something
    /// else than a folder is there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_with(path, &FolderOptions::default())
    }

    /// Opens the store in the folder at `path` as `options` say.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`InvalidOptions`](ErrorKind::InvalidOptions).
    pub fn open_with(path: impl AsRef<Path>, options: &FolderOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        if options
            .compress
            .is_some_and(|level| !(1..=22).contains(&level))
        {
            return Err(Error::message(
                ErrorKind::InvalidOptions,
                "a zstd level is between 1 and 22",
            ));
        }
        if !options.read_only {
            place::make_root(path, options.durability)?;
        }
        let root = place::open_root(path)?;
        let store = FolderBlobs {
            path: path.to_owned(),
            root,
            options: options.clone(),
            temporaries: Temporaries::default(),
            #[cfg(any(not(target_os = "linux"), test))]
            pending: Pending::default(),
        };
        if !options.read_only {
            temporary::sweep(&store.root);
        }
        Ok(store)
    }

    /// The folder, as it was named when the store was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a blob stands; `None` if its folder is not there, so that it is not either.
    fn place(&self, digest: &ContentHash) -> Result<Option<Place>, BlobError> {
        let name = Name::of(digest);
        match open_folder(&self.root, name.fan()) {
            Ok(folder) => Ok(Some(Place { folder, name })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => {
                let fan = self.path.join(name.fan());
                Err(BlobError::file("open", fan, Some(*digest), errno))
            }
        }
    }

    fn path_of(&self, digest: &ContentHash, form: Form) -> PathBuf {
        let name = Name::of(digest);
        self.path.join(name.fan()).join(name.file(form))
    }

    /// An error about the file of a blob.
    fn refused(
        &self,
        action: &'static str,
        digest: &ContentHash,
        form: Form,
        errno: impl Into<std::io::Error>,
    ) -> BlobError {
        BlobError::file(action, self.path_of(digest, form), Some(*digest), errno)
    }
}

impl BlobStore for FolderBlobs {
    fn contains(&self, digest: &ContentHash) -> Result<bool, Error> {
        let Some(place) = self.place(digest)? else {
            return Ok(false);
        };
        for form in Form::ALL {
            if self.look(&place, digest, form)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        if self.options.read_only {
            return Err(BlobError::ReadOnly {
                digest: Some(*digest),
            }
            .into());
        }
        self.write(digest, bytes)
    }

    fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        self.read(digest)
    }

    fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error> {
        self.open_reader(digest)
    }

    fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
        let Some(place) = self.place(digest)? else {
            return Ok(None);
        };
        for form in Form::ALL {
            if let Some(size) = self.size_of(&place, digest, form)? {
                return Ok(Some(size));
            }
        }
        Ok(None)
    }

    fn remove(&self, digest: &ContentHash) -> Result<bool, Error> {
        if self.options.read_only {
            return Err(BlobError::ReadOnly {
                digest: Some(*digest),
            }
            .into());
        }
        let Some(place) = self.place(digest)? else {
            return Ok(false);
        };
        let mut removed = false;
        for form in Form::ALL {
            match unlinkat(&place.folder, place.name.file(form), AtFlags::empty()) {
                Ok(()) => removed = true,
                Err(Errno::NOENT) => {}
                Err(errno) => return Err(self.refused("remove", digest, form, errno).into()),
            }
        }
        if removed && self.options.durability == Durability::Full {
            self.sync_fan(&place, digest)?;
        }
        Ok(removed)
    }

    fn iter(&self) -> Result<BlobIter<'_>, Error> {
        Ok(Box::new(List::new(self)))
    }

    fn sync(&self) -> Result<(), Error> {
        match self.options.durability {
            Durability::Deferred if !self.options.read_only => self.sync_pending(),
            _ => Ok(()),
        }
    }

    fn file(&self, digest: &ContentHash) -> Option<PathBuf> {
        let plain = self.path_of(digest, Form::Plain);
        let compressed = self.path_of(digest, Form::Compressed);
        let is_compressed =
            plain.symlink_metadata().is_err() && compressed.symlink_metadata().is_ok();
        Some(if is_compressed { compressed } else { plain })
    }
}

impl fmt::Debug for FolderBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FolderBlobs")
            .field("path", &self.path)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
