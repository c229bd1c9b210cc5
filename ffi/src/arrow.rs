//! Tables, through the Arrow C stream interface.

use std::mem::MaybeUninit;
#[cfg(feature = "arrow")]
use std::sync::Arc;

#[cfg(feature = "arrow")]
use gitlade::{ArrowStream, TableOptions};

use crate::boundary::{self, Failure};
use crate::error::gitlade_error;
use crate::give;
use crate::import::gitlade_import;
use crate::manifest::gitlade_manifest;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::null;

/// The stream of the Arrow C stream interface, which the header declares.
#[repr(C)]
pub struct ArrowArrayStream {
    /// Nothing of it is touched but as a whole.
    _private: [u8; 0],
}

/// What a table has, and how large its pieces are. 0 is the default of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_table_options {
    /// `sizeof(gitlade_table_options)`.
    pub struct_size: usize,
    /// Rows of one batch at most. Default: 65,536.
    pub max_rows: usize,
    /// Bytes of paths and content after which a batch ends; one file may exceed them. Default:
    /// 32 MiB.
    pub max_bytes: u64,
    /// Not 0: there is a column `data` with the content of files and symlinks.
    pub data: u8,
    /// Not 0: there is a column `text` with the decoded texts of text files.
    pub text: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_table_options {
    const NAME: &'static str = "gitlade_table_options";
}

#[cfg(feature = "arrow")]
fn options(data: *const gitlade_table_options) -> Result<TableOptions, Failure> {
    let mut options = TableOptions::default();
    if let Some(given) = structs::read(data)? {
        options = options.data(given.data != 0).text(given.text != 0);
        if given.max_rows != 0 {
            options = options.max_rows(given.max_rows);
        }
        if given.max_bytes != 0 {
            options = options.max_bytes(given.max_bytes);
        }
    }
    Ok(options)
}

/// Moves a stream to where the host wants it.
#[cfg(feature = "arrow")]
fn give_stream(out: *mut ArrowArrayStream, stream: ArrowStream) {
    // SAFETY: it is not NULL, and the header asks for a place that is as large and aligned as a
    // `struct ArrowArrayStream`, whose layout `ArrowStream` has. What was there is not dropped, since
    // it need not be set.
    unsafe { out.cast::<ArrowStream>().write(stream) };
}

/// Makes a table of the manifest's entries, without content: fills `*out`, which need not be set
/// before. The host calls its `release` in the end; the manifest may be freed before that.
///
/// `options` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_arrow_stream(
    manifest: Option<&gitlade_manifest>,
    options: *const gitlade_table_options,
    out: *mut ArrowArrayStream,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        if out.is_null() {
            return Err(null("out"));
        }
        of_manifest(manifest, options, out)
    })
}

/// Makes a table of the import's entries, with content if the options say so. Otherwise as
/// `gitlade_manifest_arrow_stream`.
///
/// `options` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_arrow_stream(
    import: Option<&gitlade_import>,
    options: *const gitlade_table_options,
    out: *mut ArrowArrayStream,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let import = give::required("import", import)?;
        if out.is_null() {
            return Err(null("out"));
        }
        of_import(import, options, out)
    })
}

#[cfg(feature = "arrow")]
fn of_manifest(
    manifest: &gitlade_manifest,
    data: *const gitlade_table_options,
    out: *mut ArrowArrayStream,
) -> Result<(), Failure> {
    use crate::manifest::Shared;
    let options = options(data)?;
    let stream = match &manifest.shared {
        Shared::Own(manifest) => ArrowStream::of_manifest(Arc::clone(manifest), &options)?,
        Shared::Import(_) if options.data || options.text => {
            return Err(Failure::Told {
                status: gitlade_status::InvalidOptions,
                message: "a manifest by itself has no content".to_owned(),
                advice: "make the table of the import",
            });
        }
        Shared::Import(import) => ArrowStream::of_import(Arc::clone(import), &options)?,
    };
    give_stream(out, stream);
    Ok(())
}

#[cfg(feature = "arrow")]
fn of_import(
    import: &gitlade_import,
    data: *const gitlade_table_options,
    out: *mut ArrowArrayStream,
) -> Result<(), Failure> {
    let stream = ArrowStream::of_import(Arc::clone(&import.import), &options(data)?)?;
    give_stream(out, stream);
    Ok(())
}

#[cfg(not(feature = "arrow"))]
fn of_manifest(
    _: &gitlade_manifest,
    data: *const gitlade_table_options,
    _: *mut ArrowArrayStream,
) -> Result<(), Failure> {
    structs::read(data)?;
    Err(missing())
}

#[cfg(not(feature = "arrow"))]
fn of_import(
    _: &gitlade_import,
    data: *const gitlade_table_options,
    _: *mut ArrowArrayStream,
) -> Result<(), Failure> {
    structs::read(data)?;
    Err(missing())
}

#[cfg(not(feature = "arrow"))]
fn missing() -> Failure {
    Failure::Told {
        status: gitlade_status::InvalidOptions,
        message: "this gitlade was built without the feature arrow".to_owned(),
        advice: "build it with --features arrow",
    }
}
