//! The content of files.

use std::mem::MaybeUninit;

use gitlade::Entry;

use crate::boundary::{self, Failure};
use crate::buffer::{Bytes, gitlade_buffer};
use crate::error::gitlade_error;
use crate::give;
use crate::import::gitlade_import;
use crate::status::gitlade_status;
use crate::stream::gitlade_reader;

/// The import and the entry at a place of it.
pub(crate) fn entry<'a>(
    import: Option<&'a gitlade_import>,
    index: usize,
) -> Result<(&'a gitlade::Import, Entry<'a>), Failure> {
    let import = &*give::required("import", import)?.import;
    let entry = import.manifest().entry(index).ok_or(Failure::End)?;
    Ok((import, entry))
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
        let (import, entry) = entry(import, index)?;
        let out = give::place("out", out)?;
        out.give(gitlade_buffer(Bytes::Blob(import.blob(entry)?)));
        Ok(())
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
        let (import, entry) = entry(import, index)?;
        let out = give::place("out", out)?;
        let text = import.text(entry)?;
        out.give(gitlade_buffer(Bytes::Memory(text.into_bytes())));
        Ok(())
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
        let (import, entry) = entry(import, index)?;
        let out = give::place("out", out)?;
        let (text, any) = import.text_lossy(entry)?;
        if let Some(replaced) = replaced {
            replaced.write(any);
        }
        out.give(gitlade_buffer(Bytes::Memory(text.into_bytes())));
        Ok(())
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
        let (import, entry) = entry(import, index)?;
        let out = give::place("out", out)?;
        out.give(gitlade_reader::new(import.reader(entry)?));
        Ok(())
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
        let (import, entry) = entry(import, index)?;
        let out = give::place("out", out)?;
        out.give(gitlade_reader::new(import.text_reader(entry)?));
        Ok(())
    })
}
