//! The engine and the store in C and C++: what comes out of them is what Rust gets.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitlade::{CheckOptions, Control, ImportFilter, ImportRecord, Sort, Status, Store, StoreStats};
use gitlade_tests::server::{GitHttp, sample_repository, sample_repository_as};
use gitlade_tests::{corpus, scratch};

use crate::installed::{build, run};
use crate::same::{hex, import, line, text};

/// The number of a status in the header.
fn number(status: Status) -> usize {
    let names = [
        "queued",
        "detecting",
        "importing",
        "storing",
        "complete",
        "failed",
        "cancelled",
        "interrupted",
    ];
    let place = names.iter().position(|name| *name == status.name());
    place.unwrap_or_else(|| panic!("{status} has no number"))
}

/// All that there is to say of a record, in the form of the programs.
fn record_line(record: &ImportRecord) -> String {
    let failure = record.failure.as_ref().map(|failure| {
        let kinds = gitlade::ErrorKind::ALL.iter();
        let mut kinds = kinds.filter(|kind| kind.name() == failure.kind);
        kinds
            .next()
            .expect("because errors have their names")
            .code()
    });
    let outcome = record.outcome.as_ref();
    let totals = outcome.map(|outcome| outcome.totals).unwrap_or_default();
    let commit = outcome.and_then(|outcome| outcome.commit);
    let mut line = format!(
        "record\t{}\t{}\t{}\t{}\t{}",
        record.id,
        number(record.status),
        failure.unwrap_or(0),
        record.attempt,
        u8::from(record.remote),
    );
    for told in [
        Some(&record.tenant),
        record.metadata.as_ref(),
        Some(&record.source),
        record.owner.as_ref(),
        record.repository.as_ref(),
        record.revision.as_ref(),
    ] {
        let _ = write!(line, "\t{}", text(told.map(String::as_bytes)));
    }
    let reference = outcome.and_then(|outcome| outcome.reference.as_deref());
    let _ = write!(line, "\t{}", text(reference));
    let _ = writeln!(
        line,
        "\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        commit.map(|id| id.to_string()).unwrap_or_default(),
        hex(&outcome.map_or([0; 32], |outcome| outcome.root.0)),
        totals.folders,
        totals.files,
        totals.bytes,
        totals.text,
        totals.binary,
    );
    line
}

/// What the programs print of a store's counts.
fn stats_lines(stats: &StoreStats) -> String {
    let mut lines = "counts".to_owned();
    for count in [
        stats.files,
        stats.file_bytes,
        stats.snapshots,
        stats.entries,
        stats.contents,
        stats.content_bytes,
        stats.shared_bytes,
        stats.texts,
        stats.text_bytes,
        stats.blobs,
        stats.blob_bytes,
        stats.lost,
        stats.unused_contents,
        stats.unused_bytes,
        stats.facts,
        stats.trees,
        stats.tree_bytes,
    ] {
        let _ = write!(lines, "\t{count}");
    }
    lines.push('\n');
    for (index, status) in Status::ALL.iter().enumerate() {
        let count = stats.imports.get(status.name()).copied().unwrap_or(0);
        let _ = writeln!(lines, "imports\t{index}\t{count}");
    }
    for tenant in &stats.tenants {
        let _ = writeln!(
            lines,
            "tenant\t{}\t{}\t{}\t{}\t{}",
            text(Some(tenant.tenant.as_bytes())),
            tenant.imports,
            tenant.complete,
            tenant.files,
            tenant.bytes
        );
    }
    lines
}

/// Servers with the sample repository: an open one, one that asks who is there, and one that never
/// answers.
pub(crate) struct Servers {
    _folder: tempfile::TempDir,
    repository: PathBuf,
    open: GitHttp,
    guarded: GitHttp,
    silent: TcpListener,
}

impl Servers {
    pub(crate) fn start() -> Self {
        let folder = scratch();
        let repository = sample_repository(folder.path());
        sample_repository_as(folder.path(), "sha256.git", "sha256");
        // The system takes connections, and nobody reads what comes.
        let silent = TcpListener::bind("127.0.0.1:0").expect("because a port is free");
        Servers {
            repository,
            open: GitHttp::serve(folder.path()),
            guarded: GitHttp::builder(folder.path())
                .basic("user", "secret")
                .start(),
            silent,
            _folder: folder,
        }
    }

    /// What is imported: the sample from its server first.
    pub(crate) fn sources(&self) -> Vec<String> {
        vec![
            self.open.url("sample.git"),
            self.repository.display().to_string(),
            self.open.url("sha256.git"),
            self.open.url("nothing.git"),
        ]
    }

    /// Lets a program, which `command` makes, fill a store.
    pub(crate) fn fill(&self, mut command: Command, store: &Path, sources: &[String]) -> String {
        let silent = self.silent.local_addr().expect("because it is bound");
        command
            .arg("fill")
            .arg(store)
            .arg(self.guarded.url("sample.git"))
            .arg(format!("http://{silent}/owner/name.git"))
            .args(sources);
        String::from_utf8(run(&mut command).stdout).expect("because it is UTF-8")
    }

    /// Lets a program damage a store, repair and empty it.
    pub(crate) fn mend(&self, mut command: Command, store: &Path) -> String {
        command
            .arg("mend")
            .arg(store)
            .arg(self.open.url("sample.git"));
        String::from_utf8(run(&mut command).stdout).expect("because it is UTF-8")
    }
}

/// Holds what a program said while it filled a store against what Rust finds there, and against what
/// Rust makes of the same sources without a store.
fn filled(told: &str, folder: &Path, sources: &[String]) -> usize {
    let store = Store::open(folder).expect("because a program made it");
    let filter = ImportFilter::default()
        .sort(Sort::Created)
        .ascending(true)
        .limit(1_000);
    let records = store.imports(&filter).expect("because it can be listed");
    let mut expected = String::new();
    let mut entries = 0;
    for (record, source) in records.items.iter().zip(sources) {
        expected.push_str(&record_line(record));
        match import(source) {
            Err(error) => {
                let failure = record.failure.as_ref().expect("because the import failed");
                assert_eq!(failure.kind, error.kind().name(), "{source}");
            }
            Ok(import) => {
                assert_eq!(record.status, Status::Complete, "{source}");
                for entry in import.manifest().entries() {
                    expected.push_str(&line(&import, entry));
                }
                entries += import.manifest().len();
            }
        }
    }
    // The one that was started again, and one from nowhere; the one that was cancelled is forgotten.
    assert_eq!(records.items.len(), sources.len() + 2);
    let complete = |record: &&ImportRecord| record.status == Status::Complete;
    expected.push_str(&record_line(&records.items[sources.len()]));
    expected.extend(records.items.iter().filter(complete).map(record_line));
    let stats = store.stats().expect("because it can be counted");
    expected.push_str(&stats_lines(&stats));
    let mut told_lines = told.split_inclusive('\n');
    for line in expected.split_inclusive('\n') {
        assert_eq!(told_lines.next(), Some(line));
    }
    let json = told_lines
        .next()
        .and_then(|line| line.strip_prefix("stats\t"));
    let json: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(json.expect("because they are told")).expect("because it is JSON");
    assert_eq!(json["contents"], stats.contents);
    assert_eq!(json["tenants"][0]["complete"], stats.tenants[0].complete);
    assert_eq!(told_lines.next(), None);
    let report = store.check(&CheckOptions::default(), &Control::new());
    assert!(report.expect("because it can be checked").is_clean());
    entries
}

/// Holds what a program said of damage against what it had to find.
fn mended(told: &str, folder: &Path) {
    let lines: Vec<(&str, &str)> = told
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let json = |name: &str| -> serde_json::Value {
        let found = lines.iter().find(|(kind, _)| *kind == name);
        let (_, json) = found.unwrap_or_else(|| panic!("{name} is told in {told}"));
        serde_json::from_str(json).expect("because it is JSON")
    };
    let places = lines.iter().filter(|(kind, _)| *kind == "place").count();
    let findings = json("findings");
    assert_eq!(findings["problems"], 1);
    assert_eq!(findings["listed"][0]["kind"], "blob_damaged");
    let listed = findings["listed"][0]["places"].as_array();
    assert_eq!(listed.map(Vec::len), Some(places));
    assert!(places >= 1);
    let repair = json("repair");
    assert_eq!(repair["losses"], places);
    // Nothing is left.
    let store = Store::open(folder).expect("because a program made it");
    let stats = store.stats().expect("because it can be counted");
    assert!(told.contains(&stats_lines(&stats)), "{told}");
    assert_eq!((stats.contents, stats.files, stats.trees), (0, 0, 0));
    assert!(stats.imports.is_empty() && stats.tenants.is_empty());
}

#[test]
fn engine_and_store_are_the_same_in_every_language() {
    let servers = Servers::start();
    let folder = scratch();
    let mut samples = Vec::new();
    // What a partial clone lacks, the store may have from another sample.
    let whole = corpus::all().into_iter();
    let whole = whole.filter(|sample| !sample.name.starts_with("storage/partial"));
    for (index, sample) in whole.enumerate() {
        let place = folder.path().join(index.to_string());
        sample.make(&place);
        samples.push(sample.opened(&place).display().to_string());
    }
    let programs = [
        ("engine.c", "gcc"),
        ("engine.c", "clang"),
        ("engine.cpp", "g++"),
        ("engine.cpp", "clang++"),
    ];
    for (index, (source, compiler)) in programs.iter().enumerate() {
        let program = build(source, compiler, &[]);
        let store = folder.path().join(format!("store{index}"));
        // All see what the servers have, and each sample is seen by one.
        let some = samples.iter().skip(index).step_by(programs.len());
        let seen: Vec<String> = servers.sources().into_iter().chain(some.cloned()).collect();
        let told = servers.fill(Command::new(&program), &store, &seen);
        let entries = filled(&told, &store, &seen);
        println!("{source} by {compiler}: {entries} entries of a store are those of Rust");
        mended(&servers.mend(Command::new(&program), &store), &store);
    }
}
