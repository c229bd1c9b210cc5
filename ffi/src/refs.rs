//! The refs of a remote repository.

use gitlade::{Control, Limits, RemoteRef, Source};
use std::mem::MaybeUninit;

use crate::boundary::{self, Failure};
use crate::control::gitlade_control;
use crate::entry::id_bytes;
use crate::error::gitlade_error;
use crate::give;
use crate::limits::gitlade_limits;
use crate::remote::{self, gitlade_remote_options};
use crate::source::gitlade_source;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;

/// The refs of a remote repository, in the server's order. It never changes, and may be used from
/// several threads at once.
pub struct gitlade_refs(Vec<RemoteRef>);

/// One ref. The texts live as long as the list.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_ref {
    /// `sizeof(gitlade_ref)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The full name: `HEAD`, or one that begins with `refs/`.
    pub name: gitlade_str,
    /// The full name of the ref that it stands for, if it is symbolic, or NULL.
    pub symref_target: gitlade_str,
    /// The object that it points to.
    pub object_id: [u8; 32],
    /// What the annotated tag that it points to is about.
    pub peeled: [u8; 32],
    /// Bytes of `object_id`: 20, 32, or 0 for a `HEAD` whose branch has no commit yet.
    pub object_id_len: u32,
    /// Bytes of `peeled`; 0 if it points to no annotated tag.
    pub peeled_len: u32,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_ref {
    const NAME: &'static str = "gitlade_ref";
}

/// Asks a remote for its refs: `HEAD` first, if it has one.
///
/// A path is `GITLADE_STATUS_INVALID_SOURCE`. `remote`, `limits` and `control` may be NULL, which are the
/// defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_ls_remote(
    source: Option<&gitlade_source>,
    remote: *const gitlade_remote_options,
    limits: Option<&gitlade_limits>,
    control: Option<&gitlade_control>,
    out: Option<&mut MaybeUninit<*mut gitlade_refs>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let source = give::required("source", source)?;
        let options = remote::options(remote)?;
        let out = give::place("out", out)?;
        let Source::Remote(url) = &source.source else {
            return Err(Failure::Told {
                status: gitlade_status::InvalidSource,
                message: "the source is a path, and not a remote".to_owned(),
                advice: "give a URL",
            });
        };
        let limits = limits.map_or_else(Limits::default, |limits| limits.0.clone());
        let control = control.map_or_else(Control::new, |control| control.0.clone());
        let Control {
            cancel, progress, ..
        } = &control;
        out.give(gitlade_refs(gitlade::ls_remote(
            url, &options, &limits, cancel, progress,
        )?));
        Ok(())
    })
}

/// How many refs there are.
///
/// `refs` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_refs_len(refs: Option<&gitlade_refs>) -> usize {
    boundary::value(0, || refs.map_or(0, |refs| refs.0.len()))
}

/// Describes the ref at a place, from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_refs_get(
    refs: Option<&gitlade_refs>,
    index: usize,
    out: *mut gitlade_ref,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let refs = give::required("refs", refs)?;
        let out = structs::place("out", out)?;
        let found = refs.0.get(index).ok_or(Failure::End)?;
        let (object_id, object_id_len) = found.id.map_or(([0; 32], 0), |id| id_bytes(&id));
        let (peeled, peeled_len) = found.peeled.map_or(([0; 32], 0), |id| id_bytes(&id));
        out.write(&gitlade_ref {
            struct_size: size_of::<gitlade_ref>(),
            name: gitlade_str::of(&found.name),
            symref_target: gitlade_str::of_option(found.symref_target.as_ref()),
            object_id,
            peeled,
            object_id_len,
            peeled_len,
        });
        Ok(())
    })
}

/// Frees a list of refs.
///
/// `refs` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_refs_free(refs: *mut gitlade_refs) {
    boundary::value((), || give::free(refs));
}
