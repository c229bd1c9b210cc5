//! The content of files.

use std::mem::MaybeUninit;

use gitlade::{Entry, Error, Import};

use crate::boundary::{self, Failure};
use crate::buffer::{Bytes, gitlade_buffer};
use crate::error::gitlade_error;
use crate::give;
use crate::import::gitlade_import;
use crate::status::gitlade_status;
use crate::stream::gitlade_reader;

/// Hands over what `make` makes of the entry at a place of an import.
fn of_entry<T>(
    import: Option<&gitlade_import>,
    index: usize,
    out: give::Out<'_, T>,
    make: impl FnOnce(&Import, Entry<'_>) -> Result<T, Error>,
) -> Result<(), Failure> {
    let import = &*give::required("import", import)?.import;
    let entry = import.manifest().entry(index).ok_or(Failure::End)?;
    let out = give::place("out", out)?;
    out.give(make(import, entry)?);
    Ok(())
}

/// Reads the content of a file, or the target of a symlink, as it is in the repository. `index` is
/// the entry's place in the manifest; behind the last it is `GITLADE_STATUS_END`.
///
/// `GITLADE_STATUS_PATH_IS_OTHER` for folders and submodules, `GITLADE_STATUS_CONTENT_SKIPPED` for what
/// the import skipped.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_bytes(
    import: Option<&gitlade_import>,
    index: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_entry(import, index, out, |import, entry| {
            Ok(gitlade_buffer(Bytes::Blob(import.blob(entry)?)))
        })
    })
}

/// Reads the text of a text file: valid UTF-8, decoded from the file's encoding, without a byte order
/// mark. Nothing is lost on the way. Otherwise as `gitlade_import_bytes`.
///
/// `GITLADE_STATUS_NOT_TEXT` for what is no text.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_text(
    import: Option<&gitlade_import>,
    index: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_entry(import, index, out, |import, entry| {
            Ok(gitlade_buffer(Bytes::text(import.text(entry)?)))
        })
    })
}

/// Reads the content of any file as text, come what may: valid UTF-8, with U+FFFD in place of what is
/// malformed. `*replaced` says whether anything was replaced. Otherwise as `gitlade_import_bytes`.
///
/// `replaced` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_text_lossy(
    import: Option<&gitlade_import>,
    index: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    replaced: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_entry(import, index, out, |import, entry| {
            let (text, any) = import.text_lossy(entry)?;
            if let Some(replaced) = replaced {
                replaced.write(any);
            }
            Ok(gitlade_buffer(Bytes::text(text)))
        })
    })
}

/// Makes a reader of the content of a file. Large content is held in a temporary file, not in memory.
/// Otherwise as `gitlade_import_bytes`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_reader(
    import: Option<&gitlade_import>,
    index: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_reader>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_entry(import, index, out, |import, entry| {
            Ok(gitlade_reader::new(import.reader(entry)?))
        })
    })
}

/// Makes a reader of the text of a text file, as `gitlade_import_text` gives it.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_text_reader(
    import: Option<&gitlade_import>,
    index: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_reader>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_entry(import, index, out, |import, entry| {
            Ok(gitlade_reader::new(import.text_reader(entry)?))
        })
    })
}
