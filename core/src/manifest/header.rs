//! Where a manifest comes from.

use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;

/// The first record of a manifest: what was imported, and with which options.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// What was imported.
    pub source: Origin,
    /// The options that have a say in the result.
    pub options: Choices,
}

/// What was imported.
///
/// A path of the host is never in here: local and remote imports of one commit differ in `url` and
/// `reference` alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The URL without credentials; `None` for a local repository.
    pub url: Option<String>,
    /// The ref that led to the commit, such as `refs/heads/main`; `None` if an id did. In the
    /// manifest it is called `ref`.
    pub reference: Option<Vec<u8>>,
    /// The commit; `None` if a tree was imported, or an empty repository.
    pub commit: Option<ObjectId>,
    /// The tree whose entries these are: that of the commit, or of `subdir` in it. For an empty
    /// repository it is the id of the empty tree.
    pub tree: ObjectId,
    /// The one imported folder, without slashes at its ends; `None` for all. Paths of entries are
    /// relative to it.
    pub subdir: Option<Vec<u8>>,
    /// The tree that `subdir` is in, if a tree was named rather than a commit: the rules above the
    /// folder (attributes, `.gitmodules`) are those of this one.
    pub subdir_of: Option<ObjectId>,
}

/// Options of the import that have a say in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choices {
    /// Patterns of what is imported; all is, if there are none.
    pub include: Vec<String>,
    /// Patterns of what is not imported.
    pub exclude: Vec<String>,
    /// Bytes of the largest file that is read.
    pub max_blob: u64,
    /// Whether missing objects are skipped, rather than an error.
    pub allow_missing: bool,
}

impl Default for Choices {
    fn default() -> Self {
        Choices {
            include: Vec::new(),
            exclude: Vec::new(),
            max_blob: Limits::default().max_blob,
            allow_missing: false,
        }
    }
}

impl Header {
    pub(crate) fn new(source: Origin, options: Choices) -> Self {
        Header { source, options }
    }

    /// How the repository names its objects.
    pub fn object_format(&self) -> ObjectFormat {
        self.source.tree.format()
    }
}

impl Origin {
    /// Makes the origin of a tree that nothing else is known of.
    pub(crate) fn of_tree(tree: ObjectId) -> Self {
        Origin {
            url: None,
            reference: None,
            commit: None,
            tree,
            subdir: None,
            subdir_of: None,
        }
    }

    /// Makes the origin of a repository without commits.
    pub(crate) fn empty(format: ObjectFormat) -> Self {
        Self::of_tree(ObjectId::from_gix(&gix::hash::ObjectId::empty_tree(
            format.to_gix(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_repositories_have_the_empty_tree() {
        // From `git hash-object -t tree /dev/null`, in a repository of each format.
        assert_eq!(
            Origin::empty(ObjectFormat::Sha1).tree.to_string(),
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        );
        assert_eq!(
            Origin::empty(ObjectFormat::Sha256).tree.to_string(),
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
        );
    }
}
