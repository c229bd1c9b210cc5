//! Imports from servers, honest and otherwise, end to end (P2, P5, P6).

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gitlade::{Control, Credentials, ErrorKind, Options, Source, Timeouts};
use gitlade_tests::patience::assert_within;
use gitlade_tests::server::{
    GitHttp, Lie, LyingServer, Over, Response, Speaks, Stage, TcpServer, Version, git, impatient,
    join_pack, sample_repository, sample_repository_as, split_pack,
};
use sha1::{Digest, Sha1};

use crate::benign::{self, alike, file};
use crate::importing::{body, from_loopback, local, loopback, remote};
use crate::shown::assert_harmless;

fn same_as_local(url: &str, options: &Options, repository: &Path, revision: &str) {
    let there = remote(url, options).unwrap_or_else(|error| panic!("{url} {revision}: {error}"));
    let here = local(repository, &Options::default().revision(revision));
    let here = here.expect("because Git made it");
    assert!(
        body(there.manifest()) == body(here.manifest()),
        "{url} {revision}"
    );
    let [there, here] = [&there, &here].map(|import| import.manifest().header().source.commit);
    assert_eq!(there, here, "{url} {revision}");
}

#[test]
fn revisions_are_found_in_every_version() {
    let folder = tempfile::tempdir().expect("because there is room");
    let repository = sample_repository(folder.path());
    let id = git(&repository, &["rev-parse", "feature/x"]);
    for speaks in [Speaks::Everything, Speaks::V0, Speaks::V1] {
        let server = GitHttp::builder(folder.path()).speaks(speaks).start();
        let url = server.url("sample.git");
        let names = [
            "HEAD",
            "main",
            "refs/heads/main",
            "feature/x",
            "light",
            "v1",
            "refs/tags/v1",
            &id,
        ];
        for name in names {
            same_as_local(&url, &from_loopback().revision(name), &repository, name);
        }
        for (name, near) in [
            ("mian", "main"),
            ("feature/y", "feature/x"),
            ("nothing-like-it-at-all", ""),
        ] {
            let error = remote(&url, &from_loopback().revision(name)).expect_err("there is none");
            assert_eq!(error.kind(), ErrorKind::RevisionNotFound, "{error}");
            let text = format!("{error} {}", error.advice().unwrap_or_default());
            assert!(text.contains(near), "{text}");
        }
    }
}

#[test]
fn formats_and_empty_repositories_are_imported() {
    let folder = tempfile::tempdir().expect("because there is room");
    let sha256 = sample_repository_as(folder.path(), "sha256.git", "sha256");
    git(
        folder.path(),
        &["init", "-q", "--bare", "-b", "trunk", "empty.git"],
    );
    let deep = format!("file://{}", sha256.display());
    git(
        folder.path(),
        &["clone", "-q", "--bare", "--depth=1", &deep, "shallow.git"],
    );
    let server = GitHttp::serve(folder.path());
    same_as_local(&server.url("sha256.git"), &from_loopback(), &sha256, "HEAD");
    same_as_local(
        &server.url("shallow.git"),
        &from_loopback(),
        &sha256,
        "HEAD",
    );
    let empty = remote(&server.url("empty.git"), &from_loopback()).expect("because it is empty");
    assert_eq!(empty.manifest().entries().len(), 0);
    assert_eq!(empty.manifest().header().source.commit, None);
}

#[test]
fn credentials_open_the_door_or_say_why_not() {
    let folder = tempfile::tempdir().expect("because there is room");
    let repository = sample_repository(folder.path());
    let options = |credentials: Option<Credentials>| {
        from_loopback().remote(
            loopback()
                .plain_http_credentials(true)
                .credentials(credentials),
        )
    };
    let basic = GitHttp::builder(folder.path())
        .basic("me", "s3cret")
        .start();
    let bearer = GitHttp::builder(folder.path()).bearer("t0ken").start();
    let right = [
        (&basic, Credentials::password("me", "s3cret")),
        (&basic, Credentials::token_as("me", "s3cret").when_asked()),
        (&bearer, Credentials::bearer("t0ken")),
    ];
    for (server, credentials) in right {
        same_as_local(
            &server.url("sample.git"),
            &options(Some(credentials)),
            &repository,
            "HEAD",
        );
    }
    let wrong = [
        (&basic, None, ErrorKind::AuthenticationRequired),
        (
            &basic,
            Some(Credentials::password("me", "other")),
            ErrorKind::AuthenticationFailed,
        ),
        (
            &bearer,
            Some(Credentials::bearer("other")),
            ErrorKind::AuthenticationFailed,
        ),
    ];
    for (server, credentials, kind) in wrong {
        let error =
            remote(&server.url("sample.git"), &options(credentials)).expect_err("it is closed");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.advice().is_some(), "{error}");
    }
}

#[test]
fn redirects_are_followed_and_no_further() {
    let folder = tempfile::tempdir().expect("because there is room");
    let repository = sample_repository(folder.path());
    let target = GitHttp::serve(folder.path());
    let to = target.url("sample.git");
    let moved = GitHttp::builder(folder.path())
        .intercept(move |request, _| {
            let location = format!("{to}/info/refs?{}", request.query);
            Some(Response::status(302).header("Location", &location))
        })
        .start();
    same_as_local(&moved.url("old.git"), &from_loopback(), &repository, "HEAD");
    let circle = GitHttp::builder(folder.path())
        .intercept(|request, _| {
            let location = format!("{}?{}", request.path, request.query);
            Some(Response::status(302).header("Location", &location))
        })
        .start();
    let error = remote(&circle.url("a.git"), &from_loopback()).expect_err("it never ends");
    assert!(circle.requests().len() <= 6, "{}", circle.requests().len());
    assert!(
        [
            ErrorKind::NotAGitServer,
            ErrorKind::Protocol,
            ErrorKind::Server
        ]
        .contains(&error.kind()),
        "{error:?}"
    );
}

/// Cancel ends an import within a second wherever a server keeps it waiting, inside of the pack too.
#[test]
fn cancel_ends_every_silence_of_an_import() {
    let folder = tempfile::tempdir().expect("because there is room");
    let repository = sample_repository(folder.path());
    let mut count = 0;
    for over in [Over::Http, Over::Git] {
        for stage in [Stage::Advertisement, Stage::Refs, Stage::Pack] {
            for hundredths in [0, 50, 99] {
                let lie = Lie::Silence(hundredths);
                let server = LyingServer::start(&repository, over, Version::V2, stage, lie);
                let source = Source::parse(server.url()).expect("because it is a URL");
                let options = Options::default().remote(impatient().timeouts(Timeouts::default()));
                let control = Control::new();
                let switch = control.cancel.clone();
                let thread = std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(200));
                    switch.cancel();
                    Instant::now()
                });
                let error = gitlade::import(&source, &options, &control).expect_err("it is silent");
                let ended = Instant::now();
                let cancelled = thread.join().expect("because it does not panic");
                let what = format!("{over:?} {stage:?} {hundredths}");
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{what}: {error}");
                let took = ended.saturating_duration_since(cancelled);
                assert_within(Duration::from_secs(1), took, &what);
                count += 1;
            }
        }
    }
    assert_eq!(count, 18);
}

/// The three answers of an honest conversation over `git://`.
fn recorded(repository: &Path) -> [Vec<u8>; 3] {
    [Stage::Advertisement, Stage::Refs, Stage::Pack].map(|stage| {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lie = Lie::change({
            let heard = Arc::clone(&heard);
            move |honest| {
                heard
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone_from(&honest);
                honest
            }
        });
        let server = LyingServer::start(repository, Over::Git, Version::V2, stage, lie);
        remote(&server.url(), &from_loopback()).expect("because the server is honest");
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    })
}

/// Says the advertisement and the refs of a recording, and the pack that is next in turn.
fn replay(answers: [Vec<u8>; 3], packs: Vec<Vec<u8>>) -> (TcpServer, String) {
    let [advertisement, refs, pack] = answers;
    let (before, _) = split_pack(&pack);
    let server = TcpServer::start(move |mut stream, number| {
        use std::io::{Read as _, Write as _};
        let pack = join_pack(&before, &packs[number % packs.len()]);
        // Each request ends in a flush, or in the line that opens the conversation.
        for answer in [&advertisement, &refs, &pack] {
            let mut request = Vec::new();
            let mut byte = [0; 4096];
            while !request.ends_with(b"0000") && !request.ends_with(b"version=2\0") {
                match stream.read(&mut byte) {
                    Ok(count) if count > 0 => request.extend_from_slice(&byte[..count]),
                    _ => return,
                }
            }
            if stream.write_all(answer).is_err() {
                return;
            }
        }
        // Until the client goes away.
        let _ = stream.read(&mut [0; 16]);
    });
    let url = format!("git://127.0.0.1:{}/sample.git", server.port());
    (server, url)
}

/// Each byte of a small pack is flipped in turn, once as it is and once with a right checksum at the
/// end, so that zlib and the ids have to notice.
#[test]
fn no_flipped_byte_of_a_pack_is_silently_wrong() {
    let folder = tempfile::tempdir().expect("because there is room");
    let files = [
        file("a/one", "one\n".repeat(40)),
        file("a/two", "one\n".repeat(41)),
        file("b", "two\n"),
    ];
    let path = benign::repository(
        folder.path(),
        "small.git",
        "sha1",
        &[&files[..], &alike(0)].concat(),
    );
    git(&path, &["repack", "-adfq"]);
    let expected = body(
        local(&path, &Options::default())
            .expect("because it is benign")
            .manifest(),
    );
    let answers = recorded(&path);
    let (_, pack) = split_pack(&answers[2]);
    let mut packs = vec![pack.clone()];
    for at in 0..pack.len() {
        let mut flipped = pack.clone();
        flipped[at] ^= 1 << (at % 8);
        let mut sealed = flipped.clone();
        let end = sealed.len() - 20;
        let checksum = Sha1::digest(&sealed[..end]);
        sealed[end..].copy_from_slice(&checksum);
        packs.push(flipped);
        if at < end {
            packs.push(sealed);
        }
    }
    let count = packs.len();
    let (_server, url) = replay(answers, packs);
    let (mut refused, mut right) = (0, 0);
    for number in 0..count {
        match remote(&url, &Options::default().remote(impatient()).threads(1)) {
            Ok(import) => {
                assert!(
                    body(import.manifest()) == expected,
                    "pack {number} is silently wrong"
                );
                right += 1;
            }
            Err(error) => {
                assert_harmless(&error, &format!("pack {number}"));
                assert_ne!(error.kind(), ErrorKind::Internal, "pack {number}: {error}");
                refused += 1;
            }
        }
    }
    println!("remote: {count} packs, {refused} of them refused, {right} right");
    // The honest one, and where only zlib's own header was changed in a way that means the same.
    assert!((1..=count / 10).contains(&right), "{right} of {count}");
}
