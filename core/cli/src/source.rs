//! Finding out what a source is, and importing it.

use std::ffi::OsStr;

use gitlade::{Control, Import, Options};

use crate::failure::Failure;
use crate::progress::{Display, When};

/// Imports `source`, and shows on the way how far that is.
pub(crate) fn import(
    source: &OsStr,
    options: &Options,
    progress: When,
    control: &Control,
) -> Result<Import, Failure> {
    let _display = Display::start(progress, &control.progress);
    Ok(gitlade::import_path(source, options, control)?)
}
