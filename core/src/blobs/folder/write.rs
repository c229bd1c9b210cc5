//! Putting a blob into the folder.

use std::fs::File;
use std::io::{self, Seek, Write};

use rustix::fs::{
    AtFlags, Mode, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, mkdirat, unlinkat, utimensat,
};
use rustix::io::Errno;

use super::place::{Form, Name, Place, is_file, open_folder};
use super::temporary::{self, Temporary};
use super::{FolderBlobs, zstd_reader};
use crate::blobs::error::BlobError;
use crate::blobs::{Durability, Put};
use crate::error::Error;
use crate::id::ContentHash;

/// What fits into one block of a disk gains nothing by being smaller.
const MIN_COMPRESSED: usize = 4096;

impl FolderBlobs {
    pub(super) fn write(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        let place = self.place(digest)?;
        // What stands in the blob's place and is not it: damaged, or not ours.
        let mut others = [false; 2];
        if let Some(place) = &place {
            for (form, other) in Form::ALL.into_iter().zip(&mut others) {
                match self.is_whole(place, digest, form, bytes.len() as u64)? {
                    Some(true) => {
                        self.keep_present(place, digest, form)?;
                        return Ok(Put::Present);
                    }
                    Some(false) => *other = true,
                    None => {}
                }
            }
        }
        let (temporary, form) = self.fill(digest, bytes)?;
        let place = match place {
            Some(place) => place,
            None => self.make_place(digest)?,
        };
        temporary
            .rename(&place.folder, place.name.file(form))
            .map_err(|errno| self.refused("write", digest, form, errno))?;
        let stale = form.other();
        if others[stale as usize] {
            // The plain form is looked for first, so a damaged one would hide the new blob.
            match unlinkat(&place.folder, place.name.file(stale), AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(self.refused("remove", digest, stale, errno).into()),
            }
        }
        match self.options.durability {
            Durability::Full => self.sync_fan(&place, digest)?,
            Durability::Deferred => self.note_pending(digest)?,
            Durability::None => {}
        }
        Ok(Put::New)
    }

    /// Whether the blob is there in this form, with the right length; `None` if nothing is there.
    fn is_whole(
        &self,
        place: &Place,
        digest: &ContentHash,
        form: Form,
        len: u64,
    ) -> Result<Option<bool>, BlobError> {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        let stat = match rustix::fs::statat(&place.folder, place.name.file(form), flags) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(self.refused("look at", digest, form, errno)),
        };
        if !is_file(&stat) {
            return Ok(Some(false));
        }
        match form {
            Form::Plain => Ok(Some(stat.st_size as u64 == len)),
            Form::Compressed => match self.size_of(place, digest, form) {
                Ok(size) => Ok(size.map(|size| size == len)),
                Err(BlobError::Corrupt { .. }) => Ok(Some(false)),
                Err(error) => Err(error),
            },
        }
    }

    /// Makes a blob durable that another process may have put and not synced, and as young as if it
    /// had been put now: what collects garbage goes by that.
    fn keep_present(&self, place: &Place, digest: &ContentHash, form: Form) -> Result<(), Error> {
        let now = Timestamps {
            last_access: Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_OMIT,
            },
            last_modification: Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_NOW,
            },
        };
        // Only its owner may do that; a blob that goes nevertheless is read once more.
        let _ = utimensat(
            &place.folder,
            place.name.file(form),
            &now,
            AtFlags::SYMLINK_NOFOLLOW,
        );
        match self.options.durability {
            Durability::Full => {
                if let Some((file, _)) = self.open_file(place, digest, form)? {
                    file.sync_all()
                        .map_err(|error| self.refused("write", digest, form, error))?;
                }
                self.sync_fan(place, digest)
            }
            Durability::Deferred => self.note_pending(digest),
            Durability::None => Ok(()),
        }
    }

    /// Writes the blob to a temporary file.
    fn fill(&self, digest: &ContentHash, bytes: &[u8]) -> Result<(Temporary, Form), BlobError> {
        let folder = || self.path.join(temporary::FOLDER);
        let mut temporary = self.temporaries.file(&self.root).map_err(|errno| {
            BlobError::file("make a temporary file in", folder(), Some(*digest), errno)
        })?;
        let durable = self.options.durability == Durability::Full;
        let form = self.fill_file(&mut temporary.file, bytes).and_then(|form| {
            if durable {
                temporary.file.sync_all()?;
            }
            Ok(form)
        });
        let form = form.map_err(|error| {
            BlobError::file("write a temporary file in", folder(), Some(*digest), error)
        })?;
        Ok((temporary, form))
    }

    fn fill_file(&self, file: &mut File, bytes: &[u8]) -> io::Result<Form> {
        if let Some(level) = self.options.compress
            && bytes.len() > MIN_COMPRESSED
        {
            if zstd_reader::compress(file, bytes, level)? {
                return Ok(Form::Compressed);
            }
            file.set_len(0)?;
            file.rewind()?;
        }
        file.write_all(bytes)?;
        Ok(Form::Plain)
    }

    /// Makes the folder that the blob belongs into.
    fn make_place(&self, digest: &ContentHash) -> Result<Place, Error> {
        let name = Name::of(digest);
        let refused = |action, errno: io::Error| {
            BlobError::file(action, self.path.join(name.fan()), Some(*digest), errno)
        };
        match mkdirat(&self.root, name.fan(), Mode::from_raw_mode(0o777)) {
            // Another process may have made it and not synced it yet.
            Ok(()) | Err(Errno::EXIST) if self.options.durability == Durability::Full => {
                let synced = self.root.sync_all();
                synced.map_err(|error| refused("write", error))?;
            }
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(refused("make", errno.into()).into()),
        }
        let folder = open_folder(&self.root, name.fan());
        let folder = folder.map_err(|errno| refused("open", errno.into()))?;
        Ok(Place { folder, name })
    }

    /// Makes durable that names were made in, or removed from, the folder of a blob.
    pub(super) fn sync_fan(&self, place: &Place, digest: &ContentHash) -> Result<(), Error> {
        rustix::fs::fsync(&place.folder).map_err(|errno| {
            let fan = self.path.join(place.name.fan());
            BlobError::file("write", fan, Some(*digest), errno).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::blobs::{BlobStore, FolderOptions};

    #[test]
    fn a_blob_that_is_put_again_is_young_again() {
        let durabilities = [Durability::Full, Durability::Deferred, Durability::None];
        for (durability, level) in durabilities.into_iter().zip([None, Some(3), None]) {
            let folder = tempfile::tempdir().unwrap();
            let options = FolderOptions::default()
                .durability(durability)
                .compress(level);
            let store = FolderBlobs::open_with(folder.path(), &options).unwrap();
            let bytes = vec![b'a'; 10_000];
            let digest = ContentHash::of(&bytes);
            assert_eq!(store.put(&digest, &bytes).unwrap(), Put::New);
            let file = store.file(&digest).unwrap();
            let old = SystemTime::now() - Duration::from_secs(86_400);
            File::open(&file).unwrap().set_modified(old).unwrap();
            assert_eq!(store.put(&digest, &bytes).unwrap(), Put::Present);
            let modified = file.metadata().unwrap().modified().unwrap();
            let age = SystemTime::now().duration_since(modified);
            assert!(age.is_ok_and(|age| age < Duration::from_secs(3_600)));
        }
    }
}
