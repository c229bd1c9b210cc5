//! Background imports: queued fairly, watched, cancelled, started again; nothing stays half done.

mod asking;
mod ends;
mod processes;
mod turns;
mod watching;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gitlade::{
    Credentials, Engine, EngineOptions, ErrorKind, Event, EventKind, ImportFilter, ImportId,
    ImportRecord, Options, Received, Request, Restart, Source, Status, Step, Store,
    SubscribeOptions, Subscription,
};
use gitlade_tests::server::{Gate, GitHttp, git, sample_repository};
use tempfile::TempDir;

use crate::importing::loopback;
use crate::secrets::{SECRET, USER, assert_clean, assert_clean_bytes};

/// Long enough for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A repository, and room for a store.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) repository: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("because there is room");
        let repository = sample_repository(folder.path());
        Place { folder, repository }
    }

    pub(crate) fn store_folder(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn store(&self) -> Store {
        Store::open(self.store_folder()).expect("because there is room")
    }

    fn engine(&self, options: EngineOptions) -> Engine {
        Engine::open(self.store(), options.remote(loopback())).expect("because it is a store")
    }

    fn local(&self) -> Source {
        Source::Local(self.repository.clone())
    }
}

fn one_at_a_time() -> EngineOptions {
    EngineOptions::default().running(1)
}

fn remote(server: &GitHttp) -> Source {
    Source::parse(server.url("sample.git")).expect("because it is a URL")
}

fn start(engine: &Engine, source: &Source, tenant: &str) -> ImportId {
    let request = Request::default().tenant(tenant);
    let id = engine.start(source, request);
    id.expect("because there is room in the queue")
}

fn ended(engine: &Engine, id: ImportId) -> ImportRecord {
    let record = engine.wait(id, PATIENCE).expect("because it is there");
    assert!(record.status.is_end(), "{record:?}");
    record
}

/// Fails if it took longer than cancelling may.
fn in_a_second(asked: Instant) {
    let took = asked.elapsed();
    println!("engine: cancelled in {took:.0?}");
    gitlade_tests::patience::assert_within(Duration::from_secs(1), took, "cancelling");
}

/// The events until `count` ends have come.
fn events(subscription: &Subscription, mut count: usize) -> Vec<Event> {
    let mut events = Vec::new();
    while count > 0 {
        match subscription.receive(PATIENCE) {
            Received::Event(event) => {
                count -= usize::from(event.kind.is_end());
                events.push(event);
            }
            other => panic!("{other:?} after {events:?}"),
        }
    }
    events
}

/// The names of the events of one import, without those that only tell progress.
fn story(events: &[Event], id: ImportId) -> Vec<&'static str> {
    let mut story = Vec::new();
    for event in events.iter().filter(|event| event.import == id) {
        story.push(match &event.kind {
            EventKind::Created => "created",
            EventKind::Restarted => "restarted",
            EventKind::Step(progress) => progress.status.name(),
            EventKind::Progress(_) => continue,
            EventKind::Complete => "complete",
            EventKind::Failed(_) => "failed",
            EventKind::Cancelled => "cancelled",
            EventKind::Interrupted => "interrupted",
            other => panic!("{other:?}"),
        });
    }
    story.dedup();
    story
}

/// What Git says is in the repository: files and symlinks.
fn files_of(repository: &Path) -> usize {
    git(repository, &["ls-tree", "-r", "HEAD"]).lines().count()
}

trait Drain {
    fn by_ref_events(&self) -> Vec<Event>;
}

impl Drain for Subscription {
    /// All events until the engine's end.
    fn by_ref_events(&self) -> Vec<Event> {
        let mut subscription = self;
        std::iter::from_fn(|| subscription.next()).collect()
    }
}
