//! Manifests as text, out and in.

use std::ffi::c_char;
use std::fs::File;
use std::io::{BufReader, Write};
use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::Arc;

use gitlade::{Error, ErrorKind, Limits, Manifest};

use crate::boundary::{self, Failure};
use crate::buffer::{Bytes, gitlade_buffer};
use crate::error::gitlade_error;
use crate::give;
use crate::import::gitlade_import;
use crate::limits::gitlade_limits;
use crate::manifest::{Shared, gitlade_manifest};
use crate::status::gitlade_status;
use crate::stream::{HostInput, HostWriter, gitlade_input, gitlade_writer};
use crate::text;

/// Writes the manifest as NDJSON into a buffer. The same commit and options give the same bytes.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_ndjson(
    manifest: Option<&gitlade_manifest>,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let out = give::place("out", out)?;
        let mut ndjson = Vec::new();
        manifest.shared.write_ndjson(&mut ndjson)?;
        out.give(gitlade_buffer(Bytes::Memory(ndjson)));
        Ok(())
    })
}

/// Writes the manifest as NDJSON, piece by piece.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_write(
    manifest: Option<&gitlade_manifest>,
    writer: *const gitlade_writer,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        to_host(writer, |out| manifest.shared.write_ndjson(out))
    })
}

/// Writes the manifest as NDJSON into a file, which is there as a whole or not at all: one with this
/// name is replaced at the end.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_write_file(
    manifest: Option<&gitlade_manifest>,
    path: *const c_char,
    path_len: usize,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let path = text::path(text::required("path", path, path_len)?)?;
        to_file(&path, |out| manifest.shared.write_ndjson(out))
    })
}

/// Writes the manifest as NDJSON, piece by piece, with the decoded texts of text files in their
/// records.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_write_with_text(
    import: Option<&gitlade_import>,
    writer: *const gitlade_writer,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let import = give::required("import", import)?;
        to_host(writer, |out| import.import.write_ndjson_with_text(out))
    })
}

/// Reads a manifest from bytes in memory, and checks all of it.
///
/// `limits` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_parse(
    bytes: *const c_char,
    bytes_len: usize,
    limits: Option<&gitlade_limits>,
    out: Option<&mut MaybeUninit<*mut gitlade_manifest>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let bytes = text::required("bytes", bytes, bytes_len)?;
        let out = give::place("out", out)?;
        let limits = limits.map(|limits| limits.0.clone()).unwrap_or_default();
        out.give(whole(Manifest::read_ndjson(bytes, &limits)?));
        Ok(())
    })
}

/// Reads a manifest piece by piece, and checks all of it.
///
/// `limits` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_read(
    input: *const gitlade_input,
    limits: Option<&gitlade_limits>,
    out: Option<&mut MaybeUninit<*mut gitlade_manifest>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let mut input = HostInput::read(input)?;
        let out = give::place("out", out)?;
        let limits = limits.map(|limits| limits.0.clone()).unwrap_or_default();
        let read = Manifest::read_ndjson(BufReader::new(&mut input), &limits);
        match (read, input.failed) {
            (Ok(manifest), _) => out.give(whole(manifest)),
            (Err(error), 0) => return Err(error.into()),
            (Err(_), code) => return Err(host_failed("input", code)),
        }
        Ok(())
    })
}

/// Reads a manifest from a file, and checks all of it.
///
/// `limits` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_read_file(
    path: *const c_char,
    path_len: usize,
    limits: Option<&gitlade_limits>,
    out: Option<&mut MaybeUninit<*mut gitlade_manifest>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let path = text::path(text::required("path", path, path_len)?)?;
        let out = give::place("out", out)?;
        let limits = limits.map_or_else(Limits::default, |limits| limits.0.clone());
        let file = File::open(&path).map_err(|error| of_file("open", &path, &error))?;
        out.give(whole(Manifest::read_ndjson(BufReader::new(file), &limits)?));
        Ok(())
    })
}

fn whole(manifest: Manifest) -> gitlade_manifest {
    gitlade_manifest::new(Shared::Own(Arc::new(manifest)))
}

/// Writes to a callback; its failure is the host's, whatever the engine makes of it.
fn to_host(
    writer: *const gitlade_writer,
    write: impl FnOnce(&mut HostWriter) -> Result<(), Error>,
) -> Result<(), Failure> {
    let mut writer = HostWriter::read(writer)?;
    match (write(&mut writer), writer.failed) {
        (Ok(()), _) => Ok(()),
        (Err(error), 0) => Err(error.into()),
        (Err(_), code) => Err(host_failed("writer", code.into())),
    }
}

fn host_failed(what: &str, code: i64) -> Failure {
    Failure::Core(Error::host(format!("the {what} returned {code}")))
}

/// Writes beside the file first, and puts that in its place at the end.
fn to_file(path: &Path, write: impl FnOnce(&mut File) -> Result<(), Error>) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let failed = |error: std::io::Error| of_file("write", path, &error);
    let mut beside = tempfile::Builder::new();
    beside.prefix(".gitlade-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What the umask leaves of it, as for any file that a program makes.
        beside.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = beside.tempfile_in(folder).map_err(failed)?;
    write(file.as_file_mut())?;
    file.as_file_mut().flush().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn of_file(action: &str, path: &Path, error: &std::io::Error) -> Failure {
    let path = gitlade::Printable(path.as_os_str().as_encoded_bytes());
    Failure::Told {
        status: gitlade_status::of(ErrorKind::of_io(error)),
        message: format!("cannot {action} \"{path}\": {error}"),
        advice: "check that the folder exists, is writable and has room",
    }
}
