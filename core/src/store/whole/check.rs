//! Checking everything that a store has.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::Connection;

use super::report::{CheckOptions, CheckReport, Problem, ProblemKind, StoredPlace};
use super::{contents, leftovers, rows};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::id::{ContentHash, ObjectId};
use crate::import::Control;
use crate::printable::Printable;
use crate::progress::Step;
use crate::store::connection::Purpose;
use crate::store::error::db;
use crate::store::{ImportId, Store};

/// Lines of SQLite's own check that are reported.
const MAX_LINES: u32 = 100;

/// What a check found, for a person and for a repair.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) report: CheckReport,
    pub(super) max_listed: usize,
    pub(super) max_places: usize,
    /// Whether SQLite finds the file damaged.
    pub(super) database: bool,
    /// Rows of `contents` that are not as they should be.
    pub(super) contents: BTreeSet<i64>,
    /// Object ids whose facts are wrong.
    pub(super) facts: Vec<Vec<u8>>,
    /// Object ids whose trees are wrong.
    pub(super) trees: Vec<Vec<u8>>,
    pub(super) revisions: Vec<Vec<u8>>,
    pub(super) snapshots: BTreeSet<i64>,
    /// Imports whose record was altered.
    pub(super) imports: BTreeSet<ImportId>,
    /// Rows that refer to nothing.
    pub(super) dangling: bool,
}

/// What one problem is about.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) digest: Option<ContentHash>,
    pub(super) object: Option<ObjectId>,
    pub(super) places: Vec<StoredPlace>,
    pub(super) places_total: u64,
}

impl Findings {
    pub(super) fn new(options: &CheckOptions) -> Self {
        Findings {
            max_listed: options.max_listed,
            max_places: options.max_places,
            ..Findings::default()
        }
    }

    /// Whether one more problem is listed, so that it is worth finding out what it touches.
    pub(super) fn has_room(&self) -> bool {
        self.report.listed.len() < self.max_listed
    }

    pub(super) fn add(&mut self, kind: ProblemKind, detail: &str, about: About) {
        self.report.problems += 1;
        self.database |= kind == ProblemKind::Database;
        if self.has_room() {
            self.report.listed.push(Problem {
                kind,
                digest: about.digest,
                object: about.object,
                detail: Printable(detail.as_bytes()).to_string(),
                places: about.places,
                places_total: about.places_total,
            });
        }
    }

    /// Turns an error about damage into a problem; what follows it in the same step is not checked.
    fn take(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        match result {
            Err(error) if error.kind() == ErrorKind::CorruptStore => {
                let detail = crate::store::registry::whole_message(&error);
                self.add(ProblemKind::Database, &detail, About::default());
                Ok(())
            }
            result => result,
        }
    }
}

impl Store {
    /// Checks everything: the database as SQLite sees it, every row, the digest of every content, the
    /// id of every blob and tree that is remembered, and that all imports add up.
    ///
    /// Imports may run meanwhile. Nothing is changed, so a store that is opened read-only can be
    /// checked as well. The progress counts contents and their bytes.
    ///
    /// ```
    /// use gitlade::{CheckOptions, Control, Store};
    ///
    /// # fn main() -> Result<(), gitlade::Error> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path())?;
    /// let report = store.check(&CheckOptions::default(), &Control::new())?;
    /// assert!(report.is_clean());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::ErrorKind::Cancelled), and what keeps the check from looking. What it
    /// finds is no error.
    pub fn check(&self, options: &CheckOptions, control: &Control) -> Result<CheckReport, Error> {
        self.find(options, control).map(|findings| findings.report)
    }

    pub(super) fn find(
        &self,
        options: &CheckOptions,
        control: &Control,
    ) -> Result<Findings, Error> {
        let mut findings = Findings::new(options);
        let cancel = &control.cancel;
        let whole = self.check_database(cancel, &mut findings);
        findings.take(whole)?;
        let references = self
            .0
            .connections
            .read(|connection| rows::references(connection, cancel, &mut findings));
        findings.take(references)?;
        let checked = contents::check(self, options, control, &mut findings);
        findings.take(checked)?;
        let trees = rows::trees(self, cancel, &mut findings);
        findings.take(trees)?;
        let snapshots = rows::snapshots(self, cancel, &mut findings);
        findings.take(snapshots)?;
        let imports = rows::imports(self, cancel, &mut findings);
        findings.take(imports)?;
        let left = leftovers::count(self, cancel, &mut findings.report.leftovers);
        findings.take(left)?;
        control.progress.enter(Step::Complete, 0, 0);
        Ok(findings)
    }

    /// Has SQLite look at its file, on a connection of its own that a cancel interrupts.
    fn check_database(&self, cancel: &Cancel, findings: &mut Findings) -> Result<(), Error> {
        let connection = self.0.connections.connect(Purpose::Read)?;
        let lines = interruptible(&connection, cancel, |connection| {
            connection
                .prepare(&format!("PRAGMA integrity_check({MAX_LINES})"))
                .and_then(|mut check| check.query_map((), |row| row.get(0))?.collect())
                .map_err(db("be checked"))
        });
        let lines: Vec<String> = match lines {
            Err(_) if cancel.is_cancelled() => return cancel.check(),
            lines => lines?,
        };
        for line in lines.iter().filter(|line| *line != "ok") {
            findings.add(ProblemKind::Database, line, About::default());
        }
        Ok(())
    }
}

/// Runs `work`, and interrupts its statements on a cancel.
pub(super) fn interruptible<T>(
    connection: &Connection,
    cancel: &Cancel,
    work: impl FnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    let handle = connection.get_interrupt_handle();
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watch = move || {
            use std::sync::mpsc::RecvTimeoutError::Timeout;
            while is_done.recv_timeout(Duration::from_millis(50)) == Err(Timeout) {
                if cancel.is_cancelled() {
                    handle.interrupt();
                }
            }
        };
        // Without a watcher it ends all the same, only later.
        let _ = std::thread::Builder::new()
            .name("gitlade-check".to_owned())
            .spawn_scoped(scope, watch);
        let result = work(connection);
        drop(done);
        result
    })
}
