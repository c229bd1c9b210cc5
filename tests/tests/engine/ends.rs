//! Engines that end.

use super::*;

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
    gitlade_tests::patience::assert_within(Duration::from_secs(2), asked.elapsed(), "ending");
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
