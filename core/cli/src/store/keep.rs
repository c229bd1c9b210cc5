//! `gitlade check`, `repair`, `gc` and `stats`

use std::fmt::Write as _;

use gitlade::{
    CheckReport, ErrorKind, GcReport, Leftovers, Printable, RepairReport, Store, StoreStats,
};

use super::keep_args::{CheckArgs, GcArgs, RepairArgs, StatsArgs};
use super::open;
use crate::describe::{bytes, count, counted};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress::Display;
use crate::table::{Table, facts};

pub(crate) fn check(args: &CheckArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let store = open::to_read(&args.store.store)?;
    let control = interrupt.control();
    let display = Display::start(args.looking.progress, &control.progress);
    let report = store.check(&args.looking.options(), &control);
    drop(display);
    let report = report?;
    args.store.print(|| &report, || checked(&report))?;
    if report.is_clean() {
        return Ok(());
    }
    let text = format!("the store has {}", counted(report.problems, "problem"));
    Err(Failure::new(ErrorKind::CorruptStore, text)
        .hint("\"gitlade repair --fetch\" gets again what is damaged"))
}

pub(crate) fn repair(args: &RepairArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let options = args.options()?;
    // That it is there is checked before it could be made.
    open::to_read(&args.store.store)?;
    let store = Store::open(&args.store.store)?;
    let control = interrupt.control();
    let display = Display::start(args.looking.progress, &control.progress);
    let report = store.repair(&options, &control);
    drop(display);
    let report = report?;
    args.store.print(|| &report, || repaired(&report))?;
    if report.losses == 0 && report.unreadable == 0 {
        return Ok(());
    }
    let text = format!("{} lost", counted(report.losses, "file or import"));
    Err(Failure::new(ErrorKind::CorruptStore, text)
        .hint("import again what they came from, which brings them back"))
}

pub(crate) fn gc(args: &GcArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let folder = &args.store.store;
    let mut store = open::to_read(folder)?;
    if !args.is_dry() {
        store = Store::open(folder)?;
    }
    let report = store.gc(&args.options(), &interrupt.control())?;
    args.store
        .print(|| &report, || collected(&report, args.is_dry()))
}

pub(crate) fn stats(args: &StatsArgs) -> Result<(), Failure> {
    let stats = open::to_read(&args.store.store)?.stats()?;
    args.store.print(|| &stats, || counts(&stats))
}

fn checked(report: &CheckReport) -> String {
    let mut text = String::new();
    for problem in &report.listed {
        let name = problem.kind.name();
        let subject = match (problem.object, problem.digest) {
            (Some(object), _) => object.to_string(),
            (None, Some(digest)) => digest.to_string(),
            (None, None) => String::new(),
        };
        let _ = writeln!(text, "{name} {subject}: {}", problem.detail);
        for place in &problem.places {
            let path = Printable(&place.path);
            let _ = writeln!(text, "    import {} {path}", place.import);
        }
        let more = problem
            .places_total
            .saturating_sub(problem.places.len() as u64);
        if more > 0 {
            let _ = writeln!(text, "    and {more} more");
        }
    }
    let listed = report.listed.len() as u64;
    if report.problems > listed {
        let _ = writeln!(
            text,
            "and {}",
            counted(report.problems - listed, "more problem")
        );
    }
    text.push_str(&facts(&[
        (
            "contents",
            format!("{}, {}", count(report.contents), bytes(report.bytes)),
        ),
        ("texts", count(report.texts)),
        ("facts", count(report.facts)),
        ("trees", count(report.trees)),
        ("manifests", count(report.snapshots)),
        ("imports", count(report.imports)),
        ("lost before", count(report.lost)),
        ("left over", leftovers(&report.leftovers)),
        ("problems", count(report.problems)),
    ]));
    text
}

fn leftovers(left: &Leftovers) -> String {
    let parts = [
        (left.unused_contents, "unused content"),
        (left.orphans, "orphan blob"),
        (left.unused_snapshots, "unused snapshot"),
        (left.temporaries, "temporary folder"),
        (left.locks, "dead lock"),
        (left.abandoned, "abandoned import"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, noun)| counted(number, noun)).collect();
    match parts.is_empty() {
        true => "nothing".to_owned(),
        false => parts.join(", "),
    }
}

fn repaired(report: &RepairReport) -> String {
    let mut text = String::new();
    for loss in &report.listed {
        let _ = match loss.digest {
            Some(digest) => {
                let path = Printable(&loss.path);
                writeln!(text, "lost: import {} {path} {digest}", loss.import)
            }
            None => writeln!(text, "lost: import {} as a whole", loss.import),
        };
    }
    for failed in &report.failed {
        let _ = writeln!(
            text,
            "import {} could not be read again: {}",
            failed.import, failed.message
        );
    }
    text.push_str(&facts(&[
        ("problems", count(report.problems)),
        ("made again", count(report.healed)),
        ("read again", count(report.fetched)),
        ("imported again", count(report.reimported)),
        ("forgotten", count(report.forgotten)),
        ("unreadable", count(report.unreadable)),
        ("losses", count(report.losses)),
    ]));
    text
}

fn collected(report: &GcReport, is_dry: bool) -> String {
    let mut lines = vec![
        (
            "contents",
            format!("{}, {}", count(report.contents), bytes(report.bytes)),
        ),
        ("blobs", count(report.blobs)),
        ("orphans", bytes(report.orphan_bytes)),
        ("snapshots", count(report.snapshots)),
        ("trees", count(report.trees)),
        ("commits", count(report.revisions)),
        ("interrupted", count(report.interrupted)),
        ("database", bytes(report.database_bytes)),
        ("free in it", bytes(report.free_bytes)),
    ];
    if report.imports_running {
        lines.push((
            "left alone",
            "trees and commits, because imports are running".to_owned(),
        ));
    }
    let head = match is_dry {
        true => "would be removed:\n",
        false => "removed:\n",
    };
    format!("{head}{}", facts(&lines))
}

fn counts(stats: &StoreStats) -> String {
    let imports: Vec<String> = stats
        .imports
        .iter()
        .map(|(status, number)| format!("{} {status}", count(*number)))
        .collect();
    let both = |number, size| format!("{}, {}", count(number), bytes(size));
    let mut text = facts(&[
        ("imports", imports.join(", ")),
        ("files", both(stats.files, stats.file_bytes)),
        ("snapshots", count(stats.snapshots)),
        ("entries", count(stats.entries)),
        ("contents", both(stats.contents, stats.content_bytes)),
        ("shared", bytes(stats.shared_bytes)),
        ("texts", both(stats.texts, stats.text_bytes)),
        ("blobs", both(stats.blobs, stats.blob_bytes)),
        ("unused", both(stats.unused_contents, stats.unused_bytes)),
        ("lost", count(stats.lost)),
        ("facts", count(stats.facts)),
        ("trees", both(stats.trees, stats.tree_bytes)),
        ("database", bytes(stats.database_bytes)),
        ("free in it", bytes(stats.free_bytes)),
        ("log", bytes(stats.log_bytes)),
    ]);
    if stats.tenants.iter().any(|tenant| !tenant.tenant.is_empty()) {
        let mut table = Table::new(&["TENANT", "#IMPORTS", "#COMPLETE", "#FILES", "#SIZE"]);
        for tenant in &stats.tenants {
            table.row([
                tenant.tenant.clone(),
                count(tenant.imports),
                count(tenant.complete),
                count(tenant.files),
                bytes(tenant.bytes),
            ]);
        }
        let _ = write!(text, "\n{}", table.render());
    }
    text
}
