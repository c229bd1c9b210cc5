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
use crate::import::keep::{Found as Revision, Keeper, Peeled, keep_later};
use crate::import::options::{Control, Options};
use crate::import::plan;
use crate::local::{Repository, Verify, missing, read_many, read_one};
use crate::manifest::{Header, Origin, SkipReason};
use crate::pack::{Found, Kind, Work};
use crate::progress::Step;
use crate::tree::{Outline, TreePath, TreeSet};

/// Reads everything that the import of the repository at `path` needs.
///
/// `None` if the `keeper` has the whole import already.
pub(super) fn feed(
    path: &Path,
    options: &Options,
    control: &Control,
    keeper: Option<&dyn Keeper>,
) -> Result<Option<Feed>, Error> {
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
    if let Some(keeper) = keeper {
        let found = Revision {
            reference: target.reference.clone(),
            id: target.commit.unwrap_or(target.tree),
            peeled: Some(Peeled {
                commit: target.commit,
                tree: target.tree,
            }),
        };
        keeper.learn(&found)?;
        if keeper.has_import(&found)? {
            return Ok(None);
        }
    }

    progress.enter(Step::Walking, 0, 0);
    let mut trees = TreeSet::new(repository.format(), &options.limits);
    let mut load = |id| load_tree(&repository, id, options, &work, keeper);
    let root = trees.find_folder(target.tree, &subdir, &mut load)?;
    let rules = Rules::find(&mut trees, target.tree, subdir.clone(), &mut load)?;
    if !plan::is_selective(options) {
        load_all_trees(&mut trees, root, &repository, options, &work, keeper)?;
    }
    let outline = plan::outline(trees, root, &filter, &mut load, options, control)?;

    let (blobs, later) = read_blobs(&repository, &outline, options, control, &work, keeper)?;
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
    let content = ContentSource {
        objects: Objects::Local(Box::new(repository.odb)),
        work,
        verify: verify(options, keeper),
        limits: options.limits.clone(),
    };
    if let Some(keeper) = keeper {
        let uses = outline.blobs();
        let later: Vec<_> = later
            .into_iter()
            .filter_map(|position| match &blobs[position] {
                BlobState::Read(facts) => Some((uses.id(position), facts)),
                BlobState::Skipped { .. } => None,
            })
            .collect();
        keep_later(keeper, &content, &later)?;
    }
    Ok(Some(Feed {
        header,
        outline,
        blobs,
        rules,
        content,
    }))
}

/// How far packed objects are checked: what is remembered by id always by its id.
fn verify(options: &Options, keeper: Option<&dyn Keeper>) -> Verify {
    match keeper {
        Some(keeper) if keeper.remembers() => Verify::Ids,
        _ => options.verify,
    }
}

/// Reads one tree, which is always checked by its id.
fn load_tree(
    repository: &Repository,
    id: ObjectId,
    options: &Options,
    work: &Work,
    keeper: Option<&dyn Keeper>,
) -> Result<Option<Vec<u8>>, Error> {
    if let Some(keeper) = keeper
        && let Some(bytes) = keeper.recall_tree(id)?
    {
        return Ok(Some(bytes));
    }
    let max_tree_bytes = options.limits.max_tree_bytes;
    let limits = options.limits.clone().max_blob(max_tree_bytes);
    match read_one(&repository.odb, id, Verify::Ids, &limits, work)? {
        None => Ok(None),
        Some((Kind::Tree, bytes)) => {
            if let Some(keeper) = keeper {
                keeper.keep_tree(id, &bytes)?;
            }
            Ok(Some(bytes))
        }
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
    keeper: Option<&dyn Keeper>,
) -> Result<(), Error> {
    let limits = options
        .limits
        .clone()
        .max_blob(options.limits.max_tree_bytes);
    trees.want(root)?;
    loop {
        work.cancel.check()?;
        let mut ids = trees.take_missing()?;
        if ids.is_empty() {
            return Ok(());
        }
        if let Some(keeper) = keeper {
            recall_trees(trees, &mut ids, keeper)?;
        }
        let judge = trees.judge();
        let set = Mutex::new(&mut *trees);
        let insert = |number: usize, found: Found<'_>| {
            let insert = |bytes: &[u8]| {
                if let Some(keeper) = keeper {
                    keeper.keep_tree(ids[number], bytes)?;
                }
                let judged = judge.judge(bytes);
                set.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert_judged(ids[number], judged)
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

/// Takes those of `ids` into the set that the keeper remembers, and leaves the others.
fn recall_trees(
    trees: &mut TreeSet,
    ids: &mut Vec<ObjectId>,
    keeper: &dyn Keeper,
) -> Result<(), Error> {
    let mut unknown = Vec::new();
    // A keeper has those beside each other whose ids are.
    ids.sort_unstable();
    for &id in &*ids {
        match keeper.recall_tree(id)? {
            Some(bytes) => trees.insert(id, &bytes)?,
            None => unknown.push(id),
        }
    }
    *ids = unknown;
    Ok(())
}

/// Reads, hashes and classifies each blob of the outline once, but for those that the keeper
/// remembers. The positions of those that are still to be kept come with them.
fn read_blobs(
    repository: &Repository,
    outline: &Outline,
    options: &Options,
    control: &Control,
    work: &Work,
    keeper: Option<&dyn Keeper>,
) -> Result<(Vec<BlobState>, Vec<usize>), Error> {
    let uses = outline.blobs();
    let ids: Vec<ObjectId> = (0..uses.len()).map(|position| uses.id(position)).collect();
    control.progress.enter(Step::Reading, ids.len() as u64, 0);
    control.progress.set_files(outline.totals().files);
    let may_miss = options.allow_missing || repository.is_partial_clone;
    let limits = &options.limits;
    let total = AtomicU64::new(0);
    let states: Vec<OnceLock<BlobState>> = ids.iter().map(|_| OnceLock::new()).collect();
    let mut positions: Vec<usize> = (0..ids.len()).collect();
    if let Some(keeper) = keeper {
        let recalled = keeper.recall(&ids)?;
        positions.retain(|&position| recalled[position].is_none());
        for (state, facts) in states.iter().zip(recalled) {
            if let Some(facts) = facts {
                control.progress.object_done(facts.size);
                let _ = state.set(BlobState::Read(facts));
            }
        }
    }
    let unknown: Vec<ObjectId> = positions.iter().map(|&position| ids[position]).collect();
    let later = Mutex::new(Vec::new());
    let at_path = |position: usize| outline.path_of(uses.get(position).first_event);

    let all = |position: usize, size: u64| size.saturating_mul(u64::from(uses.get(position).count));
    let discharge = |position: usize, size: u64| {
        total.fetch_sub(all(position, size), Ordering::Relaxed);
    };
    let charge = |position: usize, size: u64| {
        let bytes = all(position, size);
        let sum = total
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        crate::limits::check("max_total_bytes", limits.max_total_bytes, sum)
            .map_err(|error| error.at_path(&at_path(position)))
    };
    let take = |number: usize, found: Found<'_>| {
        let position = positions[number];
        let state = match found {
            Found::Whole(Kind::Blob, bytes) => {
                charge(position, bytes.len() as u64)?;
                let facts = examine(bytes);
                if let Some(keeper) = keeper {
                    keeper.keep(ids[position], &facts, bytes)?;
                }
                control.progress.object_done(facts.size);
                BlobState::Read(facts)
            }
            Found::Stream(Kind::Blob, stream) => {
                charge(position, stream.size())?;
                let mut examiner = Examiner::new();
                stream
                    .for_each_chunk(&mut |chunk| {
                        work.cancel.check()?;
                        examiner.update(chunk);
                        control.progress.bytes_done(chunk.len() as u64);
                        Ok(())
                    })
                    // Another copy is counted by itself.
                    .inspect_err(|_| discharge(position, stream.size()))?;
                control.progress.object_done(0);
                later
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(position);
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
    let verify = verify(options, keeper);
    read_many(&repository.odb, &unknown, verify, limits, work, &take)?;
    let states: Result<_, Error> = states
        .into_iter()
        .zip(ids)
        .map(|(state, id)| state.into_inner().ok_or_else(|| missing(id)))
        .collect();
    Ok((
        states?,
        later.into_inner().unwrap_or_else(PoisonError::into_inner),
    ))
}
