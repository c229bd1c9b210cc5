//! One attempt at an import, as the engine that runs it writes it down: without waiting for long
//! where others write.

use std::time::Duration;

use rusqlite::{OptionalExtension, params};

use super::Store;
use super::error::db;
use super::record::{Failure, ImportId, RecordedProgress, Status};
use super::registry::{Ended, end, key, log, whole_message};
use crate::error::Error;
use crate::progress::Step;

/// How long progress may have to wait; the next one says more.
const PATIENCE: Duration = Duration::from_millis(50);

impl Store {
    /// Writes down that an attempt ended before it was complete, like [`end`](Self::end), and fails
    /// with `Busy` if others write for longer than `patience`.
    pub(crate) fn end_within(
        &self,
        patience: Duration,
        id: ImportId,
        attempt: u32,
        ended: Ended<'_>,
    ) -> Result<(), Error> {
        self.0
            .connections
            .write_within(patience, true, |transaction| {
                end(transaction, id, attempt, ended)
            })
    }

    /// Writes down how far an attempt is. Nothing happens if it has ended, or another one has begun.
    pub(crate) fn record_progress(
        &self,
        id: ImportId,
        attempt: u32,
        status: Status,
        progress: &RecordedProgress,
    ) -> Result<(), Error> {
        self.0
            .connections
            .write_within(PATIENCE, false, |transaction| {
                let before: Option<(String, Option<String>)> = transaction
                    .prepare_cached(
                        "SELECT status, step FROM imports WHERE id = ?1 AND attempt = ?2
                     AND status IN ('queued', 'detecting', 'importing', 'storing')",
                    )
                    .and_then(|mut select| {
                        select
                            .query_row(params![key(id), attempt], |row| {
                                Ok((row.get(0)?, row.get(1)?))
                            })
                            .optional()
                    })
                    .map_err(db("update an import"))?;
                let Some((old_status, old_step)) = before else {
                    return Ok(());
                };
                transaction
                    .prepare_cached(
                        "UPDATE imports SET status = ?2, step = ?3, percent = ?4, objects = ?5,
                         objects_total = ?6, bytes_done = ?7, bytes_total = ?8, received_bytes = ?9,
                         files_found = ?10, message = ifnull(?11, message), updated_at = ?12,
                         started_at = ifnull(started_at, ?12)
                     WHERE id = ?1",
                    )
                    .and_then(|mut update| {
                        update.execute(params![
                            key(id),
                            status.name(),
                            progress.step,
                            progress.percent,
                            progress.objects.cast_signed(),
                            progress.objects_total.cast_signed(),
                            progress.bytes.cast_signed(),
                            progress.bytes_total.cast_signed(),
                            progress.received_bytes.cast_signed(),
                            progress.files.cast_signed(),
                            progress.message,
                            super::value::now()
                        ])
                    })
                    .map_err(db("update an import"))?;
                if old_status != status.name() || old_step != progress.step {
                    let step = progress.step.as_deref().unwrap_or_default();
                    log(transaction, id, status.name(), step)?;
                }
                Ok(())
            })
    }
}

impl Failure {
    /// What an error says that ended an import at `step`.
    pub(crate) fn new(error: &Error, step: Step) -> Self {
        Failure {
            step: Some(step.to_string()),
            kind: error.kind().name().to_owned(),
            message: whole_message(error),
            advice: error.advice().map(std::borrow::Cow::into_owned),
        }
    }
}
