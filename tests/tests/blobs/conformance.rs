//! The suite that every store of blobs passes.

use super::*;

/// Folders for stores, each a new one.
struct Folders(tempfile::TempDir, AtomicUsize);

impl Folders {
    fn new() -> Self {
        Folders(scratch(), 0.into())
    }

    fn next(&self) -> PathBuf {
        let number = self.1.fetch_add(1, Ordering::Relaxed);
        self.0.path().join(number.to_string())
    }
}

fn folder_suite(options: FolderOptions) -> usize {
    let folders = Folders::new();
    Conformance::new(|| {
        let store = FolderBlobs::open_with(folders.next(), &options);
        Box::new(store.expect("because there is room"))
    })
    .run();
    let made = fs::read_dir(folders.0.path()).expect("because it was made");
    made.count()
}

#[test]
fn memory_conforms() {
    Conformance::new(|| Box::new(MemoryBlobs::new())).run();
}

#[test]
fn pointers_and_wrappers_conform() {
    Conformance::new(|| Box::new(std::sync::Arc::new(MemoryBlobs::new())))
        .largest(1 << 20)
        .run();
    let half = || MemoryBlobs::new();
    Conformance::new(|| Box::new(SplitBlobs::new(half(), half()))).run();
}

#[test]
fn folders_conform() {
    assert!(folder_suite(FolderOptions::default()) > 5);
}

#[test]
fn folders_that_sync_each_blob_conform() {
    folder_suite(FolderOptions::default().durability(Durability::Full));
}

#[test]
fn compressed_folders_conform() {
    let options = FolderOptions::default().durability(Durability::None);
    folder_suite(options.compress(3));
}

fn database_suite(options: SqliteOptions) {
    let folders = Folders::new();
    Conformance::new(|| {
        let store = SqliteBlobs::open_with(folders.next(), &options);
        Box::new(store.expect("because there is room"))
    })
    .run();
}

#[test]
fn databases_conform() {
    database_suite(SqliteOptions::default());
}

#[test]
fn databases_that_sync_each_blob_conform() {
    database_suite(SqliteOptions::default().durability(Durability::Full));
}
