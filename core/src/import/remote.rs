//! The feeder for servers: one pack, taken in while it arrives.

use std::collections::HashMap;

use crate::ancestry::{Ancestry, AncestryError};
use crate::error::Error;
use crate::filter::Filter;
use crate::id::{ObjectFormat, ObjectId};
use crate::import::content::{ContentSource, Objects};
use crate::import::feed::{BlobState, Feed, Rules};
use crate::import::options::{Control, Options};
use crate::import::plan;
use crate::ingest::{Received, StreamError, ingest};
use crate::local::Verify;
use crate::manifest::{Header, Origin};
use crate::pack::{Kind, PackData, Work};
use crate::peel::peel;
use crate::progress::Step;
use crate::remote::{Fetched, Remote, Wanted, fetch};
use crate::source::RemoteUrl;
use crate::tree::{TreePath, TreeSet};

/// Fetches one commit from `url` and gathers what its import needs.
pub(super) fn feed(url: &RemoteUrl, options: &Options, control: &Control) -> Result<Feed, Error> {
    let Control {
        progress, cancel, ..
    } = control;
    let subdir = TreePath::parse(options.subdir.as_deref().unwrap_or_default())?;
    let filter = Filter::new(&options.include, &options.exclude)?;
    let name = options.revision.as_deref().unwrap_or("HEAD").as_bytes();
    let Wanted { revision, ancestry } = Wanted::parse(name, options.remote.depth)?;
    let work = plan::work(options, control)?;
    let remote = Remote::new(url, &options.remote, &options.limits, cancel, progress);
    let fetched = fetch(&remote, &revision, |found, pack| {
        let received = ingest(pack, found.object_format, &options.limits, &work, progress)?;
        Ok((found.clone(), received))
    })?;
    let mut origin = Origin::of_tree(ObjectId::null(ObjectFormat::Sha1));
    origin.url = Some(url.to_string());
    let (found, received) = match fetched {
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
            return empty(origin, object_format, &subdir, options, control, work);
        }
    };

    progress.enter(Step::Walking, 0, 0);
    origin.reference = found.name;
    let format = found.object_format;
    let Received {
        mut blobs,
        trees,
        pack,
        places,
    } = received;
    let content = ContentSource {
        objects: Objects::Received(Box::new(pack), places),
        work,
        verify: Verify::Ids,
        limits: options.limits.clone(),
    };
    let (commit, tree) = target(name, found.id, &ancestry, &content)?;
    origin.commit = commit;
    let mut set = TreeSet::new(format, &options.limits);
    for (id, bytes) in trees {
        set.insert(id, &bytes)?;
    }
    let mut load = |id| {
        let path = Vec::new();
        Err(StreamError::Incomplete { id, path }.into())
    };
    origin.tree = set.find_folder(tree, &subdir, &mut load)?;
    let rules = Rules::find(&mut set, tree, subdir.clone(), &mut load)?;
    let outline = plan::outline(set, origin.tree, &filter, &mut load, options, control)?;
    let uses = outline.blobs();
    let states: Result<Vec<BlobState>, Error> = (0..uses.len())
        .map(|position| {
            let id = uses.id(position);
            blobs.remove(&id).map(BlobState::Read).ok_or_else(|| {
                let path = outline.path_of(uses.get(position).first_event);
                StreamError::Incomplete { id, path }.into()
            })
        })
        .collect();
    origin.subdir = (!subdir.is_root()).then(|| subdir.as_bytes().to_vec());
    origin.subdir_of = (!subdir.is_root() && commit.is_none()).then_some(tree);
    Ok(Feed {
        header: Header::new(origin, plan::choices(options)),
        blobs: states?,
        outline,
        rules,
        content,
    })
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
