//! The digest of a folder.

use super::mode;
use crate::id::{ContentHash, ObjectId, push_hex};

/// Bytes that are gathered before they are hashed; BLAKE3 takes several chunks of 1,024 at once.
const GATHER: usize = 8 << 10;

/// Adds up one folder while its entries come, in tree order: digest, files, bytes.
///
/// The digest is the BLAKE3 of Git's own encoding of the tree (`mode SP name NUL id` for each
/// entry), with the 32 bytes of the entry's digest in place of its object id.
#[derive(Debug, Default)]
pub(super) struct FolderSum {
    gathered: Vec<u8>,
    hasher: Option<Box<blake3::Hasher>>,
    files: u64,
    bytes: u64,
    children: u32,
}

/// What a folder adds up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) digest: ContentHash,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) children: u32,
}

impl FolderSum {
    pub(super) fn file(&mut self, mode: u32, name: &[u8], digest: &ContentHash, size: u64) {
        self.files += 1;
        self.symlink(mode, name, digest, size);
    }

    pub(super) fn symlink(&mut self, mode: u32, name: &[u8], digest: &ContentHash, size: u64) {
        self.bytes = self.bytes.saturating_add(size);
        self.child(mode, name, digest);
    }

    pub(super) fn submodule(&mut self, mode: u32, name: &[u8], id: ObjectId) {
        self.child(mode, name, &stand_in(id));
    }

    /// Adds a file or symlink that was not read.
    pub(super) fn skipped(&mut self, mode: u32, name: &[u8], id: ObjectId) {
        self.files += u64::from(!mode::is_symlink(mode));
        self.child(mode, name, &stand_in(id));
    }

    pub(super) fn folder(&mut self, mode: u32, name: &[u8], sum: &Sum) {
        self.files = self.files.saturating_add(sum.files);
        self.bytes = self.bytes.saturating_add(sum.bytes);
        self.child(mode, name, &sum.digest);
    }

    fn child(&mut self, mode: u32, name: &[u8], digest: &ContentHash) {
        self.children = self.children.saturating_add(1);
        self.gathered
            .extend_from_slice(mode::octal(mode, 1, &mut [0; 11]).as_bytes());
        self.gathered.push(b' ');
        self.gathered.extend_from_slice(name);
        self.gathered.push(0);
        self.gathered.extend_from_slice(digest.as_bytes());
        if self.gathered.len() >= GATHER {
            self.hasher.get_or_insert_default().update(&self.gathered);
            self.gathered.clear();
        }
    }

    pub(super) fn finish(self) -> Sum {
        let digest = match self.hasher {
            Some(mut hasher) => hasher.update(&self.gathered).finalize(),
            None => blake3::hash(&self.gathered),
        };
        Sum {
            digest: ContentHash(*digest.as_bytes()),
            files: self.files,
            bytes: self.bytes,
            children: self.children,
        }
    }
}

/// What stands in a folder's digest for an entry that has none: the BLAKE3 of its object id as hex.
fn stand_in(id: ObjectId) -> ContentHash {
    let mut hex = Vec::with_capacity(64);
    push_hex(&mut hex, id.as_bytes());
    ContentHash::of(&hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `printf '' | b3sum`, which is also the first vector of BLAKE3's test vectors.
    const EMPTY: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

    #[test]
    fn empty_folder_has_the_digest_of_no_bytes() {
        assert_eq!(FolderSum::default().finish().digest.to_string(), EMPTY);
    }

    #[test]
    fn any_number_of_children_hashes_as_one_run_of_bytes() {
        let id = ObjectId::from_hex(b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391").unwrap();
        for children in [1_usize, 2, 100, 101, 5000] {
            let mut sum = FolderSum::default();
            let mut bytes = Vec::new();
            for index in 0..children {
                let name = format!("{index:06}-with-a-name-of-some-length");
                let digest = ContentHash::of(name.as_bytes());
                match index % 3 {
                    0 => sum.file(0o100_644, name.as_bytes(), &digest, 7),
                    1 => sum.symlink(0o120_000, name.as_bytes(), &digest, 7),
                    _ => sum.submodule(0o160_000, name.as_bytes(), id),
                }
                bytes.extend_from_slice(["100644 ", "120000 ", "160000 "][index % 3].as_bytes());
                bytes.extend_from_slice(name.as_bytes());
                bytes.push(0);
                bytes.extend_from_slice(&match index % 3 {
                    2 => *blake3::hash(b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391").as_bytes(),
                    _ => digest.0,
                });
            }
            let sum = sum.finish();
            assert_eq!(&sum.digest.0, blake3::hash(&bytes).as_bytes());
            assert_eq!(sum.files as usize, children.div_ceil(3));
            assert_eq!(sum.children as usize, children);
        }
    }

    #[test]
    fn folder_modes_have_no_leading_zero() {
        let inner = FolderSum::default().finish();
        let mut sum = FolderSum::default();
        sum.folder(0o040_000, b"d", &inner);
        let mut bytes = b"40000 d\0".to_vec();
        bytes.extend_from_slice(&inner.digest.0);
        assert_eq!(&sum.finish().digest.0, blake3::hash(&bytes).as_bytes());
    }
}
