//! Imports of other processes: asking for their end, and what they left when they died.

use rusqlite::{Connection, params};

use super::Store;
use super::error::db;
use super::owner::{Owner, is_dead, sweep};
use super::record::ImportId;
use super::registry::{ENDS, Ended, end, key, status};
use super::value::now;
use crate::error::Error;

impl Store {
    /// Asks whoever runs an import to stop it. Says whether it is running or waiting.
    pub(crate) fn request_cancel(&self, id: ImportId) -> Result<bool, Error> {
        self.0.connections.write(false, |transaction| {
            status(transaction, id)?;
            let changed = transaction
                .execute(
                    &format!(
                        "UPDATE imports SET cancel_requested = 1, updated_at = ?2
                         WHERE id = ?1 AND status NOT IN {ENDS}"
                    ),
                    params![key(id), now()],
                )
                .map_err(db("cancel an import"))?;
            Ok(changed > 0)
        })
    }

    /// Those attempts at imports of `owner` that another process asked to stop, each once.
    pub(crate) fn take_cancel_requests(
        &self,
        owner: &Owner,
    ) -> Result<Vec<(ImportId, u32)>, Error> {
        const REQUESTED: &str = "engine = ?1 AND cancel_requested = 1";
        let requested = |connection: &Connection| {
            attempts(
                connection,
                &format!("SELECT id, attempt FROM imports WHERE {REQUESTED}"),
                owner.name(),
            )
        };
        // Mostly there are none, and then nothing needs to be locked.
        if self.0.connections.read(requested)?.is_empty() {
            return Ok(Vec::new());
        }
        self.0.connections.write(false, |transaction| {
            let attempts = requested(transaction)?;
            transaction
                .execute(
                    &format!("UPDATE imports SET cancel_requested = 2 WHERE {REQUESTED}"),
                    [owner.name()],
                )
                .map_err(db("cancel imports"))?;
            Ok(attempts)
        })
    }

    /// Marks what dead processes left running or waiting as interrupted, and says which.
    pub(crate) fn mark_interrupted(&self) -> Result<Vec<ImportId>, Error> {
        let active =
            format!("SELECT id, attempt FROM imports WHERE engine = ?1 AND status NOT IN {ENDS}");
        let owners: Vec<String> = self.0.connections.read(|connection| {
            connection
                .prepare("SELECT DISTINCT engine FROM imports WHERE engine IS NOT NULL")
                .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
                .map_err(db("be read"))
        })?;
        let mut interrupted = Vec::new();
        for owner in owners {
            if !is_dead(&self.locks(), &owner)? {
                continue;
            }
            self.0.connections.write(true, |transaction| {
                for (id, attempt) in attempts(transaction, &active, &owner)? {
                    end(transaction, id, attempt, Ended::Interrupted)?;
                    interrupted.push(id);
                }
                Ok(())
            })?;
        }
        sweep(&self.locks())?;
        Ok(interrupted)
    }
}

fn attempts(
    connection: &Connection,
    sql: &str,
    owner: &str,
) -> Result<Vec<(ImportId, u32)>, Error> {
    connection
        .prepare_cached(sql)
        .and_then(|mut select| {
            select
                .query_map([owner], |row| {
                    Ok((ImportId(row.get::<_, i64>(0)?.cast_unsigned()), row.get(1)?))
                })?
                .collect()
        })
        .map_err(db("be read"))
}
