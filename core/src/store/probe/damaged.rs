//! Database files that are not what they should be.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::script::{Script, Tables};
use super::{answer, read_import, read_registry};
use crate::blobs::Durability;
use crate::error::Error;
use crate::import::Control;
use crate::store::{CheckOptions, GcOptions, ImportId, RepairOptions, Store, StoreOptions};

/// The most changes of one input.
const MAX_CHANGES: usize = 8;

/// Damages one store again and again.
pub struct Damaged {
    folder: PathBuf,
    database: Vec<u8>,
    /// The files below `blobs/`.
    blobs: Vec<(PathBuf, Vec<u8>)>,
    tables: Tables,
}

impl Damaged {
    /// Takes the store in `folder` as the one that is damaged. The folder is written to from then on,
    /// and should be in memory.
    pub fn new(folder: &Path) -> Self {
        Self::try_new(folder).expect("because the store was just made")
    }

    fn try_new(folder: &Path) -> Result<Self, Error> {
        drop(Store::open(folder)?);
        let file = folder.join("gitlade.db");
        let connection = Connection::open(&file).expect("because it was just made");
        // Small pages, so that a byte of the input has something to hit.
        connection
            .execute_batch(
                "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;
                 PRAGMA journal_mode = WAL;",
            )
            .expect("because it is sound");
        let tables = Tables::of(&connection).expect("because it is sound");
        connection.close().expect("because nothing is under way");
        let read = |path: &Path| std::fs::read(path).expect("because it is there");
        let mut blobs = Vec::new();
        let folders = std::fs::read_dir(folder.join("blobs")).expect("because it is there");
        for below in folders.flatten().filter(|entry| entry.path().is_dir()) {
            let files = std::fs::read_dir(below.path()).expect("because it is there");
            for file in files.flatten().filter(|entry| entry.path().is_file()) {
                blobs.push((file.path(), read(&file.path())));
            }
        }
        Ok(Damaged {
            folder: folder.to_owned(),
            database: read(&file),
            blobs,
            tables,
        })
    }

    /// Alters the database, opens the store, and does with it all that there is to do.
    ///
    /// The first byte of the input says what is altered and done. Then come changes: bytes of the file
    /// (three bytes for the place, one for the difference), or rows as for
    /// [`Rows::alter`](super::Rows::alter).
    pub fn alter(&mut self, input: &[u8]) {
        let mut script = Script(input);
        let asked = script.byte();
        self.put_back();
        let file = self.folder.join("gitlade.db");
        if asked & 1 == 0 {
            let mut database = self.database.clone();
            if asked & 2 != 0 {
                let [low, middle] = [script.byte(), script.byte()].map(usize::from);
                database.truncate((low | middle << 8) << 3);
            }
            for _ in 0..MAX_CHANGES {
                if script.0.is_empty() || database.is_empty() {
                    break;
                }
                let [low, middle, high] =
                    [script.byte(), script.byte(), script.byte()].map(usize::from);
                let place = (low | middle << 8 | high << 16) % database.len();
                database[place] ^= script.byte();
            }
            std::fs::write(&file, database).expect("because there is room");
        } else {
            std::fs::write(&file, &self.database).expect("because there is room");
            self.change_rows(&file, &mut script);
        }
        let options = StoreOptions::default()
            .read_only(asked & 4 != 0)
            .durability(Durability::Deferred);
        let Some(store) = answer(Store::open_with(&self.folder, &options)) else {
            return;
        };
        for id in read_registry(&store) {
            read_import(&store, id);
        }
        answer(store.stats());
        let check = CheckOptions::default().threads(1);
        if asked & 8 != 0 {
            answer(store.check(&check, &Control::new()));
        }
        if asked & 4 != 0 {
            return;
        }
        if asked & 16 != 0 {
            let repair = RepairOptions::default().check(check.clone());
            if let Some(report) = answer(store.repair(&repair, &Control::new())) {
                let after = answer(store.check(&check, &Control::new()))
                    .expect("because a repaired store can be checked");
                assert!(
                    after.is_clean() || report.unreadable > 0,
                    "{report:?} left {after:?}"
                );
            }
        }
        if asked & 32 != 0 {
            answer(store.remove(ImportId(1)));
        }
        if asked & 64 != 0 {
            let gc = GcOptions::default().min_age(std::time::Duration::ZERO);
            answer(store.gc(&gc, &Control::new()));
        }
    }

    /// Alters rows as a program with the right to write does: with the constraints off, as far as
    /// SQLite lets them be.
    fn change_rows(&self, file: &Path, script: &mut Script<'_>) {
        let connection = Connection::open(file).expect("because it is sound");
        connection
            .execute_batch(
                "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
                 PRAGMA ignore_check_constraints = ON; BEGIN",
            )
            .expect("because it is sound");
        for _ in 0..MAX_CHANGES {
            if script.0.is_empty() {
                break;
            }
            self.tables.change(&connection, script);
        }
        connection
            .execute_batch("COMMIT")
            .expect("because nobody else writes");
    }

    fn put_back(&self) {
        for name in ["gitlade.db-wal", "gitlade.db-shm", "gitlade.db-journal"] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        for (path, bytes) in &self.blobs {
            if std::fs::metadata(path).is_ok_and(|file| file.len() == bytes.len() as u64) {
                continue;
            }
            let folder = path.parent().expect("because it lies in a folder");
            std::fs::create_dir_all(folder).expect("because there is room");
            std::fs::write(path, bytes).expect("because there is room");
        }
    }
}
