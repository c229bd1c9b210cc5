//! How imports end.

use rusqlite::{Transaction, params};

use super::{ENDS, ImportId, Status, key, log};
use crate::error::Error;
use crate::printable::Printable;
use crate::progress::Step;
use crate::store::Store;
use crate::store::error::db;
use crate::store::value::now;

/// How an import ended, other than complete.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ended<'a> {
    Failed(Step, &'a Error),
    Cancelled,
    Interrupted,
}

impl Store {
    /// Writes down that an attempt ended before it was complete. Nothing happens if it has ended
    /// already, or another one has begun.
    pub(crate) fn end(&self, id: ImportId, attempt: u32, ended: Ended<'_>) -> Result<(), Error> {
        self.0
            .connections
            .write(true, |transaction| end(transaction, id, attempt, ended))
    }
}

pub(in crate::store) fn end(
    transaction: &Transaction<'_>,
    id: ImportId,
    attempt: u32,
    ended: Ended<'_>,
) -> Result<(), Error> {
    let (status, step, error) = match ended {
        Ended::Failed(step, error) => (Status::Failed, Some(step.to_string()), Some(error)),
        Ended::Cancelled => (Status::Cancelled, None, None),
        Ended::Interrupted => (Status::Interrupted, None, None),
    };
    let message = error.map(whole_message);
    let changed = transaction
        .execute(
            &format!(
                "UPDATE imports SET status = ?2, failed_step = ?3, error_kind = ?4,
                     error_message = ?5, error_advice = ?6, engine = NULL, cancel_requested = 0,
                     kept_from = NULL, updated_at = ?7, ended_at = ?7
                 WHERE id = ?1 AND attempt = ?8 AND status NOT IN {ENDS}"
            ),
            params![
                key(id),
                status.name(),
                step,
                error.map(|error| error.kind().name()),
                message,
                error.and_then(|error| error.advice().map(std::borrow::Cow::into_owned)),
                now(),
                attempt
            ],
        )
        .map_err(db("end an import"))?;
    if changed > 0 {
        log(
            transaction,
            id,
            status.name(),
            message.as_deref().unwrap_or_default(),
        )?;
    }
    Ok(())
}

/// An error's message, and those of what caused it.
pub(in crate::store) fn whole_message(error: &Error) -> String {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    let clean = Printable(message.as_bytes()).to_string();
    // Backslashes are escaped once already, in what the message quotes.
    clean.replace("\\\\", "\\")
}
