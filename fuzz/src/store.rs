//! Stores whose databases others have altered.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use gitlade::internals::{Damaged, Rows};
use gitlade::{Control, Options, Source, Store};
use tempfile::TempDir;

use crate::repository;

thread_local! {
    static ROWS: RefCell<(Rows, TempDir)> = RefCell::new({
        let folder = made();
        (Rows::new(&folder.path().join("store")), folder)
    });
    static DAMAGED: RefCell<(Damaged, TempDir)> = RefCell::new({
        let folder = made();
        (Damaged::new(&folder.path().join("store")), folder)
    });
}

/// A store with three imports: complete, complete in part, and failed.
pub(crate) fn made() -> TempDir {
    let folder = repository::scratch();
    let source = Source::Local(repository::make(folder.path()));
    let store = Store::open(folder.path().join("store")).expect("because there is room");
    let control = Control::new();
    let whole = Options::default().threads(1);
    let part = Options::default().threads(1).subdir("docs").exclude("deep");
    for options in [whole, part] {
        store
            .import(&source, &options, &control)
            .expect("because the repository is sound");
    }
    let nothing = Source::Local(gone(folder.path()));
    store
        .import(&nothing, &Options::default(), &control)
        .expect_err("because there is no repository");
    folder
}

fn gone(folder: &Path) -> PathBuf {
    folder.join("nothing")
}

/// Rows of a database in memory.
pub fn rows(input: &[u8]) {
    ROWS.with_borrow_mut(|(rows, _)| rows.alter(input));
}

/// Bytes and rows of a database file.
pub fn store(input: &[u8]) {
    DAMAGED.with_borrow_mut(|(store, _)| store.alter(input));
}
