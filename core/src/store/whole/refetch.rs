//! Reading again from the sources of imports what was given up.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::repair::{FailedFetch, Work, commit};
use crate::error::{Error, ErrorKind};
use crate::import::{Control, Options};
use crate::progress::Step;
use crate::store::error::db;
use crate::store::registry::{
    Ended, FIRST_ATTEMPT, NewImport, REPAIR, StoredRequest, key, whole_message,
};
use crate::store::run::seal_import;
use crate::store::{ImportId, Store};

/// Imports again what has lost contents, with the means of `fetch`.
///
/// Each source is asked for the very commit that was imported, and, if it does not give that, for the
/// revision as it was asked for: it may have the same contents.
pub(super) fn fetch(
    store: &Store,
    fetch: &Options,
    control: &Control,
    work: &mut Work,
) -> Result<(), Error> {
    let before = store.0.connections.read(count)?;
    for id in store.0.connections.read(damaged)? {
        // An import before it may have brought the same contents.
        let has_losses = |connection: &Connection| Ok(damaged(connection)?.contains(&id));
        if !store.0.connections.read(has_losses)? {
            continue;
        }
        let result = again(store, id, fetch, control);
        note(id, result, work)?;
    }
    work.report.fetched = before.saturating_sub(store.0.connections.read(count)?);
    for id in std::mem::take(&mut work.whole) {
        let result = whole(store, id, fetch, control);
        if result.is_ok() {
            work.report.reimported += 1;
        } else {
            work.whole.push(id);
        }
        note(id, result, work)?;
    }
    Ok(())
}

fn note(id: ImportId, result: Result<(), Error>, work: &mut Work) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
        Err(error) => {
            work.report.failed.push(FailedFetch {
                import: id,
                kind: error.kind().name().to_owned(),
                message: whole_message(&error),
            });
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn count(connection: &Connection) -> Result<u64, Error> {
    connection
        .query_row(
            "SELECT count(*) FROM contents WHERE stored = 'lost'",
            (),
            |row| row.get::<_, i64>(0),
        )
        .map(i64::cast_unsigned)
        .map_err(db("be read"))
}

/// Complete imports with lost contents.
fn damaged(connection: &Connection) -> Result<Vec<ImportId>, Error> {
    connection
        .prepare(
            "SELECT DISTINCT i.id FROM contents c JOIN files f ON f.content_id = c.id
             JOIN imports i ON i.snapshot_id = f.snapshot_id
             WHERE c.stored = 'lost' AND i.status = 'complete' ORDER BY i.id",
        )
        .and_then(|mut select| {
            select
                .query_map((), |row| {
                    Ok(ImportId(row.get::<_, i64>(0)?.cast_unsigned()))
                })?
                .collect()
        })
        .map_err(db("be read"))
}

fn restore_reference(store: &Store, id: ImportId, reference: &Value) -> Result<(), Error> {
    store.0.connections.write(true, |transaction| {
        transaction
            .execute(
                "UPDATE imports SET reference = ?2 WHERE id = ?1",
                params![key(id), reference],
            )
            .map_err(db("be repaired"))?;
        seal_import(transaction, id)
    })
}

/// What to ask for, in turn.
fn requests(store: &Store, id: ImportId, fetch: &Options) -> Result<Vec<StoredRequest>, Error> {
    let mut request = store.request(id)?;
    let options = &mut request.options;
    options.threads = fetch.threads;
    options.memory = fetch.memory;
    options.alternates = fetch.alternates;
    options.spool_dir.clone_from(&fetch.spool_dir);
    let depth = options.remote.depth.max(fetch.remote.depth);
    options.remote = fetch.remote.clone().depth(depth);
    let mut requests = Vec::new();
    if let Some(commit) = commit(store, id)? {
        let mut exact = request.clone();
        exact.options.revision = Some(commit);
        requests.push(exact);
    }
    requests.push(request);
    Ok(requests)
}

/// Imports once more under another number, which goes again: what it brought has healed the first.
fn again(store: &Store, id: ImportId, fetch: &Options, control: &Control) -> Result<(), Error> {
    let mut result = Ok(());
    for request in requests(store, id, fetch)? {
        let owner = store.claim()?;
        let new = NewImport {
            source: &request.source,
            options: &request.options,
            tenant: REPAIR,
            metadata: None,
        };
        let helper = store.begin(&new, &owner)?;
        result = store
            .run(
                helper,
                FIRST_ATTEMPT,
                &request.source,
                &request.options,
                control,
            )
            .map(drop);
        if let Err(error) = &result {
            let step = control.progress.snapshot().step;
            store.end(helper, FIRST_ATTEMPT, Ended::Failed(step, error))?;
        }
        match store.remove(helper) {
            // Another process found that it had ended.
            Err(error) if error.kind() == ErrorKind::ImportNotFound => {}
            removed => removed?,
        }
        match &result {
            Err(error) if error.kind() != ErrorKind::Cancelled => {}
            _ => break,
        }
    }
    control.progress.enter(Step::Reading, 0, 0);
    result
}

/// Imports under the same number what was lost as a whole.
fn whole(store: &Store, id: ImportId, fetch: &Options, control: &Control) -> Result<(), Error> {
    let record = store.import_record(id)?;
    let asked = store.request(id)?;
    let reference: Value = store.0.connections.read(|connection| {
        connection
            .query_row(
                "SELECT reference FROM imports WHERE id = ?1",
                [key(id)],
                |row| row.get(0),
            )
            .map_err(db("be read"))
    })?;
    let mut result = Ok(());
    for request in requests(store, id, fetch)? {
        let owner = store.claim()?;
        let new = NewImport {
            source: &asked.source,
            options: &asked.options,
            tenant: &record.tenant,
            metadata: record.metadata.as_deref(),
        };
        let attempt = store.begin_again(id, &new, &owner)?;
        result = store
            .run(id, attempt, &request.source, &request.options, control)
            .map(drop);
        match &result {
            Ok(()) => {
                if request.options.revision != asked.options.revision {
                    // The commit was asked for by its id; it is still the one that the ref led to.
                    restore_reference(store, id, &reference)?;
                }
                break;
            }
            Err(error) => {
                let step = control.progress.snapshot().step;
                store.end(id, attempt, Ended::Failed(step, error))?;
                if error.kind() == ErrorKind::Cancelled {
                    break;
                }
            }
        }
    }
    result
}
