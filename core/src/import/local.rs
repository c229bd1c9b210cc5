//! The feeder for repositories on disk: trees first, then each blob once.

use std::path::Path;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::content::{Examiner, examine};
use crate::error::{Error, LimitError};
use crate::filter::Filter;
use crate::id::ObjectId;
use crate::import::content::{ContentSource, Objects, wrong_kind};
use crate::import::feed::{BlobState, Feed, Rules};
use crate::import::options::{Control, Options};
use crate::import::plan;
use crate::local::{Repository, Verify, missing, read_many, read_one};
use crate::manifest::{Header, Origin, SkipReason};
use crate::pack::{Found, Kind, Work};
use crate::progress::Step;
use crate::tree::{Outline, TreePath, TreeSet};

/// Reads everything that the import of the repository at `path` needs.
pub(super) fn feed(path: &Path, options: &Options, control: &Control) -> Result<Feed, Error> {
    let Control { progress, .. } = control;
    progress.enter(Step::Opening, 0, 0);
    let subdir = TreePath::parse(options.subdir.as_deref().unwrap_or_default())?;
    let filter = Filter::new(&options.include, &options.exclude)?;
    let work = plan::work(options, control)?;
    let repository = Repository::open(path, options.alternates)?;
    let revision = options.revision.as_deref().map(str::as_bytes);
    // A commit is no file, so that the cap on files is not for it.
    let limits = &options.limits;
    let for_commits = limits.clone().max_blob(limits.max_tree_bytes);
    let target = repository.find(revision, &for_commits, &work)?;

    progress.enter(Step::Walking, 0, 0);
    let mut trees = TreeSet::new(repository.format(), &options.limits);
    let mut load = |id| load_tree(&repository, id, &options.limits, &work);
    let root = trees.find_folder(target.tree, &subdir, &mut load)?;
    let rules = Rules::find(&mut trees, target.tree, subdir.clone(), &mut load)?;
    if !plan::is_selective(options) {
        load_all_trees(&mut trees, root, &repository, options, &work)?;
    }
    let outline = plan::outline(trees, root, &filter, &mut load, options, control)?;

    let blobs = read_blobs(&repository, &outline, options, control, &work)?;
    let header = Header::new(
        Origin {
            reference: target.reference,
            commit: target.commit,
            subdir: (!subdir.is_root()).then(|| subdir.as_bytes().to_vec()),
            subdir_of: (!subdir.is_root() && target.commit.is_none()).then_some(target.tree),
            ..Origin::of_tree(root)
        },
        plan::choices(options),
    );
    Ok(Feed {
        header,
        outline,
        blobs,
        rules,
        content: ContentSource {
            objects: Objects::Local(Box::new(repository.odb)),
            work,
            verify: options.verify,
            limits: options.limits.clone(),
        },
    })
}

/// Reads one tree, which is always checked by its id.
fn load_tree(
    repository: &Repository,
    id: ObjectId,
    limits: &crate::Limits,
    work: &Work,
) -> Result<Option<Vec<u8>>, Error> {
    let limits = limits.clone().max_blob(limits.max_tree_bytes);
    match read_one(&repository.odb, id, Verify::Ids, &limits, work)? {
        None => Ok(None),
        Some((Kind::Tree, bytes)) => Ok(Some(bytes)),
        Some(_) => Err(wrong_kind(id)),
    }
}

/// Reads the trees below `root` level by level, each level in parallel.
fn load_all_trees(
    trees: &mut TreeSet,
    root: ObjectId,
    repository: &Repository,
    options: &Options,
    work: &Work,
) -> Result<(), Error> {
    let limits = options
        .limits
        .clone()
        .max_blob(options.limits.max_tree_bytes);
    trees.want(root)?;
    loop {
        work.cancel.check()?;
        let ids = trees.take_missing()?;
        if ids.is_empty() {
            return Ok(());
        }
        let set = Mutex::new(&mut *trees);
        let insert = |number: usize, found: Found<'_>| {
            let insert = |bytes: &[u8]| {
                set.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(ids[number], bytes)
            };
            match found {
                Found::Whole(Kind::Tree, bytes) => insert(bytes),
                Found::Stream(Kind::Tree, stream) => insert(&stream.to_vec()?),
                Found::Whole(..) | Found::Stream(..) => Err(wrong_kind(ids[number])),
                Found::TooLarge(size) => {
                    Err(LimitError::new("max_tree_bytes", limits.max_tree_bytes)
                        .actual(size)
                        .at_object(ids[number])
                        .into())
                }
                // The walk says by which path it is missed.
                Found::Missing => Ok(()),
            }
        };
        read_many(&repository.odb, &ids, Verify::Ids, &limits, work, &insert)?;
    }
}

/// Reads, hashes and classifies each blob of the outline once.
fn read_blobs(
    repository: &Repository,
    outline: &Outline,
    options: &Options,
    control: &Control,
    work: &Work,
) -> Result<Vec<BlobState>, Error> {
    let uses = outline.blobs();
    let ids: Vec<ObjectId> = (0..uses.len()).map(|position| uses.id(position)).collect();
    control.progress.enter(Step::Reading, ids.len() as u64, 0);
    control.progress.set_files(outline.totals().files);
    let may_miss = options.allow_missing || repository.is_partial_clone;
    let limits = &options.limits;
    let total = AtomicU64::new(0);
    let states: Vec<OnceLock<BlobState>> = ids.iter().map(|_| OnceLock::new()).collect();
    let at_path = |position: usize| outline.path_of(uses.get(position).first_event);

    let charge = |position: usize, size: u64| {
        let bytes = size.saturating_mul(u64::from(uses.get(position).count));
        let sum = total
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        crate::limits::check("max_total_bytes", limits.max_total_bytes, sum)
            .map_err(|error| error.at_path(&at_path(position)))
    };
    let keep = |position: usize, found: Found<'_>| {
        let state = match found {
            Found::Whole(Kind::Blob, bytes) => {
                charge(position, bytes.len() as u64)?;
                let facts = examine(bytes);
                control.progress.object_done(facts.size);
                BlobState::Read(facts)
            }
            Found::Stream(Kind::Blob, stream) => {
                charge(position, stream.size())?;
                let mut examiner = Examiner::new();
                stream.for_each_chunk(&mut |chunk| {
                    work.cancel.check()?;
                    examiner.update(chunk);
                    control.progress.bytes_done(chunk.len() as u64);
                    Ok(())
                })?;
                control.progress.object_done(0);
                BlobState::Read(examiner.finish())
            }
            Found::Whole(..) | Found::Stream(..) => return Err(wrong_kind(ids[position])),
            Found::TooLarge(size) => BlobState::Skipped {
                size: Some(size),
                reason: SkipReason::TooLarge,
            },
            Found::Missing if may_miss => BlobState::Skipped {
                size: None,
                reason: SkipReason::Missing,
            },
            Found::Missing => {
                return Err(plan::missing_blob(ids[position], at_path(position)));
            }
        };
        // Each position is read once, so the slot is free.
        let _ = states[position].set(state);
        Ok(())
    };
    read_many(&repository.odb, &ids, options.verify, limits, work, &keep)?;
    states
        .into_iter()
        .zip(ids)
        .map(|(state, id)| state.into_inner().ok_or_else(|| missing(id)))
        .collect()
}
