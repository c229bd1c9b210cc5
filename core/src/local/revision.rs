//! From a revision's name to the tree that is imported.

use gix::bstr::ByteSlice;

use crate::error::{Error, FileError};
use crate::id::ObjectId;
use crate::limits::Limits;
use crate::local::error::{Cause, LocalError};
use crate::local::guard;
use crate::local::open::Repository;
use crate::local::read::{Verify, missing, read_one};
use crate::nearness::{allowed_for, distance};
use crate::pack::Work;
use crate::peel::peel;

/// What a revision leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The full name of the ref, if the revision is one: `refs/heads/main`, `refs/tags/v1`.
    pub(crate) reference: Option<Vec<u8>>,
    /// `None` if the revision names a tree.
    pub(crate) commit: Option<ObjectId>,
    pub(crate) tree: ObjectId,
}

/// Names that an error offers for a revision that does not exist.
const MAX_NEAR: usize = 3;

impl Repository {
    /// Finds the tree of `revision`, or of `HEAD`.
    pub(crate) fn find(
        &self,
        revision: Option<&[u8]>,
        limits: &Limits,
        work: &Work,
    ) -> Result<Target, Error> {
        let name = revision.unwrap_or(b"HEAD");
        if name == b"HEAD" {
            self.check_head_is_born()?;
        }
        let (reference, id) = match self.reference(name)? {
            Some((reference, id)) => (Some(reference), id),
            None => self.expression(name)?,
        };
        let mut read =
            |id| read_one(&self.odb, id, Verify::Ids, limits, work)?.ok_or_else(|| missing(id));
        let (commit, tree) = peel(name, id, &mut read)?;
        let reference = match reference {
            Some(name) if name == b"HEAD" => Some(self.head_name()?.unwrap_or(name)),
            reference => reference,
        };
        Ok(Target {
            reference,
            commit,
            tree,
        })
    }

    /// The ref that `name` is the short or full name of, and the object that it points to. No object
    /// is read, so that what is wrong with one is told as such.
    fn reference(&self, name: &[u8]) -> Result<Option<(Vec<u8>, ObjectId)>, Error> {
        // Git takes what could be a full id for one.
        if ObjectId::from_hex(name).is_some() {
            return Ok(None);
        }
        let mut found = match self.git.try_find_reference(name.as_bstr()) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            // A ref may be there and not be read: for want of descriptors, say.
            Err(error) if guard::refusal(&error).is_some() => {
                return Err(self.unreadable_refs(error));
            }
            // An expression such as `HEAD~2`, which no ref can be called.
            Err(_) => return Ok(None),
        };
        let full = found.name().as_bstr().to_vec();
        let id = found
            .follow_to_object()
            .map_err(|error| self.explain(name, error))?;
        Ok(Some((full, ObjectId::from_gix(&id))))
    }

    /// What `name` means to `git rev-parse`.
    fn expression(&self, name: &[u8]) -> Result<(Option<Vec<u8>>, ObjectId), Error> {
        let spec = self
            .git
            .rev_parse(name.as_bstr())
            .map_err(|error| self.explain(name, error))?;
        let reference = spec
            .first_reference()
            .map(|found| found.name.as_bstr().to_vec());
        let id = spec.single().ok_or_else(|| LocalError::RevisionRange {
            revision: name.to_vec(),
        })?;
        Ok((reference, ObjectId::from_gix(&id)))
    }

    /// The branch that `HEAD` names; `None` if it is detached.
    fn head_name(&self) -> Result<Option<Vec<u8>>, Error> {
        let name = self.git.head_name();
        let name = name.map_err(|error| self.unreadable_refs(error))?;
        Ok(name.map(|name| name.as_bstr().to_vec()))
    }

    fn unreadable_refs(&self, source: gix::Error) -> Error {
        if let Some(refusal) = guard::refusal(&source) {
            return FileError::new("read HEAD, or a ref, of", &self.path, refusal).into();
        }
        LocalError::Head {
            path: self.path.clone(),
            source: Cause::new(source),
        }
        .into()
    }

    fn check_head_is_born(&self) -> Result<(), Error> {
        let head = self.git.head();
        let head = head.map_err(|error| self.unreadable_refs(error))?;
        if !head.is_unborn() {
            return Ok(());
        }
        Err(LocalError::UnbornHead {
            path: self.path.clone(),
            branch: self.head_name()?.unwrap_or_default(),
        }
        .into())
    }

    fn explain(&self, name: &[u8], error: gix::Error) -> Error {
        use gix::revision::spec::parse::Error as ParseError;
        if guard::refusal(&error).is_some() {
            return self.unreadable_refs(error);
        }
        let ambiguous =
            error
                .iter_errors()
                .find_map(|cause| match cause.downcast_ref::<ParseError>() {
                    Some(
                        ParseError::AmbiguousPrefix { candidates, .. }
                        | ParseError::AmbiguousRefAndObject { candidates, .. },
                    ) => Some(
                        candidates
                            .iter()
                            .map(|(id, info)| format!("{id} {info}"))
                            .collect(),
                    ),
                    _ => None,
                });
        if let Some(candidates) = ambiguous {
            return LocalError::RevisionAmbiguous {
                revision: name.to_vec(),
                candidates,
            }
            .into();
        }
        LocalError::RevisionNotFound {
            revision: name.to_vec(),
            near: self.near_names(name),
            shallow: self.git.is_shallow().unwrap_or(false),
            source: Some(Cause::new(error)),
        }
        .into()
    }

    /// Branches and tags whose names resemble `name`.
    fn near_names(&self, name: &[u8]) -> Vec<String> {
        let allowed = allowed_for(name);
        let Ok(references) = self.git.references() else {
            return Vec::new();
        };
        let Ok(all) = references.all() else {
            return Vec::new();
        };
        let mut near: Vec<(usize, String)> = all
            .flatten()
            .take(10_000)
            .filter_map(|reference| {
                let short = reference.name().shorten().to_vec();
                let distance = distance(name, &short, allowed)?;
                Some((distance, crate::Printable(&short).to_string()))
            })
            .collect();
        near.sort();
        near.dedup();
        near.truncate(MAX_NEAR);
        near.into_iter().map(|(_, name)| name).collect()
    }
}
