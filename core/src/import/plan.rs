//! What local and remote imports prepare alike.

use std::path::PathBuf;

use crate::budget::Budget;
use crate::error::{Error, ErrorKind, StageError};
use crate::filter::Filter;
use crate::glob::MatchCounter;
use crate::id::ObjectId;
use crate::import::feed::Rules;
use crate::import::options::{Control, Options};
use crate::manifest::Choices;
use crate::pack::Work;
use crate::printable::Printable;
use crate::spill::Buffers;
use crate::tree::{EntryKind, Outline, TreePath, TreeSet};

/// The least memory with which an import works.
const MIN_MEMORY: u64 = 1 << 20;

/// The most threads that make sense.
const MAX_THREADS: usize = 1024;

/// Starts the threads, and sets up memory and limits.
pub(super) fn work(options: &Options, control: &Control) -> Result<Work, Error> {
    if options.memory < MIN_MEMORY {
        return Err(Error::advised(
            ErrorKind::InvalidOptions,
            format!(
                "{} bytes of memory are too few for an import",
                options.memory
            ),
            format!("give it {MIN_MEMORY} bytes or more"),
        ));
    }
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads.min(MAX_THREADS),
    };
    let spool = options.spool_dir.clone().unwrap_or_else(default_spool_dir);
    let buffers = Buffers::new(Budget::new(options.memory), spool, options.limits.max_spool);
    Work::new(
        threads,
        buffers,
        control.cancel.clone(),
        options.limits.max_inflate_ratio,
    )
}

/// `/var/tmp` is on a disk, while `/tmp` often is memory, which spilled buffers are to relieve.
fn default_spool_dir() -> PathBuf {
    let on_disk = PathBuf::from("/var/tmp");
    if on_disk.is_dir() {
        return on_disk;
    }
    std::env::temp_dir()
}

/// Makes the outline, with the filter if there is one.
pub(super) fn outline(
    trees: TreeSet,
    root: ObjectId,
    filter: &Filter,
    load: &mut dyn FnMut(ObjectId) -> Result<Option<Vec<u8>>, Error>,
    options: &Options,
    control: &Control,
) -> Result<Outline, Error> {
    if filter.is_empty() {
        return Outline::new(trees, root, None, load, &control.cancel);
    }
    let mut counter = MatchCounter::new(&options.limits);
    let mut decide = |path: &[u8], is_folder| Ok(filter.decide(path, is_folder, &mut counter)?);
    Outline::new(trees, root, Some(&mut decide), load, &control.cancel)
}

/// Whether the options pick so few folders that most trees need not be read: every pattern is tied
/// to a place in the tree.
pub(super) fn is_selective(options: &Options) -> bool {
    let is_anchored = |pattern: &String| {
        let pattern = pattern.trim_end_matches('/');
        pattern.contains('/') && !pattern.starts_with("**") && !pattern.starts_with('!')
    };
    !options.include.is_empty() && options.include.iter().all(is_anchored)
}

/// The options that have a say in the result.
pub(super) fn choices(options: &Options) -> Choices {
    Choices {
        include: options.include.clone(),
        exclude: options.exclude.clone(),
        max_blob: options.limits.max_blob,
        allow_missing: options.allow_missing,
    }
}

impl Rules {
    /// Finds the attributes files above the imported folder, and `.gitmodules`.
    pub(super) fn find(
        trees: &mut TreeSet,
        root: ObjectId,
        subdir: TreePath,
        load: &mut dyn FnMut(ObjectId) -> Result<Option<Vec<u8>>, Error>,
    ) -> Result<Self, Error> {
        let mut rules = Rules::default();
        let file = |trees: &mut TreeSet, tree, name: &[u8]| {
            trees
                .entry_named(tree, name)
                .filter(|found| found.kind == EntryKind::File)
                .map(|found| found.id)
        };
        // Also brings the root into the set.
        trees.find_folder(root, &TreePath::default(), load)?;
        trees.open_folder(root, load)?;
        rules.modules = file(trees, root, b".gitmodules");
        rules.above.push(file(trees, root, b".gitattributes"));
        let mut tree = root;
        for name in subdir.names() {
            let Some(found) = trees.entry_named(tree, name) else {
                break;
            };
            tree = found.id;
            trees.open_folder(tree, load)?;
            rules.above.push(file(trees, tree, b".gitattributes"));
        }
        rules.subdir = subdir;
        Ok(rules)
    }
}

/// A blob that the tree names is not there.
#[derive(Debug, thiserror::Error)]
#[error(
    "the content of \"{}\", object {id}, is not in the repository",
    Printable(path)
)]
struct MissingBlob {
    id: ObjectId,
    path: Vec<u8>,
}

/// The error for a blob that has to be there.
pub(super) fn missing_blob(id: ObjectId, path: Vec<u8>) -> Error {
    MissingBlob { id, path }.into()
}

impl StageError for MissingBlob {
    fn kind(&self) -> ErrorKind {
        ErrorKind::MissingObject
    }

    fn advice(&self) -> Option<std::borrow::Cow<'static, str>> {
        Some("fetch it, or allow missing objects if the repository is incomplete on purpose".into())
    }

    fn path(&self) -> Option<&[u8]> {
        Some(&self.path)
    }

    fn object(&self) -> Option<ObjectId> {
        Some(self.id)
    }
}
