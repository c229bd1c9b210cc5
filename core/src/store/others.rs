//! Others who use the database at the same time.
//!
//! A store that is opened twice has connections that know nothing of each other, as two processes have.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::keeper::prepare;
use super::queue::{CloseOnDrop, Queue};
use super::writer::Writer;
use super::*;
use crate::cancel::Cancel;
use crate::content::examine;
use crate::id::ObjectId;
use crate::import::{Control, Options};
use crate::source::Source;

/// Long enough for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn try_to_begin(store: &Store, owner: &Owner) -> Result<ImportId, Error> {
    let source = Source::parse("https://example.com/a/b").unwrap();
    let new = NewImport {
        source: &source,
        options: &Options::default(),
        tenant: "",
        metadata: None,
    };
    store.begin(&new, owner)
}

fn begin(store: &Store, owner: &Owner) -> ImportId {
    try_to_begin(store, owner).unwrap()
}

#[test]
fn who_reads_for_ever_holds_up_no_collection_of_garbage() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let owner = store.claim().unwrap();
    begin(&store, &owner);
    let reader = Connection::open(store.database()).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count = || -> i64 {
        reader
            .query_row("SELECT count(*) FROM imports", (), |row| row.get(0))
            .unwrap()
    };
    assert_eq!(count(), 1);
    begin(&store, &owner);
    let (done, ended) = channel();
    let other = store.clone();
    // On a thread of its own, since it may never return.
    std::thread::spawn(move || {
        let options = GcOptions::default().vacuum(true);
        done.send(other.gc(&options, &Control::new())).unwrap();
    });
    let report = ended.recv_timeout(PATIENCE).expect("it does not return");
    assert_eq!(report.unwrap().free_bytes, 0);
    begin(&store, &owner);
    assert_eq!(count(), 1);
}

#[test]
fn who_writes_much_leaves_others_a_turn() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Store::open(folder.path()).unwrap();
    let options = StoreOptions::default().busy_timeout(PATIENCE / 2);
    let other = Store::open_with(folder.path(), &options).unwrap();
    let owner = busy.claim().unwrap();
    let import = begin(&busy, &owner);
    let (cancel, stop) = (Cancel::new(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = Writer::new(&busy, import, &cancel);
            while !stop.load(Ordering::Relaxed) {
                let written = writer.transact(false, |_, _| {
                    std::thread::sleep(Duration::from_millis(20));
                    Ok(())
                });
                written.unwrap();
            }
        });
        let mut begun = [&other, &busy].into_iter().cycle().take(6);
        let all = begun.try_for_each(|store| try_to_begin(store, &owner).map(drop));
        stop.store(true, Ordering::Relaxed);
        all.unwrap();
    });
}

#[test]
fn an_import_that_comes_slowly_leaves_the_database_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let owner = store.claim().unwrap();
    let import = begin(&store, &owner);
    let cancel = Cancel::new();
    let queue = Arc::new(Queue::default());
    let send = |number: u32| {
        let mut id = [7; 20];
        id[16..].copy_from_slice(&number.to_be_bytes());
        let text = number.to_string();
        let permit = queue.acquire(text.len() as u64, &cancel).unwrap();
        let id = ObjectId::from_bytes(&id).unwrap();
        let facts = examine(text.as_bytes());
        let item = prepare(&store, id, &facts, text.as_bytes(), Some(permit));
        queue.push(item.unwrap());
    };
    let asked = Mutex::new((0_u32, 0_u32));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| Writer::new(&store, import, &cancel).run(&queue).map(drop));
        scope.spawn(|| {
            let other = Connection::open(store.database()).unwrap();
            other.busy_timeout(Duration::ZERO).unwrap();
            while !stop.load(Ordering::Relaxed) {
                let is_free = other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
                let mut asked = asked.lock().unwrap();
                asked.0 += u32::from(is_free);
                asked.1 += 1;
                drop(asked);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        {
            let _close = CloseOnDrop(&queue);
            let begin = Instant::now();
            for number in 0.. {
                send(number);
                std::thread::sleep(Duration::from_millis(5));
                if begin.elapsed() > Duration::from_millis(1_500) {
                    break;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        writing.join().unwrap().unwrap();
    });
    let (free, asked) = asked.into_inner().unwrap();
    // It is nine tenths and more; where it waited with the lock in its hand, it was nothing.
    assert!(free * 4 > asked, "free {free} of {asked} times");
}
