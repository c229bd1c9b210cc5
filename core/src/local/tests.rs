//! Repositories that change while they are read.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::budget::Budget;
use crate::error::{Error, ErrorKind};
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

/// What a sink does is no matter of the repository, whatever its error looks like.
#[test]
fn a_sink_that_fails_like_a_disk_is_asked_once() {
    let repo = crate::oracle::Repository::new();
    let id = repo.git(&["hash-object", "-w", "--stdin"], b"content\n");
    let id: ObjectId = String::from_utf8(id).unwrap().trim().parse().unwrap();
    let repository = Repository::open(repo.path(), true).unwrap();
    let buffers = Buffers::new(Budget::new(1 << 20), std::env::temp_dir(), 1 << 20);
    let work = Work::new(2, buffers, Cancel::new(), 1_000).unwrap();
    let asked = AtomicUsize::new(0);
    let fail = |_: usize, _: Found<'_>| {
        asked.fetch_add(1, Ordering::Relaxed);
        let message = "the shelf is broken".to_owned();
        Err(Error::message(ErrorKind::Io, message))
    };
    let limits = Limits::default();
    let error = read_many(&repository.odb, &[id], Verify::Ids, &limits, &work, &fail).unwrap_err();
    assert_eq!(error.to_string(), "the shelf is broken");
    assert_eq!(asked.into_inner(), 1);
}
