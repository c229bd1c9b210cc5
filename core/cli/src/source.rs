//! Finding out what a source is, and importing it.

use std::ffi::OsStr;

use gitlade::{Control, Import, Options, Source, SourceOptions};

use crate::failure::Failure;
use crate::progress::{Display, When};

/// Reads a path or a URL.
///
/// A URL with a password is refused, since others on the machine can see arguments. `file://` is
/// fine, since who types it may read the disk anyway.
pub(crate) fn parse(text: &OsStr) -> Result<Source, Failure> {
    let bytes = text.as_encoded_bytes();
    let is_file = bytes
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"file://"));
    let source = match is_file {
        true => {
            SourceOptions::default()
                .allow_file_urls(true)
                .parse(bytes)?
                .source
        }
        false => Source::parse(bytes)?,
    };
    Ok(source)
}

/// Imports `source`, and shows on the way how far that is.
pub(crate) fn import(
    source: &OsStr,
    options: &Options,
    progress: When,
    control: &Control,
) -> Result<Import, Failure> {
    import_from(&parse(source)?, options, progress, control)
}

/// The same, of what was read already.
pub(crate) fn import_from(
    source: &Source,
    options: &Options,
    progress: When,
    control: &Control,
) -> Result<Import, Failure> {
    let _display = Display::start(progress, &control.progress);
    Ok(gitlade::import(source, options, control)?)
}
