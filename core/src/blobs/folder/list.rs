//! Listing the blobs of a folder.

use std::os::fd::OwnedFd;

use rustix::fs::Dir;
use rustix::io::Errno;

use super::FolderBlobs;
use super::place::{Form, Name, Place, open_folder};
use crate::blobs::StoredBlob;
use crate::blobs::error::BlobError;
use crate::error::Error;
use crate::id::ContentHash;

/// Blobs of a folder, by their files.
type Files = Vec<(ContentHash, Form)>;

/// Lists the blobs one folder after the other; what is no blob is passed over.
pub(super) struct List<'a> {
    store: &'a FolderBlobs,
    /// The folders that remain.
    fans: std::ops::RangeInclusive<u8>,
    /// What remains of the folder that is open.
    open: Option<(OwnedFd, std::vec::IntoIter<(ContentHash, Form)>)>,
}

impl<'a> List<'a> {
    pub(super) fn new(store: &'a FolderBlobs) -> Self {
        List {
            store,
            fans: 0..=255,
            open: None,
        }
    }

    /// Reads a folder's names as a whole: they may change as soon as the caller removes one.
    fn enter(&self, fan: u8) -> Result<Option<(OwnedFd, Files)>, Error> {
        let fan = format!("{fan:02x}");
        let refused = |action, errno: Errno| {
            Error::from(BlobError::file(
                action,
                self.store.path.join(&fan),
                None,
                errno,
            ))
        };
        let folder = match open_folder(&self.store.root, &fan) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(refused("open", errno)),
        };
        let mut blobs = Vec::new();
        for entry in Dir::read_from(&folder).map_err(|errno| refused("read", errno))? {
            let entry = entry.map_err(|errno| refused("read", errno))?;
            blobs.extend(Name::parse(&fan, entry.file_name().to_bytes()));
        }
        blobs.sort_unstable_by_key(|&(digest, form)| (digest, form as u8));
        // What is there in both forms is one blob.
        blobs.dedup_by_key(|&mut (digest, _)| digest);
        Ok(Some((folder, blobs)))
    }
}

impl Iterator for List<'_> {
    type Item = Result<StoredBlob, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((folder, blobs)) = self.open.take() {
                let mut place = Place {
                    folder,
                    name: Name::of(&ContentHash([0; 32])),
                };
                let mut blobs = blobs;
                for (digest, form) in blobs.by_ref() {
                    place.name = Name::of(&digest);
                    // `None` has gone meanwhile.
                    let size = self.store.size_of(&place, &digest, form).transpose();
                    if let Some(size) = size {
                        self.open = Some((place.folder, blobs));
                        let blob = size.map(|size| StoredBlob::new(digest, size));
                        return Some(blob.map_err(Error::from));
                    }
                }
            }
            let fan = self.fans.next()?;
            match self.enter(fan) {
                Ok(Some((folder, blobs))) => self.open = Some((folder, blobs.into_iter())),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
