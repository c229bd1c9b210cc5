//! Background imports: queued fairly, watched, cancelled, started again; nothing stays half done.

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
use gitlade_tests::patience::assert_within;
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
    assert_within(Duration::from_secs(1), took, "cancelling");
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

#[test]
fn an_import_is_watched_cancelled_in_the_middle_and_started_again() {
    let place = Place::new();
    let gate = Gate::after(100_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let engine = place.engine(EngineOptions::default());
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let id = start(&engine, &remote(&server), "a");
    gate.wait_for(1);
    let seen = Instant::now();
    let running = loop {
        let record = engine.status(id).expect("because it is there");
        if record.progress.step.as_deref() == Some("receiving") || seen.elapsed() > PATIENCE {
            break record;
        }
    };
    assert_eq!(running.status, Status::Importing);
    assert!(running.started_at.is_some() && running.ended_at.is_none());
    assert!(running.progress.received_bytes > 50_000, "{running:?}");
    let patience = engine.wait(id, Duration::from_millis(50));
    assert_eq!(
        patience.expect("because it is there").status,
        Status::Importing
    );

    let asked = Instant::now();
    assert!(engine.cancel(id).expect("because it is there"));
    let record = ended(&engine, id);
    in_a_second(asked);
    assert_eq!(record.status, Status::Cancelled);
    assert!(record.outcome.is_none() && record.failure.is_none());
    assert!(
        !engine.cancel(id).expect("because it is there"),
        "it has ended"
    );
    let half = place.store().manifest(id).map(drop);
    assert!(half.is_err(), "nothing half made is seen");

    gate.open();
    engine
        .restart(id, Restart::default())
        .expect("because it has ended");
    let record = ended(&engine, id);
    assert_eq!((record.status, record.attempt), (Status::Complete, 2));
    let totals = record.outcome.expect("because it is complete").totals;
    assert_eq!(
        (totals.files + totals.symlinks) as usize,
        files_of(&place.repository)
    );
    let manifest = place.store().manifest(id).expect("because it is complete");
    assert!(manifest.get(b"README.md").is_some());

    let events = events(&subscription, 2);
    let story = story(&events, id);
    assert_eq!(story[..2], ["created", "detecting"], "{story:?}");
    let cancelled = story.iter().position(|word| *word == "cancelled");
    let cancelled = cancelled.expect("because it was cancelled");
    assert_eq!(
        story[cancelled + 1..cancelled + 3],
        ["restarted", "detecting"]
    );
    assert_eq!(story.last(), Some(&"complete"), "{story:?}");
    for attempt in [1, 2] {
        let percents = events.iter().filter(|event| event.attempt == attempt);
        let percents: Vec<u8> = percents
            .filter_map(|event| match &event.kind {
                EventKind::Step(progress) | EventKind::Progress(progress) => Some(progress.percent),
                _ => None,
            })
            .collect();
        assert!(percents.is_sorted() && !percents.is_empty(), "{percents:?}");
    }
    let error = engine.restart(id, Restart::default());
    let error = error.expect_err("it is complete");
    assert_eq!(error.kind(), ErrorKind::InvalidOptions);
}

#[test]
fn progress_is_told_at_most_every_100_ms_and_in_order() {
    let place = Place::new();
    let gate = Gate::slow(300_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let options = EngineOptions::default().progress_interval(Duration::from_millis(1));
    let engine = place.engine(options);
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let id = start(&engine, &remote(&server), "");
    let events = events(&subscription, 1);
    assert_eq!(ended(&engine, id).status, Status::Complete);
    let told: Vec<&Event> = events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Progress(_)))
        .collect();
    assert!(told.len() >= 3, "{events:?}");
    for pair in told.windows(2) {
        let apart = pair[1].at - pair[0].at;
        assert!(apart >= 90, "{apart} ms");
    }
    let received = told.iter().map(|event| match &event.kind {
        EventKind::Progress(progress) => progress.snapshot.received_bytes,
        _ => 0,
    });
    assert!(received.is_sorted());
    assert_eq!(subscription.missed(), gitlade::Missed::default());
}

#[test]
fn a_tenant_with_many_imports_does_not_hold_up_the_others() {
    let place = Place::new();
    let gate = Gate::after(0);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let engine = place.engine(one_at_a_time());
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let first = start(&engine, &remote(&server), "many");
    gate.wait_for(1);
    let many: Vec<ImportId> = (0..4)
        .map(|_| start(&engine, &place.local(), "many"))
        .collect();
    let few: Vec<ImportId> = (0..2)
        .map(|_| start(&engine, &place.local(), "few"))
        .collect();
    let one = start(&engine, &place.local(), "one");
    gate.open();
    let events = events(&subscription, 8);
    let order: Vec<ImportId> = events
        .iter()
        .filter(|event| event.kind == EventKind::Complete)
        .map(|event| event.import)
        .collect();
    let expected = [
        first, few[0], one, many[0], few[1], many[1], many[2], many[3],
    ];
    assert_eq!(order, expected);
    let page = engine.list(&ImportFilter::default().tenant("few"));
    let page = page.expect("because the store can be read");
    assert_eq!(page.total, 2);
    assert!(page.items.iter().all(|record| record.tenant == "few"));
}

#[test]
fn no_more_run_and_wait_than_may() {
    let place = Place::new();
    let gate = Gate::after(0);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let options = EngineOptions::default().running(2).queued(3);
    let engine = place.engine(options);
    let source = remote(&server);
    let ids: Vec<ImportId> = (0..5).map(|_| start(&engine, &source, "")).collect();
    gate.wait_for(2);
    let error = engine.start(&source, Request::default());
    let error = error.expect_err("three wait");
    assert_eq!(error.kind(), ErrorKind::Busy);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(gate.waiting(), 2);
    let statuses = |status: Status| {
        let records = engine.list(&ImportFilter::default());
        let records = records.expect("because the store can be read").items;
        records
            .iter()
            .filter(|record| record.status == status)
            .count()
    };
    assert_eq!(statuses(Status::Queued), 3);
    // One that waits makes room at once.
    let asked = Instant::now();
    assert!(engine.cancel(ids[4]).expect("because it is there"));
    assert_eq!(ended(&engine, ids[4]).status, Status::Cancelled);
    in_a_second(asked);
    let again = start(&engine, &source, "");
    let error = engine.remove(ids[0]).expect_err("it runs");
    assert_eq!(error.kind(), ErrorKind::Busy);
    let error = engine
        .restart(ids[3], Restart::default())
        .expect_err("it waits");
    assert_eq!(error.kind(), ErrorKind::Busy);
    gate.open();
    for id in ids[..4].iter().chain([&again]) {
        assert_eq!(ended(&engine, *id).status, Status::Complete);
    }
    engine.remove(ids[4]).expect("because it has ended");
    let error = engine.status(ids[4]).expect_err("it was removed");
    assert_eq!(error.kind(), ErrorKind::ImportNotFound);
    for unknown in [ids[4], ImportId(4711)] {
        assert!(engine.cancel(unknown).is_err());
        assert!(engine.restart(unknown, Restart::default()).is_err());
        assert!(engine.remove(unknown).is_err());
        assert!(engine.wait(unknown, PATIENCE).is_err());
    }
}

#[test]
fn a_subscriber_that_hangs_harms_nobody() {
    let place = Place::new();
    let engine = place.engine(one_at_a_time());
    let hanging = engine.subscribe(&SubscribeOptions::default().capacity(4));
    let one = engine.subscribe(&SubscribeOptions::default().tenant("5"));
    let ids: Vec<ImportId> = (0..10)
        .map(|number| start(&engine, &place.local(), &number.to_string()))
        .collect();
    for id in &ids {
        assert_eq!(ended(&engine, *id).status, Status::Complete);
    }
    engine.shutdown(PATIENCE);
    let held: Vec<Event> = hanging.by_ref_events();
    assert_eq!(held.len(), 4);
    let expected: Vec<ImportId> = ids[6..].to_vec();
    let found: Vec<ImportId> = held.iter().map(|event| event.import).collect();
    assert_eq!(
        found, expected,
        "ends are kept as long as there is anything else"
    );
    assert!(held.iter().all(|event| event.kind == EventKind::Complete));
    let missed = hanging.missed();
    assert_eq!(missed.ends, 6);
    assert!(missed.steps >= 20, "{missed:?}");
    let of_one = one.by_ref_events();
    assert!(of_one.iter().all(|event| event.tenant == "5"));
    let story = story(&of_one, ids[5]);
    assert_eq!((story[0], story[story.len() - 1]), ("created", "complete"));
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

#[test]
fn a_failure_says_what_went_wrong_where_and_what_to_do() {
    let place = Place::new();
    let engine = place.engine(EngineOptions::default());
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let nowhere = Source::Local(place.folder.path().join("nowhere"));
    let id = start(&engine, &nowhere, "");
    let record = ended(&engine, id);
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::NotARepository.name());
    assert_eq!(failure.step.as_deref(), Some(&*Step::Opening.to_string()));
    assert!(failure.message.contains("nowhere"), "{failure:?}");
    assert!(failure.advice.is_some());
    assert!(record.ended_at >= record.started_at);
    let events = events(&subscription, 1);
    let last = events.last().expect("because there is one");
    assert_eq!(last.kind, EventKind::Failed(failure));

    // The revision may be another one the next time.
    let request = Request::default().options(Options::default().revision("no-such-branch"));
    let id = engine
        .start(&place.local(), request)
        .expect("because there is room");
    let failure = ended(&engine, id).failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::RevisionNotFound.name());
    let changes = Restart::default().revision("feature/x");
    engine.restart(id, changes).expect("because it has ended");
    let record = ended(&engine, id);
    assert_eq!(record.revision.as_deref(), Some("feature/x"));
    let commit = record.outcome.expect("because it is complete").commit;
    assert_eq!(
        commit.expect("because it is a branch").to_string(),
        git(&place.repository, &["rev-parse", "feature/x"])
    );
    // And so may the options: this one has but one folder.
    let request = Request::default().options(Options::default().subdir("nothing"));
    let id = engine
        .start(&place.local(), request)
        .expect("because there is room");
    assert_eq!(ended(&engine, id).status, Status::Failed);
    let changes = Restart::default().options(Options::default().subdir("src"));
    engine.restart(id, changes).expect("because it has ended");
    let totals = ended(&engine, id)
        .outcome
        .expect("because it is complete")
        .totals;
    assert_eq!((totals.files, totals.folders), (2, 0));
}

#[test]
fn what_an_engine_allows_holds_for_all_its_imports() {
    let place = Place::new();
    let server = GitHttp::serve(place.folder.path());
    let options = EngineOptions::default().local(false);
    let engine = place.engine(options);
    let error = engine.start(&place.local(), Request::default());
    let error = error.expect_err("local ones are not allowed");
    assert_eq!(error.kind(), ErrorKind::NotAllowed);
    drop(engine);
    // The policy of a request does not count, nor do limits above those of the engine.
    let limits = gitlade::Limits::default().max_entries(2);
    let options = EngineOptions::default().limits(limits);
    let strict = Engine::open(place.store(), options).expect("because it is a store");
    let request = || Request::default().options(Options::default().remote(loopback()));
    let id = strict.start(&remote(&server), request());
    let record = ended(&strict, id.expect("because there is room"));
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::NotAllowed.name());
    let id = strict.start(&place.local(), request());
    let record = ended(&strict, id.expect("because there is room"));
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::LimitExceeded.name());
    for (request, what) in [
        (Request::default().metadata("{"), "metadata"),
        (Request::default().tenant("a\nb"), "tenant"),
    ] {
        let error = strict.start(&place.local(), request).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::InvalidOptions, "{what}");
    }
    let metadata = r#"{"by": "mona", "n": [1, 2]}"#;
    let request = Request::default().metadata(metadata);
    let id = strict
        .start(&place.local(), request)
        .expect("because it is JSON");
    let record = ended(&strict, id);
    assert_eq!(record.metadata.as_deref(), Some(metadata));
}

#[test]
fn shutting_down_leaves_nothing_running_and_all_can_be_started_again() {
    let place = Place::new();
    let gate = Gate::after(50_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let engine = place.engine(one_at_a_time());
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let ids: Vec<ImportId> = (0..3)
        .map(|_| start(&engine, &remote(&server), ""))
        .collect();
    gate.wait_for(1);
    let asked = Instant::now();
    drop(engine);
    assert_within(Duration::from_secs(2), asked.elapsed(), "ending");
    let store = place.store();
    for id in &ids {
        let record = store.import_record(*id).expect("because it is there");
        assert_eq!(record.status, Status::Interrupted);
    }
    let ends = subscription.by_ref_events();
    let ends = ends
        .iter()
        .filter(|event| event.kind == EventKind::Interrupted);
    assert_eq!(ends.count(), 3);
    let locks = std::fs::read_dir(place.store_folder().join("locks"));
    assert_eq!(locks.expect("because it was made").count(), 0);

    gate.open();
    let engine = place.engine(EngineOptions::default());
    for id in &ids {
        engine
            .restart(*id, Restart::default())
            .expect("because it has ended");
    }
    // With enough grace they end by themselves; what waits does not.
    let first = ended(&engine, ids[0]);
    assert_eq!(first.status, Status::Complete);
    engine.shutdown(PATIENCE);
    for id in &ids {
        let record = store.import_record(*id).expect("because it is there");
        assert!(record.status.is_end(), "{record:?}");
    }
}

#[test]
fn an_import_is_started_again_with_credentials_that_work() {
    let place = Place::new();
    let server = GitHttp::builder(place.folder.path())
        .basic(USER, SECRET)
        .start();
    let remote_options = loopback().plain_http_credentials(true);
    let options = EngineOptions::default().remote(remote_options.clone());
    let open = || Engine::open(place.store(), options.clone()).expect("because it is a store");
    let engine = open();
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let source = remote(&server);
    let wrong = Credentials::password(USER, format!("{SECRET}-wrong"));
    let request = Request::default().credentials(wrong).metadata("{}");
    let id = engine
        .start(&source, request)
        .expect("because there is room");
    let kind = |record: ImportRecord| record.failure.map(|failure| failure.kind);
    let failed = Some(ErrorKind::AuthenticationFailed.name().to_owned());
    let required = Some(ErrorKind::AuthenticationRequired.name().to_owned());
    assert_eq!(kind(ended(&engine, id)), failed);
    // The same ones are remembered, and as wrong as before.
    engine
        .restart(id, Restart::default())
        .expect("because it has ended");
    assert_eq!(kind(ended(&engine, id)), failed);
    let changes = Restart::default().forget_credentials(true);
    engine.restart(id, changes).expect("because it has ended");
    assert_eq!(kind(ended(&engine, id)), required);
    let right = Credentials::password(USER, SECRET);
    let changes = Restart::default()
        .credentials(right.clone())
        .revision("nope");
    engine.restart(id, changes).expect("because it has ended");
    let missing = Some(ErrorKind::RevisionNotFound.name().to_owned());
    assert_eq!(kind(ended(&engine, id)), missing);
    let changes = Restart::default().revision("main");
    engine.restart(id, changes).expect("because it has ended");
    let record = ended(&engine, id);
    assert_eq!((record.status, record.attempt), (Status::Complete, 5));

    // Another engine does not have them, wherever it looks.
    let request = Request::default().options(
        Options::default()
            .revision("nope")
            .remote(remote_options.credentials(right)),
    );
    assert_clean(&format!("{request:?}"), "the request");
    let other = engine
        .start(&source, request)
        .expect("because there is room");
    assert_eq!(kind(ended(&engine, other)), missing);
    assert_clean(&format!("{engine:?}"), "the engine");
    drop(engine);
    let engine = open();
    engine
        .restart(other, Restart::default())
        .expect("because it has ended");
    assert_eq!(kind(ended(&engine, other)), required);

    let events = subscription.by_ref_events();
    assert!(events.len() > 10);
    assert_clean(&format!("{events:?}"), "the events");
    let page = engine.list(&ImportFilter::default());
    assert_clean(&format!("{page:?}"), "the records");
    for id in [id, other] {
        assert_clean(&format!("{:?}", place.store().log(id)), "the log");
    }
    let mut searched = 0;
    let mut folders = vec![place.store_folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("because it is the store") {
            let path = entry.expect("because it can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("because it can be read");
            assert_clean_bytes(&bytes, &path.display().to_string());
            searched += 1;
        }
    }
    assert!(
        searched >= 3,
        "the database, its log and a blob: {searched}"
    );
}

/// Whatever the host's own code does, the import ends, and others go on.
#[test]
fn a_provider_that_panics_ends_its_import_alone() {
    let place = Place::new();
    let server = GitHttp::builder(place.folder.path())
        .basic(USER, SECRET)
        .start();
    let options = loopback().plain_http_credentials(true);
    let engine = Engine::open(place.store(), one_at_a_time().remote(options.clone()));
    let engine = engine.expect("because it is a store");
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = {
        let asked = Arc::clone(&asked);
        move |_: &gitlade::CredentialRequest| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => panic!("what a pity"),
            _ => Some(Credentials::password(USER, SECRET)),
        }
    };
    let options = Options::default().remote(options.credential_provider(provider));
    let request = Request::default().options(options);
    let id = engine
        .start(&remote(&server), request)
        .expect("because there is room");
    let record = ended(&engine, id);
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::Internal.name(), "{failure:?}");
    // The provider is remembered, too.
    engine
        .restart(id, Restart::default())
        .expect("because it has ended");
    assert_eq!(ended(&engine, id).status, Status::Complete);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let other = start(&engine, &place.local(), "");
    assert_eq!(ended(&engine, other).status, Status::Complete);
}

#[test]
fn two_engines_share_a_store_and_cancel_each_others_imports() {
    let place = Place::new();
    let gate = Gate::after(50_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let (one, two) = (
        place.engine(EngineOptions::default()),
        place.engine(EngineOptions::default()),
    );
    let id = start(&one, &remote(&server), "one");
    gate.wait_for(1);
    let record = two.status(id).expect("because they share it");
    assert!(!record.status.is_end());
    for error in [
        two.remove(id).expect_err("it runs"),
        two.restart(id, Restart::default()).expect_err("it runs"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Busy);
    }
    let asked = Instant::now();
    assert!(two.cancel(id).expect("because it is there"));
    assert_eq!(ended(&two, id).status, Status::Cancelled);
    in_a_second(asked);
    gate.open();
    two.restart(id, Restart::default())
        .expect("because it has ended");
    assert_eq!(ended(&one, id).status, Status::Complete);
    one.remove(id).expect("because it has ended");
    assert!(two.status(id).is_err());
}

/// Another program that writes to the database, and does not end.
struct Writer(Child);

impl Writer {
    fn start(store: &Path) -> Self {
        let mut child = Command::new("sqlite3")
            .arg(store.join("gitlade.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("because sqlite3 is installed");
        let input = child.stdin.as_mut().expect("because it is piped");
        input
            .write_all(b".timeout 10000\nBEGIN IMMEDIATE;\nSELECT 'writing';\n")
            .expect("because it listens");
        let mut line = String::new();
        let output = child.stdout.take().expect("because it is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("because it speaks");
        assert_eq!(line, "writing\n");
        Writer(child)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It rolls back at the end of its input.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn an_import_is_watched_and_cancelled_though_others_write() {
    let place = Place::new();
    let gate = Gate::after(50_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let engine = place.engine(EngineOptions::default());
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let id = start(&engine, &remote(&server), "");
    gate.wait_for(1);
    let store = place.store();
    let seen = Instant::now();
    while store.import_record(id).expect("because it is there").status != Status::Importing {
        assert!(seen.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
    let writer = Writer::start(&place.store_folder());
    let asked = Instant::now();
    assert!(engine.cancel(id).expect("because it is there"));
    assert_eq!(ended(&engine, id).status, Status::Cancelled);
    in_a_second(asked);
    let events = events(&subscription, 1);
    assert_eq!(story(&events, id).last(), Some(&"cancelled"));
    // It is not written down yet, and what is told does not change.
    assert_eq!(
        store.import_record(id).expect("because it is there").status,
        Status::Importing
    );
    assert_eq!(
        engine.status(id).expect("because it is there").status,
        Status::Cancelled
    );
    drop(writer);
    let seen = Instant::now();
    while store.import_record(id).expect("because it is there").status != Status::Cancelled {
        assert!(seen.elapsed() < PATIENCE, "it is written down in the end");
        std::thread::sleep(Duration::from_millis(10));
    }
    gate.open();
    engine
        .restart(id, Restart::default())
        .expect("because it has ended");
    assert_eq!(ended(&engine, id).status, Status::Complete);
}

/// A process that imports from a URL into a store until somebody ends it.
struct OtherProcess {
    child: Child,
    id: ImportId,
}

/// Tells the other process its store and its URL.
const ORDERS: &str = "GITLADE_TEST_ENGINE";

impl OtherProcess {
    fn start(store: &Path, url: &str) -> Self {
        let this = std::env::current_exe().expect("because this program runs");
        let mut child = Command::new(this)
            .args([
                "--exact",
                "engine::other_process",
                "--ignored",
                "--nocapture",
            ])
            .arg("--test-threads=1")
            .env(ORDERS, format!("{}\n{url}", store.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("because this program can run twice");
        let output = child.stdout.take().expect("because it is piped");
        let id = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("import=").map(|(_, id)| id.to_owned()));
        let id = id.expect("because it says it").parse();
        OtherProcess {
            child,
            id: id.expect("because it is a number"),
        }
    }

    fn kill(mut self) {
        self.child.kill().expect("because it is ours");
        self.child.wait().expect("because it was killed");
    }
}

#[test]
#[ignore = "is what the other process of other tests does"]
fn other_process() {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is how the process gets its orders"
    )]
    let Ok(orders) = std::env::var(ORDERS) else {
        return;
    };
    let (store, url) = orders.split_once('\n').expect("because there are two");
    let store = Store::open(store).expect("because it is a store");
    let options = EngineOptions::default().remote(loopback());
    let engine = Engine::open(store, options).expect("because it is a store");
    let source = Source::parse(url).expect("because it is a URL");
    println!("\nimport={}", start(&engine, &source, "other"));
    // Until the parent ends it, or is gone.
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_killed_process_leaves_an_import_that_another_one_starts_again() {
    let place = Place::new();
    let gate = Gate::after(50_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let url = server.url("sample.git");
    // With an engine that has the store open meanwhile, and with one that opens it then.
    let watching = place.engine(EngineOptions::default());
    for round in 0..2 {
        let other = OtherProcess::start(&place.store_folder(), &url);
        gate.wait_for(round + 1);
        let id = other.id;
        let record = watching.status(id).expect("because it is there");
        assert!(!record.status.is_end(), "{record:?}");
        other.kill();
        let engine = place.engine(EngineOptions::default());
        let seen = match round {
            0 => ended(&watching, id),
            _ => engine.status(id).expect("because it is there"),
        };
        assert_eq!(seen.status, Status::Interrupted);
        assert!(seen.outcome.is_none() && seen.ended_at.is_some());
    }
    gate.open();
    let page = watching.list(&ImportFilter::default().status(Status::Interrupted));
    let page = page.expect("because the store can be read");
    assert_eq!(page.total, 2);
    for record in page.items {
        watching
            .restart(record.id, Restart::default())
            .expect("because it has ended");
        assert_eq!(ended(&watching, record.id).status, Status::Complete);
    }
}

#[test]
fn an_import_of_another_process_is_watched_and_cancelled() {
    let place = Place::new();
    let gate = Gate::after(50_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let other = OtherProcess::start(&place.store_folder(), &server.url("sample.git"));
    gate.wait_for(1);
    let engine = place.engine(EngineOptions::default());
    let seen = Instant::now();
    while engine.status(other.id).expect("because it is there").status != Status::Importing {
        assert!(seen.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
    let asked = Instant::now();
    assert!(engine.cancel(other.id).expect("because it is there"));
    assert_eq!(ended(&engine, other.id).status, Status::Cancelled);
    in_a_second(asked);
    other.kill();
}

#[test]
fn many_threads_may_do_everything_at_once() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 12;
    let place = Place::new();
    let gate = Gate::slow(2_000_000);
    let server = GitHttp::builder(place.folder.path()).gate(&gate).start();
    let engine = Arc::new(place.engine(EngineOptions::default().running(3).queued(20)));
    let refused = AtomicUsize::new(0);
    let subscription = engine.subscribe(&SubscribeOptions::default().capacity(64));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (engine, refused) = (&engine, &refused);
            let sources = [place.local(), remote(&server)];
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let source = &sources[(thread + round) % 2];
                    let request = Request::default().tenant(format!("tenant {thread}"));
                    let id = match engine.start(source, request) {
                        Ok(id) => id,
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
                            refused.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                    };
                    match round % 4 {
                        0 => drop(engine.cancel(id).expect("because it is there")),
                        1 => drop(
                            engine
                                .list(&ImportFilter::default())
                                .expect("it is readable"),
                        ),
                        2 => drop(engine.remove(id)),
                        _ => {
                            engine.cancel(id).expect("because it is there");
                            ended(engine, id);
                            // It may be complete.
                            drop(engine.restart(id, Restart::default()));
                        }
                    }
                }
            });
        }
    });
    let page = engine.list(&ImportFilter::default().limit(1000));
    let page = page.expect("because the store can be read");
    assert!(page.items.len() > THREADS, "{}", page.items.len());
    for record in &page.items {
        let record = ended(&engine, record.id);
        assert!(
            matches!(record.status, Status::Complete | Status::Cancelled),
            "{record:?}"
        );
        assert_eq!(record.outcome.is_some(), record.status == Status::Complete);
    }
    drop(subscription);
    let engine = Arc::into_inner(engine).expect("because the threads have ended");
    engine.shutdown(Duration::ZERO);
    println!(
        "engine: {} imports by {THREADS} threads, {} refused",
        page.total,
        refused.into_inner()
    );
}
