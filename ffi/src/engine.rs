//! Engines: imports into a store, in the background.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use gitlade::{Engine, EngineOptions, ImportId, Request, Restart};

use crate::boundary::{self, Failure};
use crate::callback;
use crate::credentials::gitlade_credentials;
use crate::error::gitlade_error;
use crate::give;
use crate::limits::gitlade_limits;
use crate::options::{self, gitlade_options};
use crate::record::{self, gitlade_filter, gitlade_records};
use crate::remote::{self, gitlade_remote_options};
use crate::source::gitlade_source;
use crate::status::gitlade_status;
use crate::store::gitlade_store;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;

/// Runs imports into a store in the background: a queue from which tenants are served fairly, and a
/// bounded number that runs at once. May be used from several threads at once.
pub struct gitlade_engine(pub(crate) Engine);

/// What an engine may take, and what imports may do in it. 0 and NULL are the defaults of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_engine_options {
    /// `sizeof(gitlade_engine_options)`.
    pub struct_size: usize,
    /// Caps that no import may go beyond.
    pub limits: *const gitlade_limits,
    /// How servers are reached; without credentials, since those would be shown to every server.
    pub remote: *const gitlade_remote_options,
    /// Bytes of buffers in memory that the running imports share. Default: 512 MiB.
    pub memory: u64,
    /// Imports that run at once. Default: 2.
    pub running: u32,
    /// Imports that wait for their turn. Default: 1,000; or `GITLADE_NONE`.
    pub queued: u32,
    /// Threads that the running imports share. Default: as many as the machine has cores.
    pub threads: u32,
    /// Milliseconds between two events that tell progress, at least 100. Default: 100.
    pub progress_interval_ms: u32,
    /// Not 0: repositories on this machine may not be imported.
    pub no_local: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_engine_options {
    const NAME: &'static str = "gitlade_engine_options";
}

/// What is imported, and for whom. 0 and NULL are the defaults of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_request {
    /// `sizeof(gitlade_request)`.
    pub struct_size: usize,
    /// What is imported. The engine's limits and policy hold as well.
    pub options: *const gitlade_options,
    /// Credentials for the URL's own host. They are kept in memory and nowhere else.
    pub credentials: *const gitlade_credentials,
    /// For whom the import is, in the host's own terms: at most 1 KiB.
    pub tenant: gitlade_str,
    /// What the host likes to know about the import: at most 16 KiB of JSON.
    pub metadata: gitlade_str,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_request {
    const NAME: &'static str = "gitlade_request";
}

/// What is different when an import is started again. 0 and NULL are: the same.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_restart {
    /// `sizeof(gitlade_restart)`.
    pub struct_size: usize,
    /// Other options, of which the revision is one.
    pub options: *const gitlade_options,
    /// Other credentials.
    pub credentials: *const gitlade_credentials,
    /// Another revision.
    pub revision: gitlade_str,
    /// Not 0: the credentials that it had are forgotten.
    pub forget_credentials: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_restart {
    const NAME: &'static str = "gitlade_restart";
}

fn engine_options(data: *const gitlade_engine_options) -> Result<EngineOptions, Failure> {
    let mut options = EngineOptions::default();
    let Some(given) = structs::read(data)? else {
        return Ok(options);
    };
    // SAFETY: the header asks for NULL or limits that live during the call.
    if let Some(limits) = unsafe { given.limits.as_ref() } {
        options.limits = limits.0.clone();
    }
    options.remote = remote::options(given.remote)?;
    options.threads = given.threads as usize;
    options.local = given.no_local == 0;
    if given.memory != 0 {
        options.memory = given.memory;
    }
    if given.running != 0 {
        options.running = given.running as usize;
    }
    structs::set_number(&mut options.queued, given.queued);
    if given.progress_interval_ms != 0 {
        options.progress_interval = Duration::from_millis(given.progress_interval_ms.into());
    }
    Ok(options)
}

fn request(data: *const gitlade_request) -> Result<Request, Failure> {
    let mut request = Request::default();
    let Some(given) = structs::read(data)? else {
        return Ok(request);
    };
    request.options = options::options(given.options)?;
    // SAFETY: the header asks for NULL or credentials that live during the call.
    if let Some(credentials) = unsafe { given.credentials.as_ref() } {
        request.credentials = Some(credentials.0.clone());
    }
    given
        .tenant
        .text("tenant")?
        .unwrap_or_default()
        .clone_into(&mut request.tenant);
    given
        .metadata
        .text("metadata")?
        .unwrap_or_default()
        .clone_into(&mut request.metadata);
    Ok(request)
}

fn restart(data: *const gitlade_restart) -> Result<Restart, Failure> {
    let mut restart = Restart::default();
    let Some(given) = structs::read(data)? else {
        return Ok(restart);
    };
    if !given.options.is_null() {
        restart.options = Some(options::options(given.options)?);
    }
    // SAFETY: the header asks for NULL or credentials that live during the call.
    if let Some(credentials) = unsafe { given.credentials.as_ref() } {
        restart.credentials = Some(credentials.0.clone());
    }
    restart.revision = given.revision.text("revision")?.map(str::to_owned);
    restart.forget_credentials = given.forget_credentials != 0;
    Ok(restart)
}

/// Opens an engine on a store, and marks what dead processes left there as interrupted. The store may
/// be freed then.
///
/// `options` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_open(
    store: Option<&gitlade_store>,
    options: *const gitlade_engine_options,
    out: Option<&mut MaybeUninit<*mut gitlade_engine>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        let options = engine_options(options)?;
        let out = give::place("out", out)?;
        out.give(gitlade_engine(Engine::open(store.0.clone(), options)?));
        Ok(())
    })
}

/// Asks for an import, and returns its number at once. What is wrong with the source is found later, and
/// is told by the record.
///
/// `request` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_start(
    engine: Option<&gitlade_engine>,
    source: Option<&gitlade_source>,
    request: *const gitlade_request,
    out: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        let source = give::required("source", source)?;
        let request = self::request(request)?;
        let out = give::value("out", out)?;
        out.write(engine.0.start(&source.source, request)?.0);
        Ok(())
    })
}

/// Asks again for an import that failed, or was cancelled or interrupted. The number stays.
///
/// `restart` may be NULL, which changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_restart(
    engine: Option<&gitlade_engine>,
    id: u64,
    restart: *const gitlade_restart,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        let restart = self::restart(restart)?;
        Ok(engine.0.restart(ImportId(id), restart)?)
    })
}

/// Tells where an import stands now, whichever process runs it, as a list of one.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_status(
    engine: Option<&gitlade_engine>,
    id: u64,
    out: Option<&mut MaybeUninit<*mut gitlade_records>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        let out = give::place("out", out)?;
        out.give(gitlade_records::one(engine.0.status(ImportId(id))?));
        Ok(())
    })
}

/// Waits until an import has ended, and no longer than `timeout_ms` milliseconds; tells where it stands
/// then, as a list of one. How it ended is no error of this function.
///
/// A callback must not wait: `GITLADE_STATUS_BUSY`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_wait(
    engine: Option<&gitlade_engine>,
    id: u64,
    timeout_ms: u64,
    out: Option<&mut MaybeUninit<*mut gitlade_records>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        let out = give::place("out", out)?;
        if timeout_ms > 0 {
            callback::may_wait()?;
        }
        let timeout = Duration::from_millis(timeout_ms).min(remote::LONGEST);
        let record = engine.0.wait(ImportId(id), timeout)?;
        out.give(gitlade_records::one(record));
        Ok(())
    })
}

/// Stops an import, whichever process runs it, and returns at once. `*stopped` says whether there was
/// something to stop.
///
/// `stopped` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_cancel(
    engine: Option<&gitlade_engine>,
    id: u64,
    stopped: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        let any = engine.0.cancel(ImportId(id))?;
        if let Some(stopped) = stopped {
            stopped.write(any);
        }
        Ok(())
    })
}

/// Forgets an import that has ended; `GITLADE_STATUS_BUSY` if it has not.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_remove(
    engine: Option<&gitlade_engine>,
    id: u64,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        Ok(engine.0.remove(ImportId(id))?)
    })
}

/// Lists the imports of all engines of the store, like `gitlade_store_list`.
///
/// `filter` may be NULL, which is all of them.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_list(
    engine: Option<&gitlade_engine>,
    filter: *const gitlade_filter,
    out: Option<&mut MaybeUninit<*mut gitlade_records>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        let filter = record::filter(filter)?;
        let out = give::place("out", out)?;
        out.give(gitlade_records::page(engine.0.list(&filter)?));
        Ok(())
    })
}

/// Ends and frees an engine: nothing begins any more, what runs has `grace_ms` milliseconds to end by
/// itself, and what has not is interrupted, as is what waits. Returns when all threads have ended; in a
/// callback at once, before they have.
///
/// `engine` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_shutdown(engine: *mut gitlade_engine, grace_ms: u64) {
    boundary::value((), || {
        if let Some(engine) = give::take(engine) {
            let grace = Duration::from_millis(grace_ms).min(remote::LONGEST);
            end(engine.0, grace);
        }
    });
}

/// Ends and frees an engine without grace.
///
/// `engine` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_free(engine: *mut gitlade_engine) {
    boundary::value((), || {
        if let Some(engine) = give::take(engine) {
            end(engine.0, Duration::ZERO);
        }
    });
}

/// Ends an engine; in a callback, which one of its imports may wait for, by another thread.
fn end(engine: Engine, grace: Duration) {
    if !callback::is_inside() {
        return engine.shutdown(grace);
    }
    // If there is no thread, the engine stays: dropping it here would wait for this very callback.
    let engine = ManuallyDrop::new(engine);
    let work = move || {
        let engine = ManuallyDrop::into_inner(engine);
        // Whoever would hear of the panic does not wait for it.
        let _ = catch_unwind(AssertUnwindSafe(|| engine.shutdown(grace)));
    };
    let _ = thread::Builder::new()
        .name("gitlade-end".to_owned())
        .spawn(work);
}
