//! Caps on what a repository controls.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use gitlade::Limits;

use crate::boundary;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::text::{self, gitlade_str};

/// Caps on what one import may read, build and store, each with a name. Not to be changed while
/// another thread uses it.
pub struct gitlade_limits(pub(crate) Limits);

/// Makes limits with the defaults, which suit a stranger's repository and let a monorepo of a million
/// files pass.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_limits_new(
    out: Option<&mut MaybeUninit<*mut gitlade_limits>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        give::place("out", out)?.give(gitlade_limits(Limits::default()));
        Ok(())
    })
}

/// Sets the limit called `name`; `UINT64_MAX` is no limit.
///
/// An unknown name is `GITLADE_STATUS_INVALID_OPTIONS`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_limits_set(
    limits: Option<&mut gitlade_limits>,
    name: *const c_char,
    name_len: usize,
    value: u64,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let limits = give::required_mut("limits", limits)?;
        let name = text::required_text("name", name, name_len)?;
        Ok(limits.0.set(name, value)?)
    })
}

/// Reads the limit called `name`.
///
/// `limits` may be NULL, which is the defaults. An unknown name is `GITLADE_STATUS_END`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_limits_get(
    limits: Option<&gitlade_limits>,
    name: *const c_char,
    name_len: usize,
    out: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let name = text::required_text("name", name, name_len)?;
        let out = give::value("out", out)?;
        let value = match limits {
            Some(limits) => limits.0.get(name),
            None => Limits::default().get(name),
        };
        out.write(value.ok_or(boundary::Failure::End)?);
        Ok(())
    })
}

/// The name of a limit, by number from 0: a constant; NULL behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_limit_name(index: usize) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        gitlade_str::of_option(Limits::NAMES.get(index).copied())
    })
}

/// What a limit bounds, and its default: a constant; NULL behind the last. The index is that of
/// `gitlade_limit_name`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_limit_description(index: usize) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let name = Limits::NAMES.get(index);
        gitlade_str::of_option(name.and_then(|name| Limits::description(name)))
    })
}

/// Frees limits.
///
/// `limits` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_limits_free(limits: *mut gitlade_limits) {
    boundary::value((), || give::free(limits));
}
