//! What of a received commit is imported, as its trees say it.

use crate::error::Error;
use crate::filter::Filter;
use crate::id::{ObjectFormat, ObjectId};
use crate::import::feed::Rules;
use crate::import::keep::Peeled;
use crate::import::options::{Control, Options};
use crate::import::plan;
use crate::ingest::{SoFar, StreamError};
use crate::pack::Kind;
use crate::peel::peel;
use crate::tree::{Outline, TreePath, TreeSet};

/// What of a commit an import is asked for.
pub(super) struct Selection<'a> {
    /// The revision, for errors.
    pub(super) name: &'a [u8],
    pub(super) subdir: &'a TreePath,
    pub(super) filter: &'a Filter,
    pub(super) options: &'a Options,
    pub(super) control: &'a Control,
}

/// All that is imported, and the files that have a say in it.
pub(super) struct Listing {
    /// The tree of the imported folder.
    pub(super) root: ObjectId,
    pub(super) rules: Rules,
    pub(super) outline: Outline,
}

impl Selection<'_> {
    /// Lists what is imported of the commit's `tree`, asking `load` for it and all below it.
    pub(super) fn list(
        &self,
        tree: ObjectId,
        format: ObjectFormat,
        load: &mut dyn FnMut(ObjectId) -> Result<Option<Vec<u8>>, Error>,
    ) -> Result<Listing, Error> {
        let Selection {
            subdir,
            filter,
            options,
            control,
            ..
        } = *self;
        let mut set = TreeSet::new(format, &options.limits);
        let root = set.find_folder(tree, subdir, load)?;
        let rules = Rules::find(&mut set, tree, subdir.clone(), load)?;
        let outline = plan::outline(set, root, filter, load, options, control)?;
        Ok(Listing {
            root,
            rules,
            outline,
        })
    }

    /// Lists what is imported of `id` before all of the pack has come.
    ///
    /// # Errors
    ///
    /// If anything is not there yet, or wrong: which of the two is seen at the end of the pack.
    pub(super) fn list_early(
        &self,
        id: ObjectId,
        so_far: &SoFar<'_>,
    ) -> Result<(Peeled, Listing), Error> {
        let mut read = |id| so_far.object(id).ok_or_else(|| incomplete(id));
        let (commit, tree) = peel(self.name, id, &mut read)?;
        let mut load = |id| match so_far.object(id) {
            Some((Kind::Tree, bytes)) => Ok(Some(bytes)),
            _ => Err(incomplete(id)),
        };
        let listing = self.list(tree, id.format(), &mut load)?;
        Ok((Peeled { commit, tree }, listing))
    }
}

/// The error for an object that did not come.
pub(super) fn incomplete(id: ObjectId) -> Error {
    let path = Vec::new();
    StreamError::Incomplete { id, path }.into()
}
