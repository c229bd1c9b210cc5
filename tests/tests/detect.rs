//! What is at a URL: Git, other systems, pages, nothing.

use std::path::Path;

use gitlade::{
    Control, Credentials, Detected, Detection, Error, ErrorKind, Options, OtherSystem, Proxy,
    Source, detect, ls_remote,
};
use gitlade_tests::server::{
    GitDaemon, GitHttp, RawHttp, Response, Say, Speaks, Tunnel, git, sample_repository,
    sample_repository_as,
};

use crate::importing::{body, from_loopback, local, loopback, remote};

fn found(url: &str) -> Detection {
    try_to_find(url, &from_loopback()).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn try_to_find(url: &str, options: &Options) -> Result<Detection, Error> {
    detect(url, options, &Control::new())
}

/// What `gitlade detect --json` says, without the candidates.
fn kind(detection: &Detection) -> serde_json::Value {
    serde_json::to_value(&detection.kind).expect("because it has text keys only")
}

/// Revisions, paths and whether the first is certain.
fn meant(detection: &Detection) -> (Vec<String>, bool) {
    let candidates = detection.candidates.iter().map(|it| {
        format!(
            "{} {}",
            it.revision.as_deref().unwrap_or("-"),
            it.path.as_deref().unwrap_or("-")
        )
    });
    (candidates.collect(), detection.certain().is_some())
}

#[test]
fn git_servers_are_told_with_what_they_speak() {
    let folder = tempfile::tempdir().expect("because there is room");
    sample_repository(folder.path());
    sample_repository_as(folder.path(), "wide.git", "sha256");
    let init = ["init", "-q", "--bare", "-b", "trunk", "empty.git"];
    git(folder.path(), &init);
    let http = GitHttp::serve(folder.path());
    let old = GitHttp::builder(folder.path()).speaks(Speaks::V0).start();
    let daemon = GitDaemon::serve(folder.path());
    for (url, protocol, format, branch, unborn) in [
        (http.url("sample.git"), 2, "sha1", Some("main"), false),
        (old.url("sample.git"), 0, "sha1", Some("main"), false),
        (daemon.url("sample.git"), 2, "sha1", Some("main"), false),
        (http.url("wide.git"), 2, "sha256", Some("main"), false),
        (http.url("empty.git"), 2, "sha1", Some("trunk"), true),
    ] {
        let detection = found(&url);
        let expected = serde_json::json!({
            "kind": "git-smart", "protocol": protocol, "object_format": format,
            "default_branch": branch, "unborn": unborn,
        });
        assert_eq!(kind(&detection), expected, "{url}");
        assert_eq!(meant(&detection), (vec!["- -".to_owned()], true), "{url}");
        let candidate = detection.certain().expect("because it was asserted");
        assert_eq!(candidate.url.to_string(), url);
    }
    // As many requests as `git ls-remote` needs.
    let before = http.requests().len();
    found(&http.url("sample.git"));
    assert_eq!(http.requests().len() - before, 2);
}

/// A server of files.
fn files(folder: &Path) -> GitHttp {
    let root = folder.to_owned();
    GitHttp::builder(folder)
        .intercept(move |request, _| {
            let file = root.join(request.path.trim_start_matches('/'));
            Some(match std::fs::read(file) {
                Ok(bytes) => Response::status(200).body("text/plain", bytes),
                Err(_) => Response::status(404),
            })
        })
        .start()
}

#[test]
fn static_copies_are_told_with_and_without_their_lists() {
    let folder = tempfile::tempdir().expect("because there is room");
    let repository = sample_repository(folder.path());
    let server = files(folder.path());
    let expected = serde_json::json!({"kind": "git-dumb", "default_branch": "main"});
    assert_eq!(kind(&found(&server.url("sample.git"))), expected);
    git(&repository, &["update-server-info"]);
    let detection = found(&server.url("sample.git"));
    assert_eq!(kind(&detection), expected);
    assert!(detection.candidates.is_empty());
    let other = kind(&found(&server.url("nothing")));
    assert_eq!(other, serde_json::json!({"kind": "nothing", "status": 404}));
}

#[test]
fn other_systems_are_told_by_what_they_were_heard_to_say() {
    let svn = RawHttp::subversion();
    assert_eq!(found(&svn.url("/svn")).kind, Detected::Subversion);
    assert_eq!(found(&svn.url("/svn/trunk/")).kind, Detected::Subversion);
    let asked = ["GET /svn/info/refs?service=git-upload-pack", "OPTIONS /svn"];
    assert_eq!(svn.requests()[..2], asked);
    let closed = serde_json::json!({
        "kind": "needs-authentication", "schemes": ["Basic"], "realm": "Subversion Repository",
    });
    assert_eq!(kind(&found(&svn.url("/closed"))), closed);

    let hg = RawHttp::mercurial();
    assert_eq!(found(&hg.url("/a")).kind, Detected::Mercurial);
    let asked = [
        "GET /a/info/refs?service=git-upload-pack",
        "OPTIONS /a",
        "GET /a?cmd=capabilities",
    ];
    assert_eq!(hg.requests(), asked);

    // A server that has nothing but one repository.
    assert_eq!(found(&hg.url("")).kind, Detected::Mercurial);
    assert_eq!(found(&hg.url("/")).kind, Detected::Mercurial);

    let pages = RawHttp::pages();
    let page = kind(&found(&pages.url("/page")));
    assert_eq!(page, serde_json::json!({"kind": "web-page", "title": null}));
    let nothing = kind(&found(&pages.url("/nothing")));
    assert_eq!(
        nothing,
        serde_json::json!({"kind": "nothing", "status": 404})
    );
    assert_eq!(kind(&found(&pages.url("/?x#y")))["status"], 404);
}

/// No such server is at hand; its header is what Microsoft documents for its own tools.
#[test]
fn tfvc_is_told_by_its_pages() {
    let tfs = RawHttp::start(|_| {
        let page = "<!DOCTYPE html><title>Code</title>";
        let head = "HTTP/1.1 200 OK\r\nX-TFS-ProcessId: 0f1e2d3c-0000\r\nContent-Type: text/html";
        Say::Bytes(format!("{head}\r\nContent-Length: {}\r\n\r\n{page}", page.len()).into())
    });
    let url = tfs.url("/tfs/Collection/Project/_versionControl");
    assert_eq!(found(&url).kind, Detected::Tfvc);
    let form = RawHttp::start(|_| {
        let head = "HTTP/1.1 203 Non-Authoritative\r\nX-TFS-ProcessId: 0f1e2d3c-0000\r\n";
        Say::Bytes(format!("{head}Content-Type: text/html\r\nContent-Length: 0\r\n\r\n").into())
    });
    let closed = kind(&found(&form.url("/tfs/Collection/p")));
    assert_eq!(closed["kind"], "needs-authentication");
    let page = kind(&found(&tfs.url("/tfs/Collection/Project")));
    assert_eq!(
        page,
        serde_json::json!({"kind": "web-page", "title": "Code"})
    );
    // By the URL alone, and nobody is asked.
    let url = "https://dev.azure.com/o/p/_versionControl";
    assert_eq!(found(url).kind, Detected::Tfvc);
}

#[test]
fn imports_name_the_other_system() {
    let (svn, hg) = (RawHttp::subversion(), RawHttp::mercurial());
    for (url, name, server) in [
        (svn.url("/svn"), "Subversion", &svn),
        (hg.url("/a"), "Mercurial", &hg),
    ] {
        let error = remote(&url, &from_loopback()).expect_err("because it is not Git");
        assert_eq!(error.kind(), ErrorKind::OtherSystem, "{error}");
        assert!(error.to_string().contains(name), "{error}");
        let advice = error.advice().expect("because there is something to do");
        assert!(advice.contains("Git only"), "{advice}");
        assert_eq!(error.url(), Some(url.as_str()));
        assert!(server.requests().len() <= 3, "{:?}", server.requests());

        let Ok(Source::Remote(source)) = Source::parse(&url) else {
            panic!("{url} is a URL");
        };
        let control = Control::new();
        let (options, limits) = (loopback(), gitlade::Limits::default());
        let listed = ls_remote(
            &source,
            &options,
            &limits,
            &control.cancel,
            &control.progress,
        );
        assert_eq!(
            listed.expect_err("because it is not Git").kind(),
            ErrorKind::OtherSystem
        );
    }
    for url in ["svn://svn.example.org/p", "svn+ssh://me@svn.example.org/p"] {
        let error = Source::parse(url).expect_err("because it is not Git's");
        assert_eq!(error.kind(), ErrorKind::OtherSystem, "{url}");
        assert!(error.to_string().contains("Subversion"), "{error}");
    }
    // What is nothing stays nothing.
    let pages = RawHttp::pages();
    let error = remote(&pages.url("/nothing"), &from_loopback()).expect_err("there is nothing");
    assert_eq!(error.kind(), ErrorKind::RepositoryNotFound);
    assert_eq!(pages.requests().len(), 3, "{:?}", pages.requests());
}

#[test]
fn folders_are_told_without_being_read() {
    let folder = tempfile::tempdir().expect("because there is room");
    let repository = sample_repository(folder.path());
    let make = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(&path).expect("because there is room");
        path
    };
    make("checkout/.svn");
    make("clone/.hg");
    make("workspace/$tf");
    // What `svnadmin create` of Subversion 1.14.2 makes.
    for name in ["db", "conf", "hooks", "locks"] {
        make(&format!("store/{name}"));
    }
    std::fs::write(folder.path().join("store/format"), "5\n").expect("because there is room");
    let nothing = make("nothing");
    for (path, system) in [
        (make("checkout/trunk/src"), OtherSystem::Subversion),
        (make("store"), OtherSystem::Subversion),
        (make("clone/src"), OtherSystem::Mercurial),
        (make("workspace"), OtherSystem::Tfvc),
    ] {
        let text = path.to_str().expect("because it is UTF-8");
        assert_eq!(found(text).kind.other_system(), Some(system), "{text}");
        let error = local(&path, &Options::default()).expect_err("because it is not Git");
        assert_eq!(error.kind(), ErrorKind::OtherSystem, "{error}");
        assert!(error.to_string().contains(system.name()), "{error}");
    }
    let git = repository.to_str().expect("because it is UTF-8");
    let expected = serde_json::json!({"kind": "git-folder", "object_format": "sha1"});
    assert_eq!(kind(&found(git)), expected);
    let nothing = nothing.to_str().expect("because it is UTF-8");
    assert_eq!(kind(&found(nothing))["kind"], "nothing");
}

/// Serves the sample as `o/r` of every host.
fn public(folder: &Path) -> (GitHttp, Tunnel, Options) {
    std::fs::create_dir_all(folder.join("o")).expect("because there is room");
    let repository = sample_repository_as(folder, "o/r", "sha1");
    git(&repository, &["update-ref", "refs/heads/light", "main"]);
    git(&repository, &["update-ref", "refs/tags/both", "main"]);
    git(&repository, &["update-ref", "refs/heads/both", "main"]);
    let server = GitHttp::serve(folder);
    let tunnel = Tunnel::to(server.port());
    let proxy = Proxy::parse(&tunnel.url()).expect("because it is one");
    let options = Options::default().remote(loopback().proxy(proxy));
    (server, tunnel, options)
}

#[test]
fn pages_are_settled_by_the_refs_of_their_repository() {
    let folder = tempfile::tempdir().expect("because there is room");
    let (server, tunnel, options) = public(folder.path());
    for (url, expected, certain) in [
        ("http://github.com/o/r", &["- -"][..], true),
        ("http://www.github.com/o/r?tab=x#y", &["- -"], true),
        (
            "http://github.com/o/r/tree/main/src",
            &["refs/heads/main src"],
            true,
        ),
        (
            "http://github.com/o/r/tree/feature/x/src",
            &["refs/heads/feature/x src"],
            true,
        ),
        (
            "http://github.com/o/r/blob/v1/README.md#L1",
            &["refs/tags/v1 README.md"],
            true,
        ),
        // A branch and a tag of one name, on different commits, and on the same.
        (
            "http://github.com/o/r/tree/light/src",
            &["refs/heads/light src", "refs/tags/light src"],
            false,
        ),
        (
            "http://github.com/o/r/tree/both/src",
            &["refs/heads/both src"],
            true,
        ),
        (
            "http://github.com/o/r/tree/feature/src",
            &["feature src", "feature/src -"],
            false,
        ),
        ("http://github.com/o/r/pull/1", &["- -"], false),
        (
            "http://codeberg.org/o/r/src/branch/feature/x/src",
            &["refs/heads/feature/x src"],
            true,
        ),
        (
            "http://gitlab.com/o/r/-/blob/main/src/lib.rs",
            &["refs/heads/main src/lib.rs"],
            true,
        ),
        (
            "http://bitbucket.org/o/r/src/main/src/",
            &["refs/heads/main src"],
            true,
        ),
    ] {
        let detection = try_to_find(url, &options).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(kind(&detection)["kind"], "git-smart", "{url}");
        let expected = expected.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(meant(&detection), (expected, certain), "{url}");
    }
    assert!(tunnel.hosts().iter().any(|host| host == "github.com:80"));
    // Nothing but the refs that matter was asked for.
    let asked = server.requests();
    let asked = asked.iter().map(|it| String::from_utf8_lossy(&it.body));
    assert!(
        asked
            .clone()
            .any(|body| body.contains("ref-prefix refs/heads/feature"))
    );
    assert!(
        !asked
            .clone()
            .any(|body| body.contains("ref-prefix refs/heads/\n"))
    );
}

#[test]
fn what_a_page_shows_is_what_is_imported() {
    let folder = tempfile::tempdir().expect("because there is room");
    let (_server, _tunnel, options) = public(folder.path());
    let repository = folder.path().join("o/r");
    for (url, revision, subdir, include) in [
        (
            "http://github.com/o/r/tree/feature/x/src",
            "feature/x",
            Some("src"),
            None,
        ),
        (
            "http://github.com/o/r/blob/main/src/lib.rs",
            "main",
            Some("src"),
            Some("/lib.rs"),
        ),
        ("http://github.com/o/r/releases/tag/v1", "v1", None, None),
        // Whether it is a folder or a file is not told there: the import has it either way.
        (
            "http://codeberg.org/o/r/src/branch/main/src",
            "main",
            None,
            Some("/src"),
        ),
        (
            "http://codeberg.org/o/r/src/branch/main/README.md",
            "main",
            None,
            Some("/README.md"),
        ),
    ] {
        let detection = try_to_find(url, &options).unwrap_or_else(|error| panic!("{url}: {error}"));
        let candidate = detection.certain().unwrap_or_else(|| panic!("{url}"));
        let source = candidate.url.clone().into();
        let there = gitlade::import(&source, &candidate.apply(options.clone()), &Control::new());
        let there = there.unwrap_or_else(|error| panic!("{url}: {error}"));
        let mut same = Options::default().revision(revision);
        same.subdir = subdir.map(|path| path.as_bytes().to_vec());
        same.include.extend(include.map(str::to_owned));
        let here = local(&repository, &same).expect("because Git made it");
        assert!(body(there.manifest()) == body(here.manifest()), "{url}");
        assert!(there.manifest().files().count() > 0, "{url}");
    }
}

#[test]
fn strange_hosts_are_only_offered_as_a_choice() {
    let folder = tempfile::tempdir().expect("because there is room");
    let _public = public(folder.path());
    let server = GitHttp::serve(folder.path());
    for (tail, expected) in [
        (
            "o/r/-/tree/feature/x/src",
            &["refs/heads/feature/x src"][..],
        ),
        ("o/r/src/branch/main/src", &["refs/heads/main src"]),
        (
            "o/r/-/blob/main/README.md?ref_type=heads",
            &["refs/heads/main README.md"],
        ),
        ("o/other/-/tree/main", &[]),
    ] {
        let detection = found(&server.url(tail));
        assert!(!detection.kind.is_importable(), "{tail}");
        let expected = expected.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(meant(&detection), (expected, false), "{tail}");
    }
    // A repository is one, whatever its path looks like.
    let odd = folder.path().join("g/-/tree");
    std::fs::create_dir_all(&odd).expect("because there is room");
    sample_repository_as(&odd, "main", "sha1");
    let detection = found(&server.url("g/-/tree/main"));
    assert_eq!(meant(&detection), (vec!["- -".to_owned()], true));
    assert!(detection.kind.is_importable());
}

#[test]
fn credentials_are_asked_for_and_judged() {
    let folder = tempfile::tempdir().expect("because there is room");
    sample_repository(folder.path());
    let server = GitHttp::builder(folder.path())
        .basic("me", "s3cret-word")
        .start();
    let url = server.url("sample.git");
    let with = |credentials: Credentials| {
        let remote = loopback().plain_http_credentials(true);
        Options::default().remote(remote.credentials(credentials))
    };
    assert_eq!(kind(&found(&url))["kind"], "needs-authentication");
    assert_eq!(kind(&found(&url))["schemes"], serde_json::json!(["Basic"]));
    let right = try_to_find(&url, &with(Credentials::password("me", "s3cret-word")));
    assert!(
        right
            .expect("because it is the password")
            .kind
            .is_importable()
    );
    let wrong = try_to_find(&url, &with(Credentials::password("me", "other-word")));
    let error = wrong.expect_err("because it is not the password");
    assert_eq!(error.kind(), ErrorKind::AuthenticationFailed);
    // A server that lets in nobody: with credentials there is no more to ask for.
    let denying = RawHttp::start(|_| {
        Say::Bytes(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_vec())
    });
    let denied = kind(&found(&denying.url("/a")));
    assert_eq!(denied["kind"], "needs-authentication");
    let denied = try_to_find(&denying.url("/a"), &with(Credentials::token("t0ken-word")));
    let error = denied.expect_err("because they do not suffice");
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    // A server that repeats them in its page.
    let echo = RawHttp::start(|request| {
        let said = request.header("authorization").unwrap_or_default();
        let page = format!("<!DOCTYPE html><title>{said} s3cret-word</title>");
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length";
        Say::Bytes(format!("{head}: {}\r\n\r\n{page}", page.len()).into())
    });
    let options = with(Credentials::password("me", "s3cret-word"));
    let detection = try_to_find(&echo.url("/a"), &options).expect("because it answers");
    let shown = serde_json::to_string(&detection).expect("because it has text keys only");
    assert!(shown.contains("Basic ***"), "{shown}");
    assert!(!shown.contains("s3cret-word"), "{shown}");
}
