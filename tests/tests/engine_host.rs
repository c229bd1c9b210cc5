//! What the host's own code may do with the engine that calls it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

use gitlade::{
    CredentialRequest, Credentials, Engine, EngineOptions, Options, RemoteOptions, Request, Source,
    Status, Store,
};
use gitlade_tests::server::GitHttp;

use crate::engine::Place;
use crate::importing::loopback;
use crate::secrets::{SECRET, USER};

/// Long enough for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn engine(place: &Place) -> Engine {
    let store = Store::open(place.store_folder()).expect("because there is room");
    let remote = loopback().plain_http_credentials(true);
    let options = EngineOptions::default().remote(remote);
    Engine::open(store, options).expect("because it is a store")
}

fn asking(
    provider: impl Fn(&CredentialRequest) -> Option<Credentials> + Send + Sync + 'static,
) -> Request {
    let remote = RemoteOptions::default().credential_provider(provider);
    Request::default().options(Options::default().remote(remote))
}

fn sample(server: &GitHttp) -> Source {
    Source::parse(server.url("sample.git")).expect("because it is a URL")
}

/// Does it on a thread of its own, since it may never return.
fn in_time(work: impl FnOnce() + Send + 'static) {
    let (done, returned) = channel();
    std::thread::spawn(move || {
        work();
        done.send(()).expect("because somebody waits");
    });
    wait_for(&returned);
}

fn wait_for(returned: &Receiver<()>) {
    match returned.recv_timeout(PATIENCE) {
        Ok(()) => {}
        Err(RecvTimeoutError::Timeout) => panic!("it does not return"),
        Err(RecvTimeoutError::Disconnected) => panic!("it panicked"),
    }
}

/// What the host's provider holds, and calls the engine when it goes.
struct Caller(Arc<OnceLock<Weak<Engine>>>);

impl Drop for Caller {
    fn drop(&mut self) {
        let engine = self.0.get().and_then(Weak::upgrade);
        if let Some(engine) = engine {
            assert!(!format!("{engine:?}").is_empty());
        }
    }
}

#[test]
fn a_provider_that_is_forgotten_may_call_the_engine() {
    let place = Place::new();
    let server = GitHttp::builder(place.folder.path())
        .basic(USER, SECRET)
        .start();
    let source = sample(&server);
    let engine = Arc::new(engine(&place));
    let cell = Arc::new(OnceLock::new());
    cell.set(Arc::downgrade(&engine))
        .expect("because it is empty");
    let caller = Caller(cell);
    let request = asking(move |_| {
        let _caller = &caller;
        Some(Credentials::password(USER, "wrong"))
    });
    in_time(move || {
        let id = engine
            .start(&source, request)
            .expect("because there is room");
        let record = engine.wait(id, PATIENCE).expect("because it is there");
        assert_eq!(record.status, Status::Failed);
        engine.remove(id).expect("because it has ended");
    });
}

#[test]
fn an_engine_may_be_ended_in_its_own_callback() {
    for with_grace in [false, true] {
        let place = Place::new();
        let server = GitHttp::builder(place.folder.path())
            .basic(USER, SECRET)
            .start();
        let engine = Arc::new(Mutex::new(Some(engine(&place))));
        let (done, returned) = channel();
        let handle = Arc::clone(&engine);
        let request = asking(move |_| {
            let engine = handle.lock().expect("because nobody panics").take();
            if with_grace && let Some(engine) = &engine {
                engine.shutdown(PATIENCE);
                assert!(
                    engine
                        .start(&Source::parse(".").ok()?, Request::default())
                        .is_err()
                );
            }
            drop(engine);
            done.send(()).ok()?;
            Some(Credentials::password(USER, SECRET))
        });
        let id = {
            let engine = engine.lock().expect("because nobody panics");
            let engine = engine.as_ref().expect("because nobody took it");
            engine.start(&sample(&server), request)
        };
        let id = id.expect("because there is room");
        wait_for(&returned);
        let store = Store::open(place.store_folder()).expect("because it is there");
        let begin = Instant::now();
        let end = loop {
            let record = store.import_record(id).expect("because it is there");
            if record.status.is_end() || begin.elapsed() > PATIENCE {
                break record;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        // Grace is for those that run, and it is one of them.
        let expected = match with_grace {
            true => Status::Complete,
            false => Status::Interrupted,
        };
        assert_eq!(end.status, expected, "{end:?}");
        // The threads end, too, and with them the lock by which others see that it lives.
        let locks = place.store_folder().join("locks");
        let left = || std::fs::read_dir(&locks).map_or(0, Iterator::count);
        while left() > 0 && begin.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(left(), 0);
    }
}
