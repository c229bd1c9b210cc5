//! Repositories that change while they are read.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::budget::Budget;
use crate::local::{Repository, Verify, read_many};
use crate::pack::{Found, Work};
use crate::spill::Buffers;
use crate::{Cancel, Limits, ObjectId};

#[test]
fn objects_that_are_repacked_meanwhile_are_found_again() {
    let repo = crate::oracle::Repository::new();
    let ids: Vec<ObjectId> = (0..20)
        .map(|number| {
            let content = format!("content {number}\n");
            let id = repo.git(&["hash-object", "-w", "--stdin"], content.as_bytes());
            String::from_utf8(id).unwrap().trim().parse().unwrap()
        })
        .collect();
    let names: String = ids
        .iter()
        .map(|id| format!("100644 blob {id}\tfile-{id}\n"))
        .collect();
    let tree = repo.git(&["mktree"], names.as_bytes());
    let tree = String::from_utf8(tree).unwrap();
    repo.git(&["tag", "keep", tree.trim()], b"");

    let repository = Repository::open(repo.path(), true).unwrap();
    repo.git(&["repack", "-a", "-d", "-q"], b"");
    repo.git(&["prune-packed", "-q"], b"");

    let buffers = Buffers::new(Budget::new(1 << 20), std::env::temp_dir(), 1 << 20);
    let work = Work::new(2, buffers, Cancel::new(), 1_000).unwrap();
    let read = AtomicUsize::new(0);
    let count = |number: usize, found: Found<'_>| {
        let Found::Whole(_, bytes) = found else {
            panic!("object {number} was not read");
        };
        assert_eq!(bytes, format!("content {number}\n").as_bytes());
        read.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    let limits = Limits::default();
    read_many(&repository.odb, &ids, Verify::Ids, &limits, &work, &count).unwrap();
    assert_eq!(read.into_inner(), ids.len());
}
