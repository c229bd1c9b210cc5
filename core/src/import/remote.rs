//! The feeder for servers: one pack, taken in while it arrives.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::content::BlobFacts;
use crate::error::Error;
use crate::filter::Filter;
use crate::id::{ObjectFormat, ObjectId};
use crate::import::content::{ContentSource, Objects};
use crate::import::feed::{BlobState, Feed, Rules};
use crate::import::keep::{Found, Keeper, Peeled, keep_later};
use crate::import::listing::{Listing, Wanted, incomplete};
use crate::import::options::{Control, Options};
use crate::import::plan;
use crate::ingest::{Companions, Received, SoFar, StreamError, ingest};
use crate::local::Verify;
use crate::manifest::{Header, Origin};
use crate::pack::{PackData, Work};
use crate::peel::peel;
use crate::progress::Step;
use crate::remote::{Fetched, FetchedRef, Remote, Revision, fetch};
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
    let subdir = TreePath::parse(options.subdir.as_deref().unwrap_or_default().as_bytes())?;
    let filter = Filter::new(&options.include, &options.exclude)?;
    let name = options.revision.as_deref().unwrap_or("HEAD").as_bytes();
    let revision = Revision::parse(name).map_err(Error::from)?;
    let work = plan::work(options, control)?;
    let remote = Remote::new(url, &options.remote, &options.limits, cancel, progress);
    // What a folder or a filter leaves out is not kept, and which blobs that are is seen at the end.
    let at_once = keeper.filter(|_| subdir.is_root() && filter.is_empty());
    // A keeper that fails ends the conversation too.
    let failure = RefCell::new(None);
    let is_known = |found: &FetchedRef| {
        let Some(keeper) = keeper else {
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
    let wanted = Wanted {
        name,
        subdir: &subdir,
        filter: &filter,
        options,
        control,
    };
    let fetched = fetch(&remote, &revision, is_known, |found, pack| {
        let listed = Mutex::new(None);
        let look = |so_far: &SoFar<'_>| {
            let early = wanted.list_early(found.id, so_far);
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
                look: Some(&look),
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
            let (commit, tree) = peel(name, found.id, &mut |id| content.read_object(id))?;
            (Peeled { commit, tree }, None)
        }
    };
    if let Some(keeper) = keeper {
        keeper.learn(&Found {
            reference: origin.reference.clone(),
            id: found.id,
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
        None => wanted.list(tree, found.object_format, &mut |id| {
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
    Ok(Some(Feed {
        header: Header::new(origin, plan::choices(options)),
        blobs: states,
        outline,
        rules,
        content,
    }))
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
