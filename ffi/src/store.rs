//! Stores: what imports leave behind.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use gitlade::{Durability, ImportId, Store, StoreOptions};

use crate::boundary::{self, Failure};
use crate::buffer::{Bytes, gitlade_buffer};
use crate::error::gitlade_error;
use crate::give;
use crate::hooks::{Hooks, gitlade_hooks};
use crate::manifest::{Shared, gitlade_manifest};
use crate::options::{self, gitlade_options};
use crate::record::{gitlade_filter, gitlade_records, json};
use crate::remote;
use crate::source::gitlade_source;
use crate::status::gitlade_status;
use crate::stream::gitlade_reader;
use crate::structs::{self, Versioned};
use crate::text::{self, gitlade_str};
use crate::watch;

/// A folder with the imports that were made into it: their manifests, texts and bytes, and a registry
/// of them. May be used from several threads at once, and by several processes.
pub struct gitlade_store(pub(crate) Store);

/// How a store is opened. 0 is the default of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_store_options {
    /// `sizeof(gitlade_store_options)`.
    pub struct_size: usize,
    /// Bytes of the largest text that is kept decoded in the database. Default: 24 MiB.
    pub max_text: u64,
    /// Bytes from which on a file is listed among an import's large ones. Default: 100 MB.
    pub large_file: u64,
    /// Milliseconds that a call waits while another process writes. Default: 30,000.
    pub busy_timeout_ms: u64,
    /// When what is written survives a crash of the machine: a `gitlade_durability`.
    pub durability: u32,
    /// The zstd level, 1 to 22, that blobs are compressed with. Default: not compressed.
    pub compress: u32,
    /// Not 0: nothing may be written, and nothing is made.
    pub read_only: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_store_options {
    const NAME: &'static str = "gitlade_store_options";
}

/// When what is written survives a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_durability {
    /// At the end of each import. The default.
    Deferred = 0,
    /// After each blob.
    Full = 1,
    /// Whenever the operating system gets to it.
    None = 2,
}

fn options(data: *const gitlade_store_options) -> Result<StoreOptions, Failure> {
    let mut options = StoreOptions::default();
    let Some(given) = structs::read(data)? else {
        return Ok(options);
    };
    options.read_only = given.read_only != 0;
    if given.max_text != 0 {
        options.max_text = given.max_text;
    }
    if given.large_file != 0 {
        options.large_file = given.large_file;
    }
    if given.busy_timeout_ms != 0 {
        options.busy_timeout = Duration::from_millis(given.busy_timeout_ms).min(remote::LONGEST);
    }
    options.durability = durability(given.durability)?;
    options.compress = compress(given.compress);
    Ok(options)
}

/// The engine's durability for a number of the host.
pub(crate) fn durability(number: u32) -> Result<Durability, Failure> {
    Ok(match number {
        0 => Durability::Deferred,
        1 => Durability::Full,
        2 => Durability::None,
        _ => return Err(Failure::argument("durability is no gitlade_durability")),
    })
}

/// The engine's level of compression for a number of the host; it decides whether there is one.
pub(crate) fn compress(level: u32) -> Option<i32> {
    (level != 0).then(|| i32::try_from(level).unwrap_or(i32::MAX))
}

/// Opens the store in a folder, and makes it if there is none.
///
/// `options` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_open(
    path: *const c_char,
    path_len: usize,
    options: *const gitlade_store_options,
    out: Option<&mut MaybeUninit<*mut gitlade_store>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let path = text::path(text::required("path", path, path_len)?)?;
        let options = self::options(options)?;
        let out = give::place("out", out)?;
        out.give(gitlade_store(Store::open_with(path, &options)?));
        Ok(())
    })
}

/// The folder that the store is in, as an absolute path. It lives as long as the store.
///
/// `store` may be NULL, which is in none: NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_folder(store: Option<&gitlade_store>) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let folder = store.map(|store| store.0.folder().as_os_str());
        gitlade_str::of_option(folder.map(std::ffi::OsStr::as_encoded_bytes))
    })
}

/// The database of the store, for the host's own queries: SQLite with the views `import_list`,
/// `import_files`, `import_folders` and `import_large_files`. It lives as long as the store.
///
/// `store` may be NULL, which has none: NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_database(store: Option<&gitlade_store>) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let file = store.map(|store| store.0.database().as_os_str());
        gitlade_str::of_option(file.map(std::ffi::OsStr::as_encoded_bytes))
    })
}

/// Imports one commit of `source` into the store, and returns when it is there as a whole: its record, as a
/// list of one. The registry keeps an import that failed, too.
///
/// `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_import(
    store: Option<&gitlade_store>,
    source: Option<&gitlade_source>,
    options: *const gitlade_options,
    hooks: *const gitlade_hooks,
    out: Option<&mut MaybeUninit<*mut gitlade_records>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        let source = &give::required("source", source)?.source;
        let options = options::options(options)?;
        let hooks = Hooks::read_without_sink(hooks)?;
        let out = give::place("out", out)?;
        let record = watch::work(&hooks, |control| store.0.import(source, &options, control))?;
        out.give(gitlade_records::one(record));
        Ok(())
    })
}

/// Lists imports: those that the filter lets through, the newest first, 100 at a time.
///
/// `filter` may be NULL, which is all of them.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_list(
    store: Option<&gitlade_store>,
    filter: *const gitlade_filter,
    out: Option<&mut MaybeUninit<*mut gitlade_records>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        let filter = crate::record::filter(filter)?;
        let out = give::place("out", out)?;
        out.give(gitlade_records::page(store.0.imports(&filter)?));
        Ok(())
    })
}

/// Hands over what `make` makes of an import.
fn of_import<T>(
    store: Option<&gitlade_store>,
    id: u64,
    out: give::Out<'_, T>,
    make: impl FnOnce(&Store, ImportId) -> Result<T, Failure>,
) -> Result<(), Failure> {
    let store = give::required("store", store)?;
    let out = give::place("out", out)?;
    out.give(make(&store.0, ImportId(id))?);
    Ok(())
}

/// Hands over what `make` makes of a file of an import.
fn of_file<T>(
    store: Option<&gitlade_store>,
    id: u64,
    path: *const c_char,
    path_len: usize,
    out: give::Out<'_, T>,
    make: impl FnOnce(&Store, ImportId, &[u8]) -> Result<T, Failure>,
) -> Result<(), Failure> {
    let path = text::required("path", path, path_len)?;
    of_import(store, id, out, |store, id| make(store, id, path))
}

/// Tells all that the registry has of one import, as a list of one.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_record(
    store: Option<&gitlade_store>,
    id: u64,
    out: Option<&mut MaybeUninit<*mut gitlade_records>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_import(store, id, out, |store, id| {
            Ok(gitlade_records::one(store.import_record(id)?))
        })
    })
}

/// Tells what happened to an import, in order, as a list in JSON of objects with `at` (milliseconds
/// since 1970), `attempt`, `event` and `message`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_log_json(
    store: Option<&gitlade_store>,
    id: u64,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_import(store, id, out, |store, id| json(&store.log(id)?))
    })
}

/// Reads the manifest of a complete import. It is the one that the import made, byte for byte.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_manifest(
    store: Option<&gitlade_store>,
    id: u64,
    out: Option<&mut MaybeUninit<*mut gitlade_manifest>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_import(store, id, out, |store, id| {
            let manifest = Arc::new(store.manifest(id)?);
            Ok(gitlade_manifest::new(Shared::Own(manifest)))
        })
    })
}

/// Reads the content of a file of a complete import, or the target of a symlink, as it was in the
/// repository.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_bytes(
    store: Option<&gitlade_store>,
    id: u64,
    path: *const c_char,
    path_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_file(store, id, path, path_len, out, |store, id, path| {
            Ok(gitlade_buffer(Bytes::Memory(store.bytes(id, path)?)))
        })
    })
}

/// Reads the text of a text file of a complete import, as `gitlade_import_text` gives it.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_text(
    store: Option<&gitlade_store>,
    id: u64,
    path: *const c_char,
    path_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_file(store, id, path, path_len, out, |store, id, path| {
            Ok(gitlade_buffer(Bytes::text(store.text(id, path)?)))
        })
    })
}

/// Makes a reader of the content of a file of a complete import; large content does not come into
/// memory.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_reader(
    store: Option<&gitlade_store>,
    id: u64,
    path: *const c_char,
    path_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_reader>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        of_file(store, id, path, path_len, out, |store, id, path| {
            Ok(gitlade_reader::new(store.reader(id, path)?))
        })
    })
}

/// Forgets an import that has ended; `GITLADE_STATUS_BUSY` if it has not. Its content goes with the
/// next garbage collection.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_remove(
    store: Option<&gitlade_store>,
    id: u64,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        Ok(store.0.remove(ImportId(id))?)
    })
}

/// Closes a store. Engines and readers of it live on.
///
/// `store` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_free(store: *mut gitlade_store) {
    boundary::value((), || give::free(store));
}
