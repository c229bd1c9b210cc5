//! Objects by their ids: hashing what a repository names.

use crate::id::{ObjectFormat, ObjectId};
use crate::pack::{EntryProblem, Kind};

/// Computes an object's id from its bytes, given in pieces.
///
/// SHA-1 comes with the detection of collision attacks that Git uses, so two objects made to share
/// an id are an error and never one object.
pub(crate) struct ObjectHasher(gix::hash::Hasher);

impl ObjectHasher {
    /// Begins an object of `size` bytes.
    pub(crate) fn new(format: ObjectFormat, kind: Kind, size: u64) -> Self {
        let mut hasher = gix::hash::hasher(format.to_gix());
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = size;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let mut header = [0; 32];
        let name = kind.name().as_bytes();
        let digits = &digits[at..];
        let end = name.len() + 1 + digits.len();
        header[..name.len()].copy_from_slice(name);
        header[name.len()] = b' ';
        header[name.len() + 1..end].copy_from_slice(digits);
        hasher.update(&header[..=end]);
        ObjectHasher(hasher)
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// # Errors
    ///
    /// [`EntryProblem::Collision`] if the bytes are those of a collision attack.
    pub(crate) fn finish(self) -> Result<ObjectId, EntryProblem> {
        self.0
            .try_finalize()
            .map(|id| ObjectId::from_gix(&id))
            .map_err(|_| EntryProblem::Collision)
    }
}

/// Computes the id of the object that `bytes` are.
pub(crate) fn object_id(
    format: ObjectFormat,
    kind: Kind,
    bytes: &[u8],
) -> Result<ObjectId, EntryProblem> {
    let mut hasher = ObjectHasher::new(format, kind, bytes.len() as u64);
    hasher.update(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_that_git_gives() {
        // From `git hash-object --stdin </dev/null` and `printf 'hello\n' | git hash-object --stdin`.
        let cases = [
            (
                ObjectFormat::Sha1,
                &b""[..],
                "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
            ),
            (
                ObjectFormat::Sha1,
                b"hello\n",
                "ce013625030ba8dba906f756967f9e9ca394464a",
            ),
            (
                ObjectFormat::Sha256,
                b"",
                "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
            ),
        ];
        for (format, bytes, expected) in cases {
            let id = object_id(format, Kind::Blob, bytes).expect("is no attack");
            assert_eq!(id.to_string(), expected);
        }
    }
}
