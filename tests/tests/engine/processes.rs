//! Several engines and processes that share a store.

use super::*;

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
                "engine::processes::other_process",
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
