//! Showing how far an import of a store is, whichever process runs it.

use std::time::Instant;

use gitlade::{ErrorKind, ImportRecord, Status};

use super::json;
use crate::describe;
use crate::failure::{Failure, one_line};
use crate::pace::Pace;
use crate::progress::When;
use crate::screen::Screen;

/// Shows the records of one import as they come.
pub(super) struct Follow {
    screen: Screen,
    started: Instant,
    pace: Pace,
    latest: Option<String>,
}

impl Follow {
    pub(super) fn new(when: When) -> Self {
        Follow {
            screen: Screen::new(when),
            started: Instant::now(),
            pace: Pace::default(),
            latest: None,
        }
    }

    pub(super) fn show(&mut self, record: &ImportRecord) {
        let progress = &record.progress;
        let elapsed = self.started.elapsed();
        let moved = progress.received_bytes.max(progress.bytes);
        self.pace.look(elapsed, moved);
        // A step is told at once, and numbers now and then.
        let step = format!("{} {:?}", record.status, progress.step);
        let is_new = self.latest.as_ref() != Some(&step);
        self.latest = Some(step);
        let pace = self.pace.per_second();
        self.screen.show(
            elapsed,
            is_new,
            progress.percent,
            || sentence(record, pace),
            || json::line(&json::record(record)),
        );
    }

    /// The last record is always told to programs.
    pub(super) fn end(&mut self, record: &ImportRecord) {
        self.screen.end(|| json::line(&json::record(record)));
    }
}

/// What a record says of its progress, on one line.
fn sentence(record: &ImportRecord, rate: Option<u64>) -> String {
    let progress = &record.progress;
    let mut text = format!("import {}  {}", record.id, record.status);
    if let Some(step) = &progress.step
        && record.status != Status::Storing
    {
        text += &format!(", {}", one_line(step));
    }
    let what = match record.status {
        Status::Storing => "entries",
        _ => "objects",
    };
    match (progress.objects, progress.objects_total) {
        (0, 0) => {}
        (1, 0) => text += "  1 object",
        (done, 0) => text += &format!("  {} {what}", describe::count(done)),
        (done, total) => {
            let (done, total) = (describe::count(done), describe::count(total));
            text += &format!("  {done}/{total} {what}");
        }
    }
    if progress.received_bytes > 0 {
        text += &format!(", {}", describe::bytes(progress.received_bytes));
    }
    if let Some(rate) = rate.filter(|&rate| rate > 0) {
        text += &format!(", {}/s", describe::bytes(rate));
    }
    text
}

/// How a command ends that waited for an import.
pub(super) fn outcome(record: &ImportRecord) -> Result<(), Failure> {
    match (record.status, &record.failure) {
        (Status::Failed, Some(failure)) => Err(Failure::of_import(failure)),
        (Status::Cancelled, _) => {
            let text = format!("import {} was cancelled", record.id);
            Err(Failure::new(ErrorKind::Cancelled, text)
                .hint("\"gitlade restart\" begins it again"))
        }
        (Status::Interrupted, _) => {
            let text = format!("the process that ran import {} has ended", record.id);
            Err(Failure::new(ErrorKind::Cancelled, text)
                .hint("\"gitlade restart\" begins it again"))
        }
        _ => Ok(()),
    }
}
