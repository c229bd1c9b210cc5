//! Many processes on one store.

use super::*;

#[test]
fn eight_processes_share_a_store_while_some_are_killed_and_garbage_is_collected() {
    let stage = Stage::new();
    let place = stage.copy("shared");
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    let rounds = if is_long() { 200 } else { 12 };
    let spawn = |number: usize| {
        let both = [&*stage.first, &*stage.second];
        let repositories = [both[number % 2], both[(number + 1) % 2]];
        child(&[], &place, "", rounds, &repositories)
            .spawn()
            .expect("because there is room")
    };
    let mut children: Vec<_> = (0..8).map(spawn).collect();
    let store = Store::open(&place).expect("because it is a store");
    let is_over = AtomicBool::new(false);
    let (collections, killed) = std::thread::scope(|scope| {
        let collector = scope.spawn(|| {
            let mut collections = 0;
            let mut removed = 0;
            while !is_over.load(Ordering::Acquire) {
                let options = GcOptions::default().min_age(Duration::ZERO);
                let report = store.gc(&options, &Control::new());
                removed += report.unwrap_or_else(|error| panic!("{error}")).contents;
                // What is removed has to come again.
                let page = store
                    .imports(&ImportFilter::default().limit(100))
                    .expect("because it is sound");
                for record in page
                    .items
                    .iter()
                    .skip(1)
                    .filter(|record| record.status.is_end())
                {
                    let _ = store.remove(record.id);
                }
                collections += 1;
            }
            (collections, removed)
        });
        let mut killed = 0;
        for (number, child) in children.iter_mut().enumerate() {
            std::thread::sleep(Duration::from_millis(60));
            if number % 2 == 0 {
                // Only that one, by its handle.
                let _ = child.kill();
                let _ = child.wait();
                killed += 1;
                *child = spawn(number + 1);
            }
        }
        for child in &mut children {
            assert!(child.wait().expect("because it ends").success());
        }
        is_over.store(true, Ordering::Release);
        (collector.join().expect("because it does not panic"), killed)
    });
    let said = told(&place).expect("because the children ended");
    // Where everything is removed all the time, an import may give up and say so.
    let gave_up = said
        .lines()
        .filter(|line| line.starts_with("busy|"))
        .count();
    let finished = said.lines().filter(|line| line.starts_with("ok|")).count();
    assert_eq!(gave_up + finished, said.lines().count(), "{said}");
    println!("the last process finished {finished} imports, and gave up {gave_up}");
    assert!(finished > gave_up, "{said}");
    import(&store, &stage.first);
    let complete = assert_imports(&store, &truths, "eight processes");
    let report = check(&store);
    assert!(report.is_clean(), "{report:?}");
    println!(
        "eight processes, {killed} killed, {rounds} rounds each, {} collections that removed {} \
         contents: {complete} imports are left, all whole",
        collections.0, collections.1
    );
    fs::remove_file(format!("{}.told", place.display())).expect("because it is there");
    assert_whole(&stage, &place, &truths, "eight processes");
}
