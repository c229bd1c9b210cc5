//! What is at a URL, and pages in place of repositories.

use gitlade_tests::server::{GitHttp, RawHttp, Tunnel, git, sample_repository_as};
use serde_json::{Value, json};

use crate::fixture::{finish, lines, program, run};

/// Serves the sample as `o/r` of every host; gives the options that lead there.
fn public(folder: &std::path::Path) -> (GitHttp, Tunnel, String) {
    std::fs::create_dir(folder.join("o")).expect("there is room");
    let repository = sample_repository_as(folder, "o/r", "sha1");
    git(&repository, &["update-ref", "refs/heads/light", "main"]);
    let server = GitHttp::serve(folder);
    let tunnel = Tunnel::to(server.port());
    let proxy = tunnel.url();
    (server, tunnel, proxy)
}

fn said(args: &[&str], code: i32) -> String {
    let run = run(args);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (Some(code), ""),
        "{args:?}"
    );
    String::from_utf8(run.stdout).expect("it is text")
}

#[test]
fn detect_says_what_there_is_and_how_to_import_it() {
    let folder = tempfile::tempdir().expect("there is room");
    let (_server, _tunnel, proxy) = public(folder.path());
    let page = "http://github.com/o/r/tree/feature/x/src";
    let text = said(&["detect", page, "--proxy", &proxy], 0);
    assert!(text.starts_with("a Git repository: protocol version 2, sha1, default branch main\n"));
    let command = "gitlade import http://github.com/o/r --rev refs/heads/feature/x --subdir src";
    assert!(text.contains(command), "{text}");
    let text = said(&["detect", page, "--proxy", &proxy, "--json"], 0);
    let found: Value = serde_json::from_str(&text).expect("it is JSON");
    let candidate = json!({
        "url": "http://github.com/o/r", "revision": "refs/heads/feature/x", "path": "src",
        "target": "folder",
    });
    assert_eq!(found["kind"], "git-smart");
    assert_eq!(found["certain"], true);
    assert_eq!(found["candidates"], json!([candidate]));
    assert_eq!(found["page"]["forge"], "github");

    // Exit codes are those of the import.
    let (svn, pages) = (RawHttp::subversion(), RawHttp::pages());
    for (url, code, words) in [
        (svn.url("/svn"), 55, "a Subversion repository"),
        (
            svn.url("/closed"),
            45,
            "Basic for \"Subversion Repository\"",
        ),
        (pages.url("/page"), 49, "a web page"),
        (pages.url("/nothing"), 48, "nothing"),
    ] {
        let text = said(&["detect", &url], code);
        assert!(text.contains(words), "{text}");
    }
    let here = folder.path().join("o/r");
    let here = here.to_str().expect("it is UTF-8");
    assert!(said(&["detect", here], 0).contains("on this machine"));
    let nowhere = folder.path().to_str().expect("it is UTF-8");
    said(&["detect", nowhere], 12);
    run(["detect", "ext::sh -c id"]).bad(11);
    assert!(said(&["detect", "svn://host/p"], 55).contains("Subversion"));
    let page = "https://dev.azure.com/o/p/_versionControl?path=$/p";
    assert!(said(&["detect", page], 55).contains("Team Foundation"));
    run(["import", "svn://host/p"]).bad(55);
    run(["import", page]).bad(55);
}

#[test]
fn pages_are_imported_where_they_are_certain() {
    let folder = tempfile::tempdir().expect("there is room");
    let (_server, _tunnel, proxy) = public(folder.path());
    let import =
        |args: &[&str]| finish(program().arg("import").args(args).args(["--proxy", &proxy]));
    let repository = folder.path().join("o/r");
    let id = git(&repository, &["rev-parse", "main"]);
    for (tail, told, paths) in [
        (
            "tree/feature/x/src".to_owned(),
            "revision refs/heads/feature/x, folder src",
            &["lib.rs", "noise.bin", "x.rs"][..],
        ),
        (
            format!("blob/{id}/src/lib.rs#L1"),
            "file src/lib.rs",
            &["lib.rs"],
        ),
    ] {
        let run = import(&[&format!("http://github.com/o/r/{tail}")]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            run.stderr
                .starts_with("gitlade: taking http://github.com/o/r, ")
        );
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1);
        let lines = lines(&run.stdout);
        assert_eq!(lines[0]["source"]["url"], "http://github.com/o/r");
        let found: Vec<&str> = lines
            .iter()
            .filter_map(|line| line["path"].as_str())
            .collect();
        assert_eq!(found, paths);
    }

    // A branch and a tag of one name: the choices are commands.
    let text = import(&["http://github.com/o/r/tree/light/src"]).bad(11);
    for name in ["refs/heads/light", "refs/tags/light"] {
        let command = format!("gitlade import http://github.com/o/r --rev {name} --subdir src");
        assert!(text.contains(&command), "{text}");
    }
    let text = import(&["http://github.com/o/r/issues/5"]).bad(11);
    assert!(
        text.contains("gitlade import http://github.com/o/r"),
        "{text}"
    );
    let text = import(&["http://github.com/o/r/tree/main/src", "--rev", "v1"]).bad(10);
    assert!(text.contains("--rev"), "{text}");
    let text = import(&["http://github.com/o/missing/tree/main/src"]).bad(48);
    assert!(text.contains("credentials"), "{text}");
    // The repository's own URL is no page, and nothing is told.
    import(&["http://github.com/o/r"]).good();
}

#[test]
fn what_looks_like_a_page_of_a_strange_host_is_offered() {
    let folder = tempfile::tempdir().expect("there is room");
    let (server, _tunnel, _) = public(folder.path());
    let url = server.url("o/r/-/tree/main/src");
    let text = run(["import", &url]).bad(48);
    let command = format!(
        "gitlade import {} --rev main --subdir src",
        server.url("o/r")
    );
    assert!(text.contains(&command), "{text}");
    let url = server.url("o/r/-/tree/main/src?ref_type=heads");
    let text = run(["import", &url]).bad(11);
    assert!(
        text.contains("--rev refs/heads/main --subdir src"),
        "{text}"
    );
    let text = said(&["detect", &url], 48);
    assert!(
        text.contains("--rev refs/heads/main --subdir src"),
        "{text}"
    );
}
