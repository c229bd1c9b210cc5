//! `gitlade list`, `status`, `log`, `cancel` and `rm`

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use gitlade::{ImportId, ImportRecord, Status};
use serde::Serialize;

use super::args::{CancelArgs, ListArgs, LogArgs, RmArgs, StatusArgs, StoreArgs};
use super::follow::{Follow, outcome};
use super::open::{View, to_change, to_read};
use super::{json as values, say};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::table::Table;
use crate::when::{ago, from_millis};

/// What "gitlade list --json" prints.
#[derive(Serialize)]
struct Listing<'a> {
    total: u64,
    imports: Vec<values::Record<'a>>,
}

/// What "gitlade log --json" prints.
#[derive(Serialize)]
struct Log<'a> {
    import: u64,
    log: Vec<values::Line<'a>>,
}

/// What "gitlade cancel --json" prints.
#[derive(Serialize)]
struct Cancelled<'a> {
    imports: Vec<values::Record<'a>>,
}

/// What "gitlade rm --json" prints.
#[derive(Serialize)]
struct Removed {
    removed: Vec<u64>,
}

/// How often Ctrl-C is looked for while something is waited for.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) fn list(args: &ListArgs) -> Result<(), Failure> {
    let page = View::open(&args.store.store)?.list(&args.filter())?;
    let json = || Listing {
        total: page.total,
        imports: page.items.iter().map(values::record).collect(),
    };
    args.store.print(json, || match page.items.is_empty() {
        true => "no imports\n".to_owned(),
        false => say::table(&page.items),
    })
}

pub(crate) fn status(args: &StatusArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let view = View::open(&args.store.store)?;
    let mut record = view.record(args.id)?;
    if !args.watch {
        return args.store.print_record(&record);
    }
    if args.store.json {
        let mut output = Output::stdout()?;
        let mut said = None;
        loop {
            let line = values::line(&values::record(&record));
            if said.as_ref() != Some(&line) {
                output.write_bytes(line.as_bytes())?;
                said = Some(line);
            }
            if record.status.is_end() {
                return outcome(&record);
            }
            record = wait(&view, &record, interrupt)?;
        }
    }
    let mut follow = Follow::new(crate::progress::When::Always);
    while !record.status.is_end() {
        follow.show(&record);
        record = wait(&view, &record, interrupt)?;
    }
    follow.end(&record);
    args.store.print_record(&record)?;
    outcome(&record)
}

/// Waits for news of an import. Ctrl-C ends the watching, not the import.
fn wait(
    view: &View,
    record: &ImportRecord,
    interrupt: &Interrupt,
) -> Result<ImportRecord, Failure> {
    if interrupt.is_interrupted() {
        return Err(Failure::cancelled());
    }
    match view {
        View::Engine(engine) => Ok(engine.wait(record.id, LOOK)?),
        View::Store(_) => {
            std::thread::sleep(LOOK);
            view.record(record.id)
        }
    }
}

pub(crate) fn log(args: &LogArgs) -> Result<(), Failure> {
    let lines = to_read(&args.store.store)?.log(args.id)?;
    let json = || Log {
        import: args.id.0,
        log: lines.iter().map(values::Line::from).collect(),
    };
    args.store.print(json, || {
        let now = SystemTime::now();
        let mut table = Table::new(&["WHEN", "#ATTEMPT", "EVENT", "MESSAGE"]);
        for line in &lines {
            let when = ago(from_millis(line.at), now);
            let attempt = line.attempt.to_string();
            table.row([&when, &attempt, &line.event, &line.message]);
        }
        table.render()
    })
}

pub(crate) fn cancel(args: &CancelArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let engine = to_change(&args.store.store)?;
    // All or none: a mistyped number stops nothing.
    for id in &args.ids {
        engine.status(*id)?;
    }
    for id in &args.ids {
        engine.cancel(*id)?;
    }
    let mut records = Vec::new();
    for id in &args.ids {
        let mut record = engine.wait(*id, LOOK)?;
        while !record.status.is_end() {
            if interrupt.is_interrupted() {
                return Err(Failure::cancelled());
            }
            record = engine.wait(*id, LOOK)?;
        }
        records.push(record);
    }
    let json = || Cancelled {
        imports: records.iter().map(values::record).collect(),
    };
    args.store.print(json, || {
        let line = |record: &ImportRecord| match record.status {
            Status::Cancelled => format!("import {} is cancelled\n", record.id),
            status => format!("import {} is {status} already\n", record.id),
        };
        records.iter().map(line).collect()
    })
}

pub(crate) fn remove(args: &RmArgs) -> Result<(), Failure> {
    let engine = to_change(&args.store.store)?;
    // All or none: a mistyped number removes nothing.
    for id in &args.ids {
        let status = engine.status(*id)?.status;
        if !status.is_end() {
            // It says so in its words.
            engine.remove(*id)?;
        }
    }
    let ids: BTreeSet<ImportId> = args.ids.iter().copied().collect();
    for id in &ids {
        engine.remove(*id)?;
    }
    let json = || Removed {
        removed: ids.iter().map(|id| id.0).collect(),
    };
    args.store.print(json, String::new)
}

impl StoreArgs {
    /// Prints what programs or people get.
    pub(super) fn print<J: Serialize>(
        &self,
        json: impl FnOnce() -> J,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let text = match self.json {
            true => values::line(&json()),
            false => text(),
        };
        Output::stdout()?.write_bytes(text.as_bytes())
    }

    pub(super) fn print_record(&self, record: &ImportRecord) -> Result<(), Failure> {
        self.print(|| values::record(record), || say::record(record))
    }
}
