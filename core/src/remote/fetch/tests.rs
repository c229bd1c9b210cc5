//! Whole conversations with Git's own `upload-pack`.
//!
//! It is reached through the ssh connection, with a script in place of ssh that runs the command on
//! this machine: everything but the network is real.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::error::ErrorKind;
use crate::remote::{Policy, Timeouts};
use crate::source::Source;

/// A repository, and a program that takes the place of ssh.
struct Fixture {
    folder: TempDir,
    options: RemoteOptions,
    limits: Limits,
    cancel: Cancel,
}

/// What a fetch came to: the ref and the pack.
type Got = Result<Fetched<(FetchedRef, Vec<u8>)>, Error>;

impl Fixture {
    /// The script runs `before` first.
    fn new(before: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let program = folder.path().join("ssh");
        let script = format!("#!/bin/sh\n{before}\nfor last; do :; done\nexec sh -c \"$last\"\n");
        fs::write(&program, script).expect("there is room");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&program, executable).expect("it is ours");
        let options = RemoteOptions::default()
            .policy(Policy::unrestricted())
            .timeouts(Timeouts::default().stall(Duration::from_secs(20)))
            .retries(0)
            .ssh(SshOptions::default().program(program));
        Fixture {
            folder,
            options,
            limits: Limits::default(),
            cancel: Cancel::new(),
        }
    }

    /// One that speaks the older protocol.
    fn v0() -> Self {
        Self::new("unset GIT_PROTOCOL")
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("sample.git")
    }

    /// Two commits on `main`, the first with an annotated tag `v1`, and `other`, a third commit.
    fn with_history(self, format: &str) -> Self {
        let repository = self.repository();
        let format = format!("--object-format={format}");
        git(
            self.folder.path(),
            &["init", "-q", "--bare", "-b", "main", &format, "sample.git"],
        );
        let tree = |text: &str| {
            let blob = git_with(
                &repository,
                &["hash-object", "-w", "--stdin"],
                text.as_bytes(),
            );
            git_with(
                &repository,
                &["mktree"],
                format!("100644 blob {blob}\tfile\n").as_bytes(),
            )
        };
        let first = git(&repository, &["commit-tree", "-m", "one", &tree("one")]);
        let second = git(
            &repository,
            &["commit-tree", "-m", "two", "-p", &first, &tree("two")],
        );
        let third = git(
            &repository,
            &["commit-tree", "-m", "three", "-p", &first, &tree("three")],
        );
        git(&repository, &["update-ref", "refs/heads/main", &second]);
        git(&repository, &["update-ref", "refs/heads/other", &third]);
        git(&repository, &["tag", "-a", "-m", "one", "v1", &first]);
        self
    }

    fn fetch(&self, revision: &str) -> Got {
        let url = format!("ssh://localhost{}", self.repository().display());
        let Source::Remote(url) = Source::parse(url)? else {
            panic!("it is a URL");
        };
        let revision = Revision::parse(revision.as_bytes())
            .map_err(|failure| failure.at("", &crate::remote::redact::Redactor::default()))?;
        let progress = Progress::new();
        let remote = Remote::new(&url, &self.options, &self.limits, &self.cancel, &progress);
        fetch(
            &remote,
            &revision,
            |_| false,
            |found, pack| {
                let mut bytes = Vec::new();
                pack.read_to_end(&mut bytes)
                    .map_err(|error| Error::message(ErrorKind::Internal, error.to_string()))?;
                Ok((found.clone(), bytes))
            },
        )
    }

    /// Fetches, and checks the pack with Git: it has everything of the commit `expected`, and
    /// nothing of its history.
    fn fetch_and_check(&self, revision: &str, expected: &str) -> FetchedRef {
        let Fetched::Pack((found, pack)) = self.fetch(revision).expect("the server is honest")
        else {
            panic!("the repository is not empty");
        };
        let into = tempfile::tempdir().expect("there is room");
        let format = format!("--object-format={}", found.object_format);
        git(into.path(), &["init", "-q", "--bare", &format]);
        git_with(into.path(), &["index-pack", "--stdin"], &pack);
        let repository = self.repository();
        let peeled = git(
            into.path(),
            &["rev-parse", &format!("{}^{{commit}}", found.id)],
        );
        assert_eq!(peeled, git(&repository, &["rev-parse", expected]));
        let listed = git(
            into.path(),
            &["cat-file", "--batch-all-objects", "--batch-check"],
        );
        let commits = listed.lines().filter(|line| line.contains(" commit "));
        assert_eq!(commits.count(), 1, "{listed}");
        assert_eq!(
            git(into.path(), &["ls-tree", "-r", &peeled]),
            git(&repository, &["ls-tree", "-r", expected])
        );
        found
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    git_with(folder, arguments, b"")
}

fn git_with(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input).expect("git reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("git ends");
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}

fn kind(got: Got) -> ErrorKind {
    let error = got.map(|_| ()).expect_err("it may not succeed");
    error.kind()
}

#[test]
fn every_kind_of_revision_is_fetched_in_every_version() {
    for format in ["sha1", "sha256"] {
        for fixture in [
            Fixture::new(""),
            Fixture::new("GIT_PROTOCOL=version=1"),
            Fixture::v0(),
        ] {
            let fixture = fixture.with_history(format);
            for (revision, expected, name) in [
                ("", "main", "refs/heads/main"),
                ("HEAD", "main", "refs/heads/main"),
                ("other", "other", "refs/heads/other"),
                ("heads/other", "other", "refs/heads/other"),
                ("refs/heads/other", "other", "refs/heads/other"),
                ("v1", "v1^{commit}", "refs/tags/v1"),
            ] {
                let found = fixture.fetch_and_check(revision, expected);
                assert_eq!(found.name.as_deref(), Some(name.as_bytes()), "{revision}");
                assert_eq!(found.object_format.to_string(), format);
            }
            // By the id of a tip, and of what an annotated tag is about.
            for expected in ["other", "v1^{commit}"] {
                let id = git(&fixture.repository(), &["rev-parse", expected]);
                let found = fixture.fetch_and_check(&id, expected);
                assert_eq!(found.name, None);
            }
        }
    }
}

#[test]
fn ids_of_older_commits_depend_on_the_server() {
    // Version 2 hands out what it has.
    let fixture = Fixture::new("").with_history("sha1");
    let repository = fixture.repository();
    git(&repository, &["tag", "-d", "v1"]);
    let id = git(&repository, &["rev-parse", "main^"]);
    fixture.fetch_and_check(&id, "main^");

    // The older protocol does that if it was told to.
    let fixture = Fixture::v0().with_history("sha1");
    let repository = fixture.repository();
    git(&repository, &["tag", "-d", "v1"]);
    let id = git(&repository, &["rev-parse", "main^"]);
    assert_eq!(kind(fixture.fetch(&id)), ErrorKind::RevisionNotFound);
    git(
        &repository,
        &["config", "uploadpack.allowReachableSHA1InWant", "true"],
    );
    fixture.fetch_and_check(&id, "main^");
}

#[test]
fn what_is_not_there_is_said_with_advice() {
    for fixture in [Fixture::new(""), Fixture::v0()] {
        let fixture = fixture.with_history("sha1");
        let error = fixture
            .fetch("mian")
            .map(|_| ())
            .expect_err("there is none");
        assert_eq!(error.kind(), ErrorKind::RevisionNotFound);
        let advice = error.advice().expect("something is near");
        assert!(advice.contains("did you mean main?"), "{advice}");

        let error = fixture
            .fetch("trunk")
            .map(|_| ())
            .expect_err("there is none");
        let advice = error.advice().expect("there is a default branch");
        assert!(advice.contains("the default branch is main"), "{advice}");

        let error = fixture
            .fetch("abcdef12")
            .map(|_| ())
            .expect_err("there is none");
        let advice = error.advice().expect("it looks like an id");
        assert!(advice.contains("full id"), "{advice}");

        let id = "1234567890123456789012345678901234567890";
        assert_eq!(kind(fixture.fetch(id)), ErrorKind::RevisionNotFound);
        assert_eq!(
            kind(fixture.fetch(&id.repeat(2)[..64])),
            ErrorKind::InvalidOptions
        );
        assert_eq!(kind(fixture.fetch("main~1")), ErrorKind::InvalidOptions);
    }
}

#[test]
fn empty_repositories_and_unborn_heads_are_told_apart() {
    for fixture in [Fixture::new(""), Fixture::v0()] {
        git(
            fixture.folder.path(),
            &["init", "-q", "--bare", "-b", "trunk", "sample.git"],
        );
        let got = fixture.fetch("").expect("an empty repository is no error");
        assert!(matches!(got, Fetched::Empty { .. }), "{got:?}");
        assert_eq!(kind(fixture.fetch("main")), ErrorKind::RevisionNotFound);
        let fixture = fixture.with_history("sha1");
        git(
            &fixture.repository(),
            &["symbolic-ref", "HEAD", "refs/heads/unborn"],
        );
        let error = fixture
            .fetch("")
            .map(|_| ())
            .expect_err("HEAD has no commit");
        assert_eq!(error.kind(), ErrorKind::UnbornHead);
        let advice = error.advice().expect("there are branches");
        assert!(advice.contains("main"), "{advice}");
    }
}

/// The branch of an empty repository is known where the server says it.
#[test]
fn the_unborn_branch_is_named() {
    let fixture = Fixture::new("");
    git(
        fixture.folder.path(),
        &["init", "-q", "--bare", "-b", "trunk", "sample.git"],
    );
    let Ok(Fetched::Empty { head, .. }) = fixture.fetch("") else {
        panic!("it is empty");
    };
    assert_eq!(head.as_deref(), Some(&b"refs/heads/trunk"[..]));
}

#[test]
fn limits_are_kept() {
    for fixture in [Fixture::new(""), Fixture::v0()] {
        let mut fixture = fixture.with_history("sha1");
        fixture.limits = Limits::default().max_refs(1);
        // Version 2 lists two refs for this one: HEAD and the branch.
        let error = fixture
            .fetch("other")
            .map(|_| ())
            .expect_err("there are more");
        assert_eq!(error.limit(), Some("max_refs"));
        fixture.limits = Limits::default().max_pack_bytes(100);
        let error = fixture
            .fetch("")
            .map(|_| ())
            .expect_err("the pack is larger");
        assert_eq!(error.limit(), Some("max_pack_bytes"));
    }
}

#[test]
fn cancel_and_silence_end_a_blocked_read() {
    let fixture = Fixture::new("exec sleep 600");
    let switch = fixture.cancel.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        switch.cancel();
    });
    let begun = Instant::now();
    assert_eq!(kind(fixture.fetch("")), ErrorKind::Cancelled);
    assert!(begun.elapsed() < Duration::from_secs(5));
    thread.join().expect("it does not panic");

    let mut fixture = Fixture::new("exec sleep 600");
    fixture.options.timeouts.stall = Duration::from_millis(300);
    assert_eq!(kind(fixture.fetch("")), ErrorKind::Timeout);
}

#[test]
fn programs_that_are_no_git_are_said() {
    for (script, expected) in [
        (
            "echo 'Welcome to example'; exit 0",
            ErrorKind::NotAGitServer,
        ),
        ("exit 0", ErrorKind::ConnectionFailed),
        (
            "echo 'ERROR: Repository not found.' >&2; exit 1",
            ErrorKind::RepositoryNotFound,
        ),
        ("printf 0032; exit 0", ErrorKind::ConnectionFailed),
        ("echo 'no shell' >&2; kill -9 $$", ErrorKind::Server),
    ] {
        assert_eq!(kind(Fixture::new(script).fetch("")), expected, "{script}");
    }
}

#[test]
fn the_policy_comes_before_the_program() {
    let mut fixture = Fixture::new("touch \"$0.started\"").with_history("sha1");
    fixture.options.policy = Policy::public();
    assert_eq!(kind(fixture.fetch("")), ErrorKind::NotAllowed);
    fixture.options.policy = Policy::public().allow_scheme(crate::source::Scheme::Ssh, true);
    assert_eq!(kind(fixture.fetch("")), ErrorKind::NotAllowed);
    assert!(!fixture.folder.path().join("ssh.started").exists());
}

#[test]
fn a_program_that_floods_standard_error_is_not_waited_for() {
    let fixture = Fixture::new("head -c 4000000 /dev/zero | tr '\\0' x >&2").with_history("sha1");
    fixture.fetch_and_check("", "main");
}
