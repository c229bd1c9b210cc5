//! The feeder for servers: one pack, taken in while it arrives.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::ancestry::{Ancestry, AncestryError};
use crate::content::BlobFacts;
use crate::error::Error;
use crate::filter::Filter;
use crate::id::{ObjectFormat, ObjectId};
use crate::import::content::{ContentSource, Objects};
use crate::import::feed::{BlobState, Feed, Rules};
use crate::import::keep::{Found, Keeper, Peeled, keep_later};
use crate::import::listing::{Listing, Selection, incomplete};
use crate::import::options::{Control, Options};
use crate::import::plan;
use crate::ingest::{Companions, Received, SoFar, StreamError, ingest};
use crate::local::Verify;
use crate::manifest::{Header, Origin};
use crate::pack::{Kind, PackData, Work};
use crate::peel::peel;
use crate::progress::Step;
use crate::remote::{Fetched, FetchedRef, Remote, Wanted, fetch};
use crate::source::RemoteUrl;
use crate::tree::{TreePath, TreeSet};

/// Fetches one commit from `url` and gathers what its import needs.
///
/// `None` if the `keeper` has the whole import already.
pub(super) fn feed(
    url: &RemoteUrl,
    options: &Options,
    control: &Control,
    keeper: Option<&dyn Keeper>,
) -> Result<Option<Feed>, Error> {
    let Control {
        progress, cancel, ..
    } = control;
    let subdir = TreePath::parse(options.subdir.as_deref().unwrap_or_default())?;
    let filter = Filter::new(&options.include, &options.exclude)?;
    let name = options.revision.as_deref().unwrap_or("HEAD").as_bytes();
    let Wanted { revision, ancestry } = Wanted::parse(name, options.remote.depth)?;
    let work = plan::work(options, control)?;
    let remote = Remote::new(url, &options.remote, &options.limits, cancel, progress);
    // What a folder, a filter or a depth leaves out is not kept, and which blobs that are is seen at
    // the end.
    let is_all_wanted = subdir.is_root() && filter.is_empty() && options.remote.depth == 1;
    let at_once = keeper.filter(|_| is_all_wanted);
    // A keeper that fails ends the conversation too.
    let failure = RefCell::new(None);
    let is_known = |found: &FetchedRef| {
        // Where one goes back from there is seen in the commits.
        let Some(keeper) = keeper.filter(|_| ancestry.is_empty()) else {
            return false;
        };
        let known = keeper.has_import(&Found {
            reference: found.name.clone(),
            id: found.id,
            peeled: None,
        });
        known.unwrap_or_else(|error| {
            failure.replace(Some(error));
            true
        })
    };
    let selection = Selection {
        name,
        subdir: &subdir,
        filter: &filter,
        options,
        control,
    };
    let fetched = fetch(&remote, &revision, is_known, |found, pack| {
        let listed = Mutex::new(None);
        let look = |so_far: &SoFar<'_>| {
            let early = selection.list_early(found.id, so_far);
            *listed.lock().unwrap_or_else(PoisonError::into_inner) = early.ok();
        };
        let received = ingest(
            pack,
            found.object_format,
            &options.limits,
            &work,
            progress,
            Companions {
                keeper: at_once,
                // Where one goes back to is known once all commits are there.
                look: ancestry.is_empty().then_some(&look),
            },
        )?;
        let listed = listed.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((found.clone(), received, listed))
    })?;
    let mut origin = Origin::of_tree(ObjectId::null(ObjectFormat::Sha1));
    origin.url = Some(url.to_string());
    let (found, received, listed) = match fetched {
        Fetched::Pack(pack) => pack,
        Fetched::Empty {
            head,
            object_format,
        } => {
            if !ancestry.is_empty() {
                let revision = name.to_vec();
                return Err(AncestryError::Unborn { revision }.into());
            }
            origin.reference = head;
            return empty(origin, object_format, &subdir, options, control, work).map(Some);
        }
        Fetched::Known => return failure.into_inner().map_or(Ok(None), Err),
    };

    progress.enter(Step::Walking, 0, 0);
    origin.reference = found.name;
    let Received {
        facts,
        mut trees,
        pack,
        places,
        streamed,
    } = received;
    let content = ContentSource {
        objects: Objects::Received(Box::new(pack), places),
        work,
        verify: Verify::Ids,
        limits: options.limits.clone(),
    };
    let (Peeled { commit, tree }, listing) = match listed {
        Some((peeled, listing)) => (peeled, Some(listing)),
        None => {
            let (commit, tree) = target(name, found.id, &ancestry, &content)?;
            (Peeled { commit, tree }, None)
        }
    };
    if let Some(keeper) = keeper {
        keeper.learn(&Found {
            reference: origin.reference.clone(),
            id: match commit {
                Some(commit) if !ancestry.is_empty() => commit,
                _ => found.id,
            },
            peeled: Some(Peeled { commit, tree }),
        })?;
        for (id, bytes) in &trees {
            keeper.keep_tree(*id, bytes)?;
        }
    }
    let Listing {
        root,
        rules,
        outline,
    } = match listing {
        Some(listing) => listing,
        None => selection.list(tree, found.object_format, &mut |id| {
            let bytes = trees.remove(&id).ok_or_else(|| incomplete(id))?;
            Ok(Some(bytes.into_vec()))
        })?,
    };
    drop(trees);
    let uses = outline.blobs();
    let mut facts: Vec<Option<BlobFacts>> = facts.into_iter().map(Some).collect();
    let states: Result<Vec<BlobState>, Error> = (0..uses.len())
        .map(|position| {
            let id = uses.id(position);
            let blob = content.received_blob(&id);
            let facts = blob.and_then(|blob| facts[blob].take());
            facts.map(BlobState::Read).ok_or_else(|| {
                let path = outline.path_of(uses.get(position).first_event);
                StreamError::Incomplete { id, path }.into()
            })
        })
        .collect();
    let states = states?;
    if let Some(keeper) = keeper {
        let is_later = |id: &ObjectId| at_once.is_none() || streamed.contains(id);
        let later: Vec<(ObjectId, &BlobFacts)> = states
            .iter()
            .enumerate()
            .filter_map(|(position, state)| match state {
                BlobState::Read(facts) => Some((uses.id(position), facts)),
                BlobState::Skipped { .. } => None,
            })
            .filter(|(id, _)| is_later(id))
            .collect();
        keep_later(keeper, &content, &later)?;
    }
    origin.commit = commit;
    origin.tree = root;
    origin.subdir = (!subdir.is_root()).then(|| subdir.as_bytes().to_vec());
    origin.subdir_of = (!subdir.is_root() && commit.is_none()).then_some(tree);
    Ok(Some(Feed {
        header: Header::new(origin, plan::choices(options)),
        blobs: states,
        outline,
        rules,
        content,
    }))
}

/// The commit, if there is one, and the tree that `revision` means, which goes back by `ancestry` from
/// the object `id`.
fn target(
    revision: &[u8],
    id: ObjectId,
    ancestry: &Ancestry,
    content: &ContentSource,
) -> Result<(Option<ObjectId>, ObjectId), Error> {
    let (commit, tree) = peel(revision, id, &mut |id| content.read_object(id))?;
    if ancestry.is_empty() {
        return Ok((commit, tree));
    }
    let Some(commit) = commit else {
        return Err(AncestryError::NotACommit {
            revision: revision.to_vec(),
            kind: Kind::Tree.name(),
            id: tree,
        }
        .into());
    };
    let has_arrived = |id: &ObjectId| match &content.objects {
        Objects::Received(_, places) => places.contains_key(id),
        Objects::Local(_) => true,
    };
    let mut read = |id| {
        content.work.cancel.check()?;
        match has_arrived(&id) {
            true => content.read_object(id).map(Some),
            false => Ok(None),
        }
    };
    let ancestor = ancestry.walk(revision, commit, &mut read)?;
    if read(ancestor)?.is_none() {
        let (revision, commit) = (revision.to_vec(), ancestor);
        return Err(AncestryError::NotSent { revision, commit }.into());
    }
    peel(revision, ancestor, &mut |id| content.read_object(id))
}

/// An import of a repository that has no commit yet.
fn empty(
    mut origin: Origin,
    format: ObjectFormat,
    subdir: &TreePath,
    options: &Options,
    control: &Control,
    work: Work,
) -> Result<Feed, Error> {
    let root = Origin::empty(format).tree;
    let mut set = TreeSet::new(format, &options.limits);
    set.insert(root, b"")?;
    let mut load = |_| Ok(None);
    origin.tree = set.find_folder(root, subdir, &mut load)?;
    let rules = Rules::find(&mut set, root, subdir.clone(), &mut load)?;
    let outline = plan::outline(set, root, &Filter::default(), &mut load, options, control)?;
    Ok(Feed {
        header: Header::new(origin, plan::choices(options)),
        blobs: Vec::new(),
        outline,
        rules,
        content: ContentSource {
            objects: Objects::Received(
                Box::new(PackData::from_memory(Vec::new(), format)),
                HashMap::new(),
            ),
            work,
            verify: Verify::Ids,
            limits: options.limits.clone(),
        },
    })
}
