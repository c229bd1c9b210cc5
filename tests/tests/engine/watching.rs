//! Imports that are watched while they run.

use super::*;

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
