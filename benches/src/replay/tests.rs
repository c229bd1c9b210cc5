//! The server before the real client.

use std::path::Path;

use super::*;
use crate::corpus::Corpus;
use crate::git::{self, git, git_in};
use crate::shapes::Shape;

fn serve(folder: &Path, rate: Option<u64>) -> (std::path::PathBuf, Recording, Replay) {
    let repository = Corpus::Shape("few", Shape::Deltas, 200)
        .make(folder)
        .unwrap();
    let recording = Recording::make(&repository, folder).unwrap();
    let replay = Replay::start(recording.clone(), rate, Duration::ZERO).unwrap();
    (repository, recording, replay)
}

fn tree_of(path: &Path) -> String {
    git::line(git_in(path).args(["rev-parse", "HEAD^{tree}"])).unwrap()
}

#[test]
fn git_clones_from_it_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    for rate in [None, Some(20_000_000)] {
        let (repository, _, replay) = serve(folder.path(), rate);
        for arguments in [&["--bare"][..], &[]] {
            let clones = tempfile::tempdir().unwrap();
            let clone = clones.path().join("clone");
            let mut command = git();
            command
                .args(["clone", "-q", "--depth", "1"])
                .args(arguments);
            git::output(command.arg(replay.url()).arg(&clone)).unwrap();
            git::output(git_in(&clone).args(["fsck", "--strict"])).unwrap();
            assert_eq!(tree_of(&clone), tree_of(&repository));
            assert!(replay.take_last_byte().is_some());
            assert!(replay.take_last_byte().is_none());
        }
    }
}

#[test]
fn who_wants_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _, replay) = serve(folder.path(), None);
    let clone = folder.path().join("clone");
    let refused = |arguments: &[&str]| {
        let mut command = git();
        command.args(arguments).arg(replay.url()).arg(&clone);
        let output = command.output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["clone", "-q"]).contains("409"));
    assert!(refused(&["clone", "-q", "--depth", "2"]).contains("409"));
    assert!(refused(&["-c", "protocol.version=0", "clone", "-q", "--depth", "1"]).contains("400"));
    assert!(replay.take_last_byte().is_none());
}

#[test]
fn the_pack_is_in_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let (repository, recording, _replay) = serve(folder.path(), None);
    let bare = folder.path().join("bare");
    git::output(git().args(["init", "-q", "--bare"]).arg(&bare)).unwrap();
    let unpack = git_in(&bare)
        .args(["unpack-objects", "-q", "--strict"])
        .stdin(File::open(recording.pack()).unwrap())
        .status();
    assert!(unpack.unwrap().success());
    let has = ["cat-file", "-e", &format!("{}^{{tree}}", recording.commit)];
    git::output(git_in(&bare).args(has)).unwrap();
    // Made once.
    let again = Recording::make(&repository, folder.path()).unwrap();
    assert_eq!(again.pack(), recording.pack());
    assert_eq!(
        std::fs::read_dir(folder.path().join("replay"))
            .unwrap()
            .count(),
        1
    );
}
