//! Imports from servers on loopback.

use gitlade_tests::server::{Flaw, GitDaemon, GitHttp, HttpProxy, Tls, git, sample_repository};

use crate::fixture::{Run, finish, lines, program, run};

/// All but the header, which names the source.
fn body(manifest: &[u8]) -> &[u8] {
    let end = manifest.iter().position(|&byte| byte == b'\n');
    &manifest[end.expect("there are lines") + 1..]
}

#[test]
fn the_same_commit_gives_the_same_records_from_anywhere() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let local = run(["import".as_ref(), repository.as_os_str()]).good();
    let http = GitHttp::serve(folder.path());
    let daemon = GitDaemon::serve(folder.path());
    let tls = Tls::new(Flaw::None);
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, tls.authority_pem()).expect("there is room");
    let https = GitHttp::builder(folder.path()).tls(tls).start();
    let authority = authority.to_str().expect("it is UTF-8");
    for (url, args) in [
        (http.url("sample.git"), &[][..]),
        (daemon.url("sample.git"), &[]),
        (https.url("sample.git"), &["--ca", authority]),
    ] {
        let remote = finish(program().args(["import", &url]).args(args)).good();
        assert_eq!(body(&remote), body(&local), "{url}");
        assert_eq!(lines(&remote)[0]["source"]["url"], url);
    }
    run(["import", &https.url("sample.git")]).bad(43);

    let path = repository.to_str().expect("it is UTF-8");
    let local = run(["import", path, "--max-blob", "10"]).good();
    let remote = run(["import", &http.url("sample.git"), "--max-blob", "10"]).good();
    assert_eq!(body(&remote), body(&local));
}

#[test]
fn a_depth_reaches_what_has_no_name() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let server = GitHttp::serve(folder.path());
    let url = server.url("sample.git");
    let path = repository.to_str().expect("it is UTF-8");
    let local = run(["import", path, "--rev", "main~1"]).good();
    let remote = run(["import", &url, "--rev", "main~1", "--depth", "2"]).good();
    assert_eq!(body(&remote), body(&local));
    let commit = git(&repository, &["rev-parse", "main~1"]);
    assert_eq!(lines(&remote)[0]["source"]["commit"], commit);
    let text = run(["cat", &url, "README.md", "--rev", "main~1", "--depth", "2"]).good();
    assert_eq!(text, b"# Sample\n");
    let message = run(["import", &url, "--rev", "main~1"]).bad(10);
    assert!(message.contains("--depth 2"), "{message}");
    for depth in ["0", "-1", "x", "2147483648"] {
        run(["import", &url, "--depth", depth]).bad(2);
    }
}

#[test]
fn refs_are_listed_as_git_lists_them() {
    let folder = tempfile::tempdir().expect("there is room");
    sample_repository(folder.path());
    let server = GitHttp::serve(folder.path());
    let url = server.url("sample.git");
    for args in [&["ls-remote"][..], &["ls-remote", "--symref"]] {
        let mut expected = git(folder.path(), &[args, &[&url]].concat());
        expected.push('\n');
        let found = finish(program().args(args).arg(&url)).good();
        assert_eq!(String::from_utf8_lossy(&found), expected);
    }
}

#[test]
fn files_are_printed_and_manifests_compared() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let server = GitHttp::serve(folder.path());
    let url = server.url("sample.git");
    assert_eq!(run(["cat", &url, "src/lib.rs"]).good(), b"//! Nothing.\n");
    let manifest = folder.path().join("m.ndjson");
    let manifest = manifest.to_str().expect("it is UTF-8");
    run(["import", &url, "--manifest", manifest]).good();
    run(["verify", manifest, "--against", &url]).good();
    let repository = repository.to_str().expect("it is UTF-8");
    run(["verify", manifest, "--against", repository]).good();
}

#[test]
fn tokens_come_from_the_environment_or_a_file_and_are_never_told() {
    const SECRET: &str = "canary-3f1d5b";
    let folder = tempfile::tempdir().expect("there is room");
    sample_repository(folder.path());
    let server = GitHttp::builder(folder.path()).basic("me", SECRET).start();
    let url = server.url("sample.git");
    let file = folder.path().join("token");
    let with = |token: &str, args: &[&str]| -> Run {
        std::fs::write(&file, format!("{token}\n")).expect("there is room");
        let mut command = program();
        command
            .args(["import", &url, "--progress", "never"])
            .args(args);
        finish(command.env("TOKEN", token))
    };
    let file_name = file.to_str().expect("it is UTF-8");
    let plain = "--plain-http-credentials";
    with(SECRET, &["--token-env", "TOKEN", "--user", "me", plain]).good();
    with(SECRET, &["--token-file", file_name, "--user", "me", plain]).good();
    with(SECRET, &[]).bad(45);
    let wrong = format!("wrong-{SECRET}");
    for (run, code) in [
        (
            with(&wrong, &["--token-env", "TOKEN", "--user", "me", plain]),
            46,
        ),
        (with(SECRET, &["--token-env", "TOKEN", "--user", "me"]), 40),
        (with(SECRET, &["--token-env", SECRET]), 10),
    ] {
        let message = run.bad(code);
        assert!(code == 10 || !message.contains(SECRET), "{message}");
    }
}

#[test]
fn client_certificates_come_from_files() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let local = run(["import".as_ref(), repository.as_os_str()]).good();
    let tls = Tls::for_certified_clients(false);
    let (chain, key) = tls.certify_client(Flaw::None);
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("there is room");
        file.to_str().expect("it is UTF-8").to_owned()
    };
    let authority = file("ca.pem", tls.authority_pem());
    let (cert, private) = (file("cert.pem", &chain), file("key.pem", &key));
    let both = file("both.pem", &format!("{key}{chain}"));
    let server = GitHttp::builder(folder.path()).tls(tls).start();
    let with = |args: &[&str]| {
        let mut command = program();
        command.args(["import", &server.url("sample.git"), "--ca", &authority]);
        finish(command.args(args))
    };
    for args in [
        &["--client-cert", &cert, "--client-key", &private][..],
        &["--client-cert", &both],
    ] {
        assert_eq!(body(&with(args).good()), body(&local));
    }
    with(&[]).bad(45);
    with(&["--client-cert", &cert]).bad(10);
    with(&["--client-cert", &cert, "--client-key", &authority]).bad(10);
    with(&["--client-key", &private]).bad(2);
}

#[test]
fn a_proxy_may_speak_tls() {
    let folder = tempfile::tempdir().expect("there is room");
    sample_repository(folder.path());
    let server = GitHttp::serve(folder.path());
    let proxy = HttpProxy::start(Some(Tls::new(Flaw::None)), None);
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, proxy.authority_pem().expect("it has one")).expect("room");
    let authority = authority.to_str().expect("it is UTF-8");
    let url = server.url("sample.git");
    run(["import", &url, "--proxy", &proxy.url(""), "--ca", authority]).good();
    assert_eq!(proxy.requests().len(), 1);
    run(["import", &url, "--proxy", &proxy.url("")]).bad(54);
}
