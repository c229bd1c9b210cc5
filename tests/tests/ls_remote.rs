//! `ls_remote` against real servers: what it lists is what `git for-each-ref` lists.

use std::path::Path;

use gitlade::{
    Cancel, Credentials, Error, ErrorKind, Limits, Policy, Progress, RemoteOptions, RemoteRef,
    Source, SshOptions, Timeouts, ls_remote,
};
use gitlade_tests::server::{
    Flaw, GitDaemon, GitHttp, Response, Speaks, Sshd, Tls, git, sample_repository,
    sample_repository_as,
};
use tempfile::TempDir;

fn options() -> RemoteOptions {
    let timeouts = Timeouts::default().stall(std::time::Duration::from_secs(20));
    RemoteOptions::default()
        .policy(Policy::unrestricted())
        .timeouts(timeouts)
        .retries(0)
}

fn list(url: &str, options: &RemoteOptions) -> Result<Vec<RemoteRef>, Error> {
    let Source::Remote(url) = Source::parse(url)? else {
        panic!("{url} is a URL");
    };
    let (cancel, progress) = (Cancel::new(), Progress::new());
    ls_remote(&url, options, &Limits::default(), &cancel, &progress)
}

/// What Git says of the repository's own refs: name, id, peeled id; `HEAD` first.
fn expected(repository: &Path) -> Vec<String> {
    let head = git(repository, &["rev-parse", "HEAD"]);
    let target = git(repository, &["symbolic-ref", "HEAD"]);
    let format = "--format=%(refname) %(objectname) %(*objectname)";
    let refs = git(repository, &["for-each-ref", format]);
    let mut all = vec![format!("HEAD {head}  {target}")];
    all.extend(refs.lines().map(|line| format!("{line} ")));
    all
}

fn shown(refs: &[RemoteRef]) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the sample's are UTF-8");
    refs.iter()
        .map(|found| {
            let id = found.id.map(|id| id.to_string()).unwrap_or_default();
            let peeled = found.peeled.map(|id| id.to_string()).unwrap_or_default();
            let target = found.symref_target.as_deref().map(text).unwrap_or_default();
            format!("{} {id} {peeled} {target}", text(&found.name))
        })
        .collect()
}

fn sample() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    (folder, repository)
}

#[test]
fn http_lists_what_git_lists_in_every_version() {
    let (folder, repository) = sample();
    for speaks in [Speaks::Everything, Speaks::V0, Speaks::V1] {
        let server = GitHttp::builder(folder.path()).speaks(speaks).start();
        let refs = list(&server.url("sample.git"), &options()).expect("the server is honest");
        assert_eq!(shown(&refs), expected(&repository), "{speaks:?}");
    }
}

/// A handshake costs a client on another continent more than the whole list.
#[test]
fn one_connection_is_enough() {
    let (folder, _) = sample();
    let server = GitHttp::serve(folder.path());
    list(&server.url("sample.git"), &options()).expect("the server is honest");
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
}

#[test]
fn https_is_believed_with_its_authority_only() {
    let (folder, repository) = sample();
    let server = GitHttp::builder(folder.path())
        .tls(Tls::new(Flaw::None))
        .start();
    let url = server.url("sample.git");
    let error = list(&url, &options()).expect_err("nobody knows the authority");
    assert_eq!(error.kind(), ErrorKind::Tls);
    let authority = server.authority_pem().expect("it has one");
    let refs = list(&url, &options().ca_certificate(authority)).expect("it is known now");
    assert_eq!(shown(&refs), expected(&repository));

    for flaw in [Flaw::Expired, Flaw::OtherHost] {
        let server = GitHttp::builder(folder.path()).tls(Tls::new(flaw)).start();
        let authority = server.authority_pem().expect("it has one");
        let options = options().ca_certificate(authority);
        let error = list(&server.url("sample.git"), &options).expect_err("it is not good");
        assert_eq!(error.kind(), ErrorKind::Tls, "{flaw:?}");
    }
}

#[test]
fn the_daemon_lists_what_git_lists() {
    let (folder, repository) = sample();
    let server = GitDaemon::serve(folder.path());
    let refs = list(&server.url("sample.git"), &options()).expect("the server is honest");
    assert_eq!(shown(&refs), expected(&repository));
    let error = list(&server.url("other.git"), &options()).expect_err("there is none");
    assert_eq!(error.kind(), ErrorKind::RepositoryNotFound, "{error}");
}

#[test]
fn sha256_and_empty_repositories_are_listed() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository_as(folder.path(), "sha256.git", "sha256");
    git(
        folder.path(),
        &["init", "-q", "--bare", "-b", "trunk", "empty.git"],
    );
    for speaks in [Speaks::Everything, Speaks::V0] {
        let server = GitHttp::builder(folder.path()).speaks(speaks).start();
        let refs = list(&server.url("sha256.git"), &options()).expect("the server is honest");
        assert_eq!(shown(&refs), expected(&repository), "{speaks:?}");
        let refs = list(&server.url("empty.git"), &options()).expect("the server is honest");
        assert!(refs.iter().all(|found| found.id.is_none()), "{refs:?}");
    }
}

#[test]
fn credentials_are_asked_for_and_checked() {
    let (folder, repository) = sample();
    let server = GitHttp::builder(folder.path())
        .basic("me", "s3cret")
        .start();
    let url = server.url("sample.git");
    let error = list(&url, &options()).expect_err("nobody was named");
    assert_eq!(error.kind(), ErrorKind::AuthenticationRequired);
    let as_me = |password| {
        options()
            .plain_http_credentials(true)
            .credentials(Credentials::password("me", password))
    };
    let error = list(&url, &as_me("wrong-one")).expect_err("the password is wrong");
    assert_eq!(error.kind(), ErrorKind::AuthenticationFailed);
    let refs = list(&url, &as_me("s3cret")).expect("the password is right");
    assert_eq!(shown(&refs), expected(&repository));
}

#[test]
fn what_passes_is_tried_again() {
    let (folder, repository) = sample();
    let server = GitHttp::builder(folder.path())
        .intercept(|_, number| {
            (number == 0).then(|| Response::status(503).body("text/plain", "in a moment"))
        })
        .start();
    let url = server.url("sample.git");
    let refs = list(&url, &options().retries(1)).expect("the second attempt succeeds");
    assert_eq!(shown(&refs), expected(&repository));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn ssh_lists_what_git_lists_and_believes_nobody() {
    let (_folder, repository) = sample();
    let server = Sshd::start();
    let ssh = SshOptions::default()
        .key(server.key())
        .known_hosts(server.known_hosts());
    let list_with = |ssh: &SshOptions, url: &str| list(url, &options().ssh(ssh.clone()));
    for url in [server.url(&repository), server.url_by_name(&repository)] {
        let refs = list_with(&ssh, &url).expect("the server is honest");
        assert_eq!(shown(&refs), expected(&repository), "{url}");
    }
    let url = server.url(&repository);
    for (ssh, kind) in [
        (
            ssh.clone().key(server.other_key()),
            ErrorKind::AuthenticationFailed,
        ),
        (
            ssh.clone().known_hosts(server.wrong_known_hosts()),
            ErrorKind::Tls,
        ),
        (
            ssh.clone().known_hosts(server.no_known_hosts()),
            ErrorKind::Tls,
        ),
        (
            ssh.clone().program("/nonexistent/ssh"),
            ErrorKind::InvalidOptions,
        ),
    ] {
        let error = list_with(&ssh, &url).expect_err("it may not succeed");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.advice().is_some());
    }
    let error = list_with(&ssh, &server.url(Path::new("/nonexistent.git")));
    let error = error.expect_err("there is none");
    assert_eq!(error.kind(), ErrorKind::RepositoryNotFound, "{error}");
}
