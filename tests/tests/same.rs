//! The same commit gives the same bytes, however it is read (P13).

use std::path::{Path, PathBuf};

use gitlade::{Options, SshOptions, Verify};
use gitlade_tests::random::Random;
use gitlade_tests::server::{Flaw, GitDaemon, GitHttp, Speaks, Sshd, Tls, git};
use tempfile::TempDir;

use crate::benign::{self, alike, many, shapes};
use crate::child;
use crate::importing::{body, from_loopback, local, loopback, ndjson, remote};

/// A repository with some of everything, stored as deltas.
fn sample() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("because there is room");
    let files = [shapes(), alike(60), many(300)].concat();
    let path = benign::repository(folder.path(), "sample.git", "sha1", &files);
    git(&path, &["repack", "-adfq"]);
    (folder, path)
}

fn manifest_of(path: &Path, options: &Options) -> Vec<u8> {
    let import = local(path, options);
    let import = import.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    ndjson(import.manifest())
}

#[test]
fn threads_memory_and_checks_make_no_difference() {
    let (_folder, path) = sample();
    let expected = manifest_of(&path, &Options::default());
    assert!(expected.len() > 100_000);
    for memory in [1 << 20, 2 << 20, 64 << 20, 1 << 40] {
        for threads in [1, 2, 5, 16, 32] {
            for verify in [Verify::Checksums, Verify::Ids] {
                let options = Options::default()
                    .threads(threads)
                    .memory(memory)
                    .verify(verify);
                let same = manifest_of(&path, &options) == expected;
                assert!(same, "{threads} threads, {memory} bytes, {verify:?}");
            }
        }
    }
}

#[test]
fn the_locale_and_the_environment_make_no_difference() {
    let (_folder, path) = sample();
    let expected = manifest_of(&path, &Options::default());
    for (name, value) in [
        ("LC_ALL", "C"),
        ("LC_ALL", "C.UTF-8"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LANG", "zh_CN.GB18030"),
        ("TZ", "Asia/Kathmandu"),
        ("GIT_DIR", "/nonexistent"),
        ("GIT_OBJECT_DIRECTORY", "/nonexistent"),
        ("GIT_ATTR_SOURCE", "HEAD~1"),
        ("GIT_CONFIG_COUNT", "x"),
        ("HOME", "/nonexistent"),
        ("RAYON_NUM_THREADS", "3"),
    ] {
        let child = child::import(&path).env(name, value).run();
        assert!(
            child.manifest() == expected,
            "{name}={value}: {}",
            child.said()
        );
    }
}

#[test]
fn the_way_of_storing_makes_no_difference() {
    let (folder, path) = sample();
    let expected = manifest_of(&path, &Options::default());
    let place = folder.path();
    let clone = |name: &str, arguments: &[&str]| {
        let all = [&["clone", "-q", "--bare"], arguments, &["sample.git", name]].concat();
        git(place, &all);
        place.join(name)
    };

    let loose = place.join("loose.git");
    git(place, &["init", "-q", "--bare", "-b", "main", "loose.git"]);
    let pack = git(&path, &["rev-parse", "--git-path", "objects/pack"]);
    for file in std::fs::read_dir(path.join(pack)).expect("because it is packed") {
        let file = file.expect("because it can be read").path();
        if file
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            let bytes = std::fs::read(&file).expect("because it can be read");
            gitlade_tests::server::git_with_input(&loose, &["unpack-objects", "-q"], &bytes);
        }
    }
    let head = git(&path, &["rev-parse", "HEAD"]);
    git(&loose, &["update-ref", "refs/heads/main", &head]);
    assert!(
        manifest_of(&loose, &Options::default()) == expected,
        "loose"
    );

    let multi = clone("multi.git", &["--no-local"]);
    benign::commit_more(&multi, &many(40));
    git(&multi, &["repack", "-dq"]);
    git(&multi, &["reset", "--soft", "HEAD~1"]);
    git(&multi, &["multi-pack-index", "write"]);
    assert!(multi.join("objects/pack/multi-pack-index").is_file());
    assert!(
        manifest_of(&multi, &Options::default()) == expected,
        "multi-pack index"
    );

    let borrowing = clone("borrowing.git", &["--shared"]);
    assert!(
        manifest_of(&borrowing, &Options::default()) == expected,
        "alternates"
    );
    let cloned = clone("cloned.git", &["--no-local"]);
    assert!(
        manifest_of(&cloned, &Options::default()) == expected,
        "clone"
    );
    git(&cloned, &["pack-refs", "--all"]);
    assert!(
        manifest_of(&cloned, &Options::default()) == expected,
        "packed refs"
    );
    let url = format!("file://{}", path.display());
    git(
        place,
        &["clone", "-q", "--bare", "--depth=1", &url, "shallow.git"],
    );
    let shallow = place.join("shallow.git");
    assert!(
        manifest_of(&shallow, &Options::default()) == expected,
        "shallow"
    );
    git(&cloned, &["config", "pack.indexVersion", "1"]);
    git(&cloned, &["repack", "-adfq", "--depth=4000", "--window=20"]);
    assert!(
        manifest_of(&cloned, &Options::default()) == expected,
        "index of version 1"
    );
}

#[test]
fn the_transport_makes_no_difference() {
    let (folder, path) = sample();
    let import = local(&path, &Options::default()).expect("because it is benign");
    let expected = body(import.manifest());
    let assert_same = |url: &str, options: &Options| {
        for threads in [1, 3] {
            for memory in [1 << 20, 256 << 20] {
                let options = options.clone().threads(threads).memory(memory);
                let import = remote(url, &options).unwrap_or_else(|error| panic!("{url}: {error}"));
                assert!(body(import.manifest()) == expected, "{url}");
            }
        }
    };
    for speaks in [Speaks::Everything, Speaks::V0, Speaks::V1] {
        let server = GitHttp::builder(folder.path()).speaks(speaks).start();
        assert_same(&server.url("sample.git"), &from_loopback());
    }
    let server = GitHttp::builder(folder.path())
        .tls(Tls::new(Flaw::None))
        .start();
    let authority = server.authority_pem().expect("because it speaks TLS");
    let options = Options::default().remote(loopback().ca_certificate(authority));
    assert_same(&server.url("sample.git"), &options);
    let server = GitDaemon::serve(folder.path());
    assert_same(&server.url("sample.git"), &from_loopback());
    let server = Sshd::start();
    let ssh = SshOptions::default()
        .key(server.key())
        .known_hosts(server.known_hosts());
    assert_same(
        &server.url(&path),
        &Options::default().remote(loopback().ssh(ssh)),
    );
}

/// A pack that is too large for memory, with deltas far behind their bases: those are rebuilt while
/// the rest arrives, and the folders are listed.
#[test]
fn rounds_of_deltas_make_no_difference() {
    let folder = tempfile::tempdir().expect("because there is room");
    let mut files = [shapes(), alike(200), many(1500)].concat();
    let mut random = Random::new(3);
    let mut large = random.bytes(1_300_000);
    for number in 0..8 {
        let at = random.below(1_200_000);
        large[at..at + 500].copy_from_slice(&random.bytes(500));
        for (place, len) in [("a", 1_300_000 - number), ("m", 90_000), ("z", 100_000)] {
            let path = format!("{place}/{number}.large");
            files.push(benign::file(path, &large[..len]));
        }
        files.push(benign::file(format!("b/{number}"), random.bytes(800_000)));
    }
    let path = benign::repository(folder.path(), "rounds.git", "sha1", &files);
    git(&path, &["repack", "-adfq", "--window=50"]);
    let expected = body(
        local(&path, &Options::default())
            .expect("because it is benign")
            .manifest(),
    );
    let server = GitHttp::serve(folder.path());
    for threads in [1, 2, 5] {
        for memory in [1 << 20, 4 << 20, 256 << 20] {
            for options in [from_loopback(), from_loopback().subdir("alike/03")] {
                let options = options.threads(threads).memory(memory);
                let there = remote(&server.url("rounds.git"), &options);
                let there = there.unwrap_or_else(|error| panic!("{options:?}: {error}"));
                let same = match &options.subdir {
                    None => body(there.manifest()) == expected,
                    Some(subdir) => {
                        let here = local(&path, &Options::default().subdir(subdir));
                        body(here.expect("because it is benign").manifest())
                            == body(there.manifest())
                    }
                };
                assert!(same, "{options:?}");
            }
        }
    }
}

/// The content is the same too, and so are texts, subdirs and filters.
#[test]
fn a_remote_import_hands_out_the_same_content() {
    let (folder, path) = sample();
    let server = GitHttp::serve(folder.path());
    let plain = Options::default();
    let variants = [
        plain.clone(),
        plain.clone().subdir("copies/3"),
        plain.clone().exclude("*.txt").exclude("sizes"),
        plain.clone().include("/sub/").include("*.a"),
        plain
            .clone()
            .limits(gitlade::Limits::default().max_blob(2_000)),
    ];
    for options in variants {
        let here = local(&path, &options).expect("because it is benign");
        let there = remote(
            &server.url("sample.git"),
            &options.clone().remote(loopback()),
        );
        let there = there.expect("because the server is honest");
        assert!(
            body(here.manifest()) == body(there.manifest()),
            "{options:?}"
        );
        let texts = |import: &gitlade::Import| {
            let mut out = Vec::new();
            import
                .write_ndjson_with_text(&mut out)
                .expect("because memory takes it");
            let end = out.iter().position(|&byte| byte == b'\n');
            out.split_off(end.expect("because the header is a line"))
        };
        assert!(texts(&here) == texts(&there), "{options:?}");
        for (one, other) in here.manifest().files().zip(there.manifest().files()) {
            if one.kind().skipped().is_none() {
                let one = here.bytes(one).expect("because it was read");
                assert!(one == there.bytes(other).expect("because it was read"));
            }
        }
    }
}
