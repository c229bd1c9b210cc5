//! Imports of other processes: asking for their end, and what they left when they died.

use rusqlite::{Connection, params};

use super::Store;
use super::error::db;
use super::owner::{Owner, is_dead, sweep};
use super::record::ImportId;
use super::registry::{ENDS, Ended, REPAIR, end, key, status};
use super::value::now;
use crate::error::{Error, ErrorKind};

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
        let left = self.forget_repairs()?;
        interrupted.retain(|id| !left.contains(id));
        Ok(interrupted)
    }

    /// Forgets what a repair that died had not forgotten itself, and says which imports those were.
    fn forget_repairs(&self) -> Result<Vec<ImportId>, Error> {
        let left = self.0.connections.read(|connection| {
            let ended = "SELECT id, attempt FROM imports WHERE tenant = ?1 AND engine IS NULL";
            attempts(connection, ended, REPAIR)
        })?;
        for (id, _) in &left {
            match self.remove(*id) {
                Err(error) if error.kind() == ErrorKind::ImportNotFound => {}
                removed => removed?,
            }
        }
        Ok(left.into_iter().map(|(id, _)| id).collect())
    }
}

fn attempts(connection: &Connection, sql: &str, of: &str) -> Result<Vec<(ImportId, u32)>, Error> {
    connection
        .prepare_cached(sql)
        .and_then(|mut select| {
            select
                .query_map([of], |row| {
                    Ok((ImportId(row.get::<_, i64>(0)?.cast_unsigned()), row.get(1)?))
                })?
                .collect()
        })
        .map_err(db("be read"))
}
