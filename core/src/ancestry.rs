//! From a commit to one of its ancestors: the `~N` and `^N` behind a revision.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, StageError};
use crate::id::ObjectId;
use crate::pack::Kind;
use crate::peel::PeelError;
use crate::printable::Printable;

/// The most generations that one revision may go back. Each is an object that is read by itself.
const MAX_GENERATIONS: u32 = 1_000_000;

/// Hands out an object; `None` if it did not arrive.
pub(crate) type Read<'a> = dyn FnMut(ObjectId) -> Result<Option<(Kind, Vec<u8>)>, Error> + 'a;

/// The way from a commit to one of its ancestors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ancestry {
    steps: Vec<Step>,
    generations: u32,
}

/// Goes to the parent with this number, counted from 1, as many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    parent: u32,
    times: u32,
}

/// An ancestor cannot be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AncestryError {
    #[error(
        "\"{}\" goes back from the {kind} {id}, which has no parents",
        Printable(revision)
    )]
    NotACommit {
        revision: Vec<u8>,
        kind: &'static str,
        id: ObjectId,
    },
    #[error(
        "\"{}\" leads to parent {number} of the commit {commit}, which has {parents}",
        Printable(revision)
    )]
    NoParent {
        revision: Vec<u8>,
        commit: ObjectId,
        number: u32,
        parents: usize,
    },
    #[error(
        "\"{}\" leads to the commit {commit}, which the server did not send",
        Printable(revision)
    )]
    NotSent { revision: Vec<u8>, commit: ObjectId },
    #[error(
        "\"{}\" goes back from a branch that has no commit yet",
        Printable(revision)
    )]
    Unborn { revision: Vec<u8> },
}

impl StageError for AncestryError {
    fn kind(&self) -> ErrorKind {
        match self {
            AncestryError::Unborn { .. } => ErrorKind::UnbornHead,
            _ => ErrorKind::RevisionNotFound,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            AncestryError::NotACommit { .. } => "name a commit, or a tag of one",
            AncestryError::NoParent { .. } => "name an ancestor that there is",
            AncestryError::NotSent { .. } => {
                "the server's own history may be cut off there; ask for a commit that it has"
            }
            AncestryError::Unborn { .. } => "wait for the first commit, or name another branch",
        }))
    }

    fn object(&self) -> Option<ObjectId> {
        match self {
            AncestryError::NotACommit { id, .. } => Some(*id),
            AncestryError::NoParent { commit, .. } | AncestryError::NotSent { commit, .. } => {
                Some(*commit)
            }
            AncestryError::Unborn { .. } => None,
        }
    }
}

impl Ancestry {
    /// Splits a revision into what is named and the way that goes back from there: any number of
    /// `~`, `~N`, `^` and `^N` (gitrevisions). `None` if what follows the first of those characters
    /// is anything else, or leads further than a revision may.
    pub(crate) fn split(revision: &[u8]) -> Option<(&[u8], Self)> {
        let end = memchr::memchr2(b'~', b'^', revision).unwrap_or(revision.len());
        let (base, mut rest) = revision.split_at(end);
        let mut ancestry = Ancestry::default();
        if base.is_empty() && !rest.is_empty() {
            return None;
        }
        while let [sign, after @ ..] = rest {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit());
            let (digits, behind) = after.split_at(digits.count());
            let number = match digits {
                [] => 1,
                digits => std::str::from_utf8(digits).ok()?.parse().ok()?,
            };
            let step = match sign {
                b'~' => Step {
                    parent: 1,
                    times: number,
                },
                // The commit itself.
                b'^' if number == 0 => Step {
                    parent: 1,
                    times: 0,
                },
                b'^' => Step {
                    parent: number,
                    times: 1,
                },
                _ => return None,
            };
            ancestry.generations = ancestry
                .generations
                .checked_add(step.times)
                .filter(|&generations| generations <= MAX_GENERATIONS)?;
            ancestry.steps.push(step);
            rest = behind;
        }
        Some((base, ancestry))
    }

    /// How many generations it goes back.
    pub(crate) fn generations(&self) -> u32 {
        self.generations
    }

    /// Whether it goes back at all; `^0` and `~0` do not, but want a commit to stand on.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Goes from `commit` to the ancestor. `revision` is for the errors.
    ///
    /// # Errors
    ///
    /// If there is no such ancestor, or it did not arrive, and what `read` fails with.
    pub(crate) fn walk(
        &self,
        revision: &[u8],
        mut commit: ObjectId,
        read: &mut Read<'_>,
    ) -> Result<ObjectId, Error> {
        for step in &self.steps {
            for _ in 0..step.times {
                commit = parent(revision, commit, step.parent, read)?;
            }
        }
        Ok(commit)
    }
}

/// The parent of a commit with this number, counted from 1.
fn parent(
    revision: &[u8],
    commit: ObjectId,
    number: u32,
    read: &mut Read<'_>,
) -> Result<ObjectId, Error> {
    let Some((kind, bytes)) = read(commit)? else {
        let revision = revision.to_vec();
        return Err(AncestryError::NotSent { revision, commit }.into());
    };
    let malformed = |problem| {
        let id = commit;
        Error::from(PeelError::Malformed { id, problem })
    };
    if kind != Kind::Commit {
        return Err(malformed("it stands where a commit should be"));
    }
    let mut parents = 0;
    // gitformat-commit: the tree comes first, then each parent on a line of its own.
    for line in bytes.split(|&byte| byte == b'\n').skip(1) {
        let Some(hex) = line.strip_prefix(b"parent ") else {
            break;
        };
        parents += 1;
        if parents as u32 == number {
            return ObjectId::from_hex(hex)
                .filter(|id| id.format() == commit.format())
                .ok_or_else(|| malformed("one of its parents is no object id"));
        }
    }
    Err(AncestryError::NoParent {
        revision: revision.to_vec(),
        commit,
        number,
        parents,
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generations(text: &str) -> Option<u32> {
        let (base, ancestry) = Ancestry::split(text.as_bytes())?;
        assert_eq!(base, b"main", "{text}");
        Some(ancestry.generations())
    }

    #[test]
    fn signs_and_numbers_add_up() {
        for (text, expected) in [
            ("main", 0),
            ("main~0", 0),
            ("main^0", 0),
            ("main~", 1),
            ("main^", 1),
            ("main^2", 1),
            ("main^^", 2),
            ("main~3^2~", 5),
            ("main~1000000", 1_000_000),
            ("main~007", 7),
        ] {
            assert_eq!(generations(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_anything_else_is_refused() {
        for text in [
            "~1",
            "^main",
            "main~1x",
            "main^{tree}",
            "main^{}",
            "main^-1",
            "main~+1",
            "main~1:file",
            "main^!",
            "main^@",
            "main~1000001",
            "main~1000000^",
            "main~4294967296",
            "main^4294967296",
            "main~99999999999999999999",
            "main~ 1",
        ] {
            assert!(Ancestry::split(text.as_bytes()).is_none(), "{text}");
        }
    }

    fn id(digit: char) -> ObjectId {
        let hex: String = std::iter::repeat_n(digit, 40).collect();
        ObjectId::from_hex(hex.as_bytes()).expect("it is hex")
    }

    /// `a` has the parents `b` and `c`, `b` has none, and `c` is not there.
    fn read(wanted: ObjectId) -> Result<Option<(Kind, Vec<u8>)>, Error> {
        let tree = id('e');
        let parents = match wanted {
            wanted if wanted == id('a') => format!("parent {}\nparent {}\n", id('b'), id('c')),
            wanted if wanted == id('b') => String::new(),
            wanted if wanted == id('d') => format!("parent {}\n", "a".repeat(64)),
            _ => return Ok(None),
        };
        // What a message says is no parent.
        let text = format!("tree {tree}\n{parents}author me\n\nparent {tree}\n");
        Ok(Some((Kind::Commit, text.into_bytes())))
    }

    #[test]
    fn parents_are_found_by_their_numbers() {
        let walk = |from: char, text: &str| {
            let (_, ancestry) = Ancestry::split(text.as_bytes()).expect("it is one");
            ancestry.walk(text.as_bytes(), id(from), &mut read)
        };
        for (text, expected) in [
            ("x", 'a'),
            ("x^0", 'a'),
            ("x~", 'b'),
            ("x^1", 'b'),
            ("x^2", 'c'),
        ] {
            assert_eq!(walk('a', text).expect(text), id(expected), "{text}");
        }
        for (from, text, kind) in [
            ('a', "x^3", ErrorKind::RevisionNotFound),
            ('a', "x~2", ErrorKind::RevisionNotFound),
            ('a', "x^2~1", ErrorKind::RevisionNotFound),
            ('d', "x~1", ErrorKind::CorruptObject),
        ] {
            let error = walk(from, text).expect_err(text);
            assert_eq!(error.kind(), kind, "{text}: {error}");
        }
    }
}
