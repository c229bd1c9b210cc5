//! Stores that a stranger altered: the bodies of two fuzz targets.
//!
//! [`Rows`] alters rows of a database in memory, thousands of times a second, and reads them.
//! [`Damaged`] alters the bytes of a database file, and opens, lists, reads, checks and repairs the
//! store.

mod damaged;
mod rows;
mod script;

pub use damaged::Damaged;
pub use rows::Rows;

use std::collections::BTreeSet;

use super::{ImportFilter, ImportId, Store};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::manifest::Manifest;

/// What may come of a store that is damaged: it says so, or the question does not fit any more.
fn check_error(error: &Error) {
    crate::internals::probe::check_message(error);
    let kind = error.kind();
    assert!(
        matches!(
            kind,
            ErrorKind::CorruptStore
                | ErrorKind::ImportNotFound
                | ErrorKind::Busy
                | ErrorKind::PathNotFound
                | ErrorKind::PathIsOther
                | ErrorKind::ContentSkipped
                | ErrorKind::NotText
                | ErrorKind::LimitExceeded
                // The file's header says that nobody may write it.
                | ErrorKind::PermissionDenied
        ),
        "{kind:?}: {error:?}"
    );
}

/// The value, if there is one.
fn answer<T>(result: Result<T, Error>) -> Option<T> {
    result.inspect_err(check_error).ok()
}

/// Asks for everything that there is about all imports.
fn read_registry(store: &Store) -> BTreeSet<ImportId> {
    let mut ids = BTreeSet::from([ImportId(1), ImportId(u64::MAX)]);
    if let Some(page) = answer(store.imports(&ImportFilter::default())) {
        for record in page.items {
            assert!(!record.source.chars().any(char::is_control));
            ids.insert(record.id);
        }
    }
    for &id in &ids {
        answer(store.import_record(id));
        answer(store.log(id));
        if let Err(error) = store.request(id) {
            // A source that does not parse is what was written there, and not the store's.
            crate::internals::probe::check_message(&error);
        }
    }
    ids
}

/// Reads a manifest, which is whole if it is given at all.
fn read_manifest(store: &Store, id: ImportId) -> Option<Manifest> {
    let manifest = answer(store.manifest(id))?;
    let mut written = Vec::new();
    manifest
        .write_ndjson(&mut written)
        .expect("because memory takes what is written");
    let again = Manifest::read_ndjson(&written[..], &Limits::default())
        .expect("because a manifest that was put together can be read");
    let mut twice = Vec::new();
    again
        .write_ndjson(&mut twice)
        .expect("because memory takes what is written");
    assert!(written == twice, "a manifest reads as another");
    Some(manifest)
}

/// Reads a manifest, and the contents of its files.
fn read_import(store: &Store, id: ImportId) {
    let Some(manifest) = read_manifest(store, id) else {
        return;
    };
    for entry in manifest.entries() {
        answer(store.text(id, entry.path()));
        answer(store.bytes(id, entry.path()));
    }
}
