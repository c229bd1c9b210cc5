//! Who is next, and how many run.

use super::*;

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
