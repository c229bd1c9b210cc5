//! History at a server: revisions that go back, as far as the depth reaches.

use std::path::{Path, PathBuf};

use gitlade::{ErrorKind, Limits, Options, RemoteOptions, SshOptions};
use gitlade_tests::server::{GitDaemon, GitHttp, Speaks, Sshd, git, git_with_input};
use tempfile::TempDir;

use crate::importing::{body, local, loopback, ndjson, remote};

/// Twelve commits on `main`, the tenth of which is a merge of `side`, with two commits of its own; the
/// annotated tag `v1` is the merge. Each commit changes a file, so that no two have the same tree.
fn sample(format: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("because there is room");
    let format = format!("--object-format={format}");
    git(
        folder.path(),
        &["init", "-q", "--bare", "-b", "main", &format, "deep.git"],
    );
    let path = folder.path().join("deep.git");
    let mut stream = String::new();
    let mut commit = |mark: usize, branch: &str, parents: &str| {
        let who = "committer C O Mitter <committer@example.com> 1704067200 +0000";
        let text = format!("change {mark}\n").repeat(200 + mark);
        stream += &format!(
            "commit refs/heads/{branch}\nmark :{mark}\n{who}\ndata 2\nc\n{parents}\
             M 100644 inline d/file\ndata {}\n{text}\nM 100644 inline f{mark}\ndata 2\n{mark:2}\n",
            text.len()
        );
    };
    commit(1, "main", "");
    for mark in 2..=8 {
        commit(mark, "main", "");
    }
    commit(20, "side", "from :3\n");
    commit(21, "side", "");
    commit(9, "main", "from :8\n");
    commit(10, "main", "merge :21\n");
    commit(11, "main", "");
    commit(12, "main", "");
    let tagger = "tagger A U Thor <author@example.com> 1704067200 +0000";
    stream += &format!("tag v1\nfrom :10\n{tagger}\ndata 4\none\n\n");
    git_with_input(&path, &["fast-import", "--quiet"], stream.as_bytes());
    git(&path, &["repack", "-adfq"]);
    (folder, path)
}

fn options(revision: &str, remote: RemoteOptions) -> Options {
    Options::default().revision(revision).remote(remote)
}

/// What the local import gives of the commit that Git says the revision is.
fn truth(path: &Path, revision: &str) -> (String, Vec<u8>) {
    let commit = git(
        path,
        &["rev-parse", "--verify", &format!("{revision}^{{commit}}")],
    );
    let import = local(path, &Options::default().revision(&commit)).expect("because it is benign");
    (commit, body(import.manifest()))
}

/// Revisions, and the least depth that reaches them.
const REVISIONS: &[(&str, u32)] = &[
    ("main", 1),
    ("HEAD~0", 1),
    ("v1^0", 1),
    ("HEAD~", 2),
    ("main^", 2),
    ("@~2", 3),
    ("refs/heads/main~3", 4),
    ("main~2^2", 4),
    ("v1^2", 2),
    ("v1^1~1", 3),
    ("v1^2~1", 3),
    ("main^^^2^", 5),
    ("main~11", 12),
    ("side~4", 5),
];

#[test]
fn every_version_of_the_protocol_goes_back() {
    for format in ["sha1", "sha256"] {
        let (folder, path) = sample(format);
        for speaks in [Speaks::Everything, Speaks::V0, Speaks::V1] {
            let server = GitHttp::builder(folder.path()).speaks(speaks).start();
            let url = server.url("deep.git");
            for &(revision, least) in REVISIONS {
                let (commit, expected) = truth(&path, revision);
                let depths = match revision {
                    "main~2^2" => vec![least, least + 1, 0x7fff_ffff],
                    _ => vec![least],
                };
                for depth in depths {
                    let case = format!("{format} {speaks:?} {revision} {depth}");
                    let options = options(revision, loopback().depth(depth));
                    let import = remote(&url, &options).expect(&case);
                    let found = import.manifest().header().source.commit;
                    assert_eq!(found.expect(&case).to_string(), commit, "{case}");
                    assert!(body(import.manifest()) == expected, "{case}");
                }
                if least > 1 {
                    let short = options(revision, loopback().depth(least - 1));
                    let error = remote(&url, &short).expect_err(revision);
                    assert_eq!(error.kind(), ErrorKind::InvalidOptions, "{error}");
                    let advice = error.advice().expect("because there is something to do");
                    assert!(advice.contains(&format!("--depth {least}")), "{advice}");
                }
            }
        }
    }
}

#[test]
fn every_transport_goes_back() {
    let (folder, path) = sample("sha1");
    let daemon = GitDaemon::serve(folder.path());
    let sshd = Sshd::start();
    let ssh = SshOptions::default()
        .key(sshd.key())
        .known_hosts(sshd.known_hosts());
    for &(revision, least) in REVISIONS {
        let (_, expected) = truth(&path, revision);
        let over_git = options(revision, loopback().depth(least));
        let over_ssh = options(revision, loopback().depth(least).ssh(ssh.clone()));
        for (url, options) in [
            (daemon.url("deep.git"), over_git),
            (sshd.url(&path), over_ssh),
        ] {
            let import = remote(&url, &options).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert!(body(import.manifest()) == expected, "{url} {revision}");
        }
    }
}

/// What arrives on the way to the commit is in no byte of the manifest.
#[test]
fn the_depth_makes_no_difference_to_the_manifest() {
    let (folder, path) = sample("sha1");
    let server = GitHttp::serve(folder.path());
    let url = server.url("deep.git");
    let id = git(&path, &["rev-parse", "main~4"]);
    for revision in ["main", "v1", &id] {
        let manifests = [1, 2, 3, 100].map(|depth| {
            let import = remote(&url, &options(revision, loopback().depth(depth)));
            ndjson(import.expect("because the server is honest").manifest())
        });
        assert!(manifests.iter().all(|other| *other == manifests[0]));
    }
    // The ref is the one that the way begins at, as a local import has it.
    let back = remote(&url, &options("main~2", loopback().depth(3))).expect("it reaches");
    let near = local(&path, &Options::default().revision("main~2")).expect("it is benign");
    let reference = |import: &gitlade::Import| import.manifest().header().source.reference.clone();
    assert_eq!(reference(&back), reference(&near));
}

#[test]
fn what_there_is_not_is_not_found() {
    let (folder, path) = sample("sha1");
    let server = GitHttp::serve(folder.path());
    let tree = git(&path, &["rev-parse", "main^{tree}"]);
    for (revision, kind) in [
        ("main^2", ErrorKind::RevisionNotFound),
        ("main~12", ErrorKind::RevisionNotFound),
        ("v1^3", ErrorKind::RevisionNotFound),
        ("missing~1", ErrorKind::RevisionNotFound),
        (&format!("{tree}~1"), ErrorKind::RevisionNotFound),
        ("main~1000001", ErrorKind::InvalidOptions),
        ("main~-1", ErrorKind::InvalidOptions),
        ("main~1^{tree}", ErrorKind::InvalidOptions),
        ("main~1:d", ErrorKind::InvalidOptions),
        ("~1", ErrorKind::InvalidOptions),
        ("main~1..main", ErrorKind::InvalidOptions),
    ] {
        let options = options(revision, loopback().depth(100));
        let error = remote(&server.url("deep.git"), &options).expect_err(revision);
        assert_eq!(error.kind(), kind, "{revision}: {error}");
        assert!(error.advice().is_some(), "{revision}: {error}");
    }
    for depth in [0, 0x8000_0000] {
        let error = remote(
            &server.url("deep.git"),
            &options("main", loopback().depth(depth)),
        )
        .expect_err("Git has no such depth");
        assert_eq!(error.kind(), ErrorKind::InvalidOptions, "{error}");
    }

    // A server that is shallow itself has no more to give than that.
    git(
        folder.path(),
        &[
            "clone",
            "-q",
            "--bare",
            "--depth=2",
            &server.url("deep.git"),
            "shallow.git",
        ],
    );
    let error = remote(
        &server.url("shallow.git"),
        &options("main~2", loopback().depth(5)),
    )
    .expect_err("it has two commits");
    assert_eq!(error.kind(), ErrorKind::RevisionNotFound, "{error}");
    assert!(error.to_string().contains("did not send"), "{error}");

    git(folder.path(), &["init", "-q", "--bare", "empty.git"]);
    let error = remote(
        &server.url("empty.git"),
        &options("HEAD~1", loopback().depth(5)),
    )
    .expect_err("it has no commit");
    assert_eq!(error.kind(), ErrorKind::UnbornHead, "{error}");
}

/// History counts, and the error names the cap that it went over.
#[test]
fn deep_histories_stay_within_the_limits() {
    let (folder, path) = sample("sha1");
    let objects = |revisions: &[&str]| {
        let args = [&["rev-list", "--objects"], revisions].concat();
        git(&path, &args).lines().count() as u64
    };
    let all = objects(&["main"]);
    let one = objects(&["main", "--no-walk"]);
    assert!(one < all);
    let server = GitHttp::serve(folder.path());
    let deep = |revision: &str, depth: u32, limits: Limits| {
        let options = options(revision, loopback().depth(depth)).limits(limits);
        remote(&server.url("deep.git"), &options).map(|_| ())
    };
    let limits = Limits::default;
    deep("main~11", 12, limits().max_objects(all)).expect("it is at the limit");
    for (name, limits) in [
        ("max_objects", limits().max_objects(all - 1)),
        ("max_pack_bytes", limits().max_pack_bytes(1_000)),
        ("max_total_bytes", limits().max_total_bytes(20_000)),
        ("max_tree_bytes", limits().max_tree_bytes(1_500)),
    ] {
        let error = deep("main~11", 12, limits).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{name}: {error}");
        assert_eq!(error.limit(), Some(name), "{error}");
    }
    deep("main", 1, limits().max_objects(one)).expect("one commit is within it");
}
