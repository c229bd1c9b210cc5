//! Opening a store as a command needs it.

use std::path::Path;

use gitlade::{
    Engine, EngineOptions, ErrorKind, ImportFilter, ImportId, ImportRecord, Limits, Options, Page,
    RemoteOptions, Store, StoreOptions,
};

use crate::failure::{Failure, quoted};

/// A store that is there, for reading.
pub(super) fn to_read(folder: &Path) -> Result<Store, Failure> {
    exists(folder)?;
    let options = StoreOptions::default().read_only(true);
    Ok(Store::open_with(folder, &options)?)
}

/// An engine on a store that is there, for what does not import.
pub(super) fn to_change(folder: &Path) -> Result<Engine, Failure> {
    exists(folder)?;
    Ok(Engine::open(
        Store::open(folder)?,
        EngineOptions::default(),
    )?)
}

/// An engine that imports one repository by `options`, as the person at the keyboard likes.
pub(super) fn to_import(store: Store, options: &Options) -> Result<Engine, Failure> {
    let mut remote: RemoteOptions = options.remote.clone();
    remote.credentials = None;
    let options = EngineOptions::default()
        .running(1)
        .threads(options.threads)
        .memory(options.memory)
        .limits(Limits::unlimited())
        .remote(remote);
    Ok(Engine::open(store, options)?)
}

/// A store that is looked at: through an engine, which knows whose process has died, or without one
/// where nothing may be written.
pub(super) enum View {
    Engine(Engine),
    Store(Store),
}

impl View {
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        exists(folder)?;
        let engine =
            Store::open(folder).and_then(|store| Engine::open(store, EngineOptions::default()));
        match engine {
            Ok(engine) => Ok(View::Engine(engine)),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Ok(View::Store(to_read(folder)?))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn list(&self, filter: &ImportFilter) -> Result<Page<ImportRecord>, Failure> {
        Ok(match self {
            View::Engine(engine) => engine.list(filter)?,
            View::Store(store) => store.imports(filter)?,
        })
    }

    pub(super) fn record(&self, id: ImportId) -> Result<ImportRecord, Failure> {
        Ok(match self {
            View::Engine(engine) => engine.status(id)?,
            View::Store(store) => store.import_record(id)?,
        })
    }
}

/// A mistyped folder should not become a new store.
fn exists(folder: &Path) -> Result<(), Failure> {
    let database = folder.join("gitlade.db");
    match std::fs::symlink_metadata(&database) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("there is no store at {}", quoted(folder));
            Err(Failure::new(ErrorKind::Io, text)
                .hint("check the spelling; \"gitlade import --store\" makes one"))
        }
        Err(error) => Err(Failure::of_file("open", &database, &error)),
    }
}
