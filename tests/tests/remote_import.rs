//! What comes from a server is what comes from the repository itself, byte for byte.

use std::path::Path;

use gitlade::{Control, Error, ErrorKind, Options, RemoteOptions, Source, SshOptions, import};
use gitlade_tests::server::{
    Flaw, GitDaemon, GitHttp, Response, Speaks, Sshd, Tls, git, impatient, sample_repository,
    sample_repository_as,
};
use tempfile::TempDir;

/// Patient enough for a machine that is busy.
fn patient() -> RemoteOptions {
    impatient().timeouts(gitlade::Timeouts::default())
}

/// The manifest without its header, which names the source.
fn manifest(source: &str, options: &Options) -> Result<String, Error> {
    let import = import(&Source::parse(source)?, options, &Control::new())?;
    let mut out = Vec::new();
    import.manifest().write_ndjson(&mut out)?;
    let text = String::from_utf8(out).expect("NDJSON is UTF-8");
    let (_, rest) = text.split_once('\n').expect("there is a header");
    Ok(rest.to_owned())
}

fn local(repository: &Path, revision: &str) -> String {
    let path = repository
        .to_str()
        .expect("temporary folders have plain names");
    manifest(path, &Options::default().revision(revision)).expect("the repository is sound")
}

fn remote(url: &str, revision: &str, remote: RemoteOptions) -> Result<String, Error> {
    manifest(url, &Options::default().revision(revision).remote(remote))
}

fn sample() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    (folder, repository)
}

#[test]
fn http_in_every_version_gives_what_the_repository_gives() {
    let folder = tempfile::tempdir().expect("there is room");
    for format in ["sha1", "sha256"] {
        let name = format!("{format}.git");
        let repository = sample_repository_as(folder.path(), &name, format);
        let tip = git(&repository, &["rev-parse", "feature/x"]);
        for speaks in [Speaks::Everything, Speaks::V0, Speaks::V1] {
            let server = GitHttp::builder(folder.path()).speaks(speaks).start();
            let url = server.url(&name);
            for revision in [
                "HEAD",
                "feature/x",
                "v1",
                "light",
                "refs/heads/main",
                tip.as_str(),
            ] {
                let received = remote(&url, revision, patient()).expect("the server is honest");
                assert_eq!(
                    received,
                    local(&repository, revision),
                    "{speaks:?} {revision}"
                );
            }
        }
    }
}

#[test]
fn every_transport_gives_what_the_repository_gives() {
    let (folder, repository) = sample();
    let expected = local(&repository, "HEAD");

    let daemon = GitDaemon::serve(folder.path());
    let received = remote(&daemon.url("sample.git"), "HEAD", patient());
    assert_eq!(received.expect("the server is honest"), expected);

    let https = GitHttp::builder(folder.path())
        .tls(Tls::new(Flaw::None))
        .start();
    let authority = https.authority_pem().expect("it has one");
    let options = patient().ca_certificate(authority);
    let received = remote(&https.url("sample.git"), "HEAD", options);
    assert_eq!(received.expect("the server is honest"), expected);

    let sshd = Sshd::start();
    let ssh = SshOptions::default()
        .key(sshd.key())
        .known_hosts(sshd.known_hosts());
    let received = remote(&sshd.url(&repository), "HEAD", patient().ssh(ssh));
    assert_eq!(received.expect("the server is honest"), expected);
}

#[test]
fn an_empty_repository_gives_an_empty_manifest() {
    let folder = tempfile::tempdir().expect("there is room");
    git(
        folder.path(),
        &["init", "-q", "--bare", "-b", "trunk", "empty.git"],
    );
    for speaks in [Speaks::Everything, Speaks::V0] {
        let server = GitHttp::builder(folder.path()).speaks(speaks).start();
        let received = remote(&server.url("empty.git"), "HEAD", patient()).expect("it is empty");
        assert_eq!(received.lines().count(), 1, "the trailer alone: {received}");
        let error = remote(&server.url("empty.git"), "main", patient()).expect_err("it is empty");
        assert_eq!(error.kind(), ErrorKind::RevisionNotFound);
    }
}

/// The whole conversation takes three requests and one connection.
#[test]
fn one_connection_is_enough() {
    let (folder, _) = sample();
    let server = GitHttp::serve(folder.path());
    remote(&server.url("sample.git"), "HEAD", patient()).expect("the server is honest");
    assert_eq!((server.requests().len(), server.connections()), (3, 1));
}

#[test]
fn failures_before_the_pack_are_tried_again_at_every_request() {
    let (folder, repository) = sample();
    for failing in 0..3 {
        let server = GitHttp::builder(folder.path())
            .intercept(move |_, number| {
                (number == failing).then(|| Response::status(502).body("text/plain", "a moment"))
            })
            .start();
        let url = server.url("sample.git");
        let error = remote(&url, "HEAD", patient()).expect_err("nothing is tried again");
        assert_eq!(error.kind(), ErrorKind::Server);
        let received = remote(&url, "HEAD", patient().retries(1)).expect("it passes");
        assert_eq!(received, local(&repository, "HEAD"), "request {failing}");
    }
}
