//! Imports into a store, watched and cancelled by other processes.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gitlade_tests::patience::assert_within;
use gitlade_tests::server::{Gate, GitHttp, sample_repository};
use serde_json::Value;
use tempfile::TempDir;

use crate::fixture::{Fixture, Run, finish, lines, program, run};

/// Runs the program on a store.
fn on(store: &Path, args: &[&str]) -> Run {
    finish(program().args(args).arg("--store").arg(store))
}

fn json(store: &Path, args: &[&str]) -> Value {
    let output = on(store, &[args, &["--json"]].concat()).good();
    assert_eq!(output.iter().filter(|&&byte| byte == b'\n').count(), 1);
    serde_json::from_slice(&output).expect("it is JSON")
}

fn text(store: &Path, args: &[&str]) -> String {
    String::from_utf8(on(store, args).good()).expect("it is text")
}

/// A slow server, and room for a store.
struct Slow {
    folder: TempDir,
    gate: Gate,
    server: GitHttp,
}

impl Slow {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        sample_repository(folder.path());
        let gate = Gate::after(50_000);
        let server = GitHttp::builder(folder.path()).gate(&gate).start();
        Slow {
            folder,
            gate,
            server,
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Begins an import in a process of its own, and comes back when it is in the middle of it.
    fn begin(&self, packs: usize) -> Child {
        let child = program()
            .args(["import", &self.server.url("sample.git"), "--store"])
            .arg(self.store())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        self.gate.wait_for(packs);
        child
    }
}

fn end(child: Child) -> Run {
    child.wait_with_output().expect("it ends").into()
}

#[test]
fn what_is_imported_is_listed_shown_and_printed() {
    let fixture = Fixture::new();
    let store = fixture.path("store");
    let source = fixture.repository.to_str().expect("it is UTF-8");
    let import = [
        "import",
        source,
        "--tenant",
        "acme",
        "--metadata",
        "{\"n\":1}",
    ];
    let record = json(&store, &import);
    assert_eq!(record["id"], 1);
    assert_eq!(record["status"], "complete");
    assert_eq!(record["tenant"], "acme");
    assert_eq!(record["metadata"]["n"], 1);
    assert_eq!(record["source"], source);
    let head = fixture.git(&["rev-parse", "HEAD"]);
    assert_eq!(record["outcome"]["commit"], head.as_str());
    assert_eq!(record["outcome"]["ref"], "refs/heads/main");
    for time in ["created_at", "started_at", "updated_at", "ended_at"] {
        let time = record[time].as_str().expect("it is there");
        assert!(time.ends_with('Z') && time.len() == 24, "{time}");
    }
    assert_eq!(json(&store, &["status", "1"]), record);

    let manifest = fixture.import(&[]).good();
    assert_eq!(on(&store, &["show", "1", "--manifest"]).good(), manifest);
    let entries = lines(&manifest);
    let below = |folder: &str| -> Vec<Value> {
        let in_folder = |entry: &&Value| {
            let path = entry["path"].as_str();
            let rest = path.map(|path| match folder {
                "" => Some(path),
                _ => path.strip_prefix(folder)?.strip_prefix('/'),
            });
            let is_other = entry["path_base64"].is_string() && folder.is_empty();
            is_other || rest.flatten().is_some_and(|rest| !rest.contains('/'))
        };
        entries.iter().filter(in_folder).cloned().collect()
    };
    for folder in ["", "src", "src/deep"] {
        let shown = match folder {
            "" => json(&store, &["show", "1"]),
            folder => json(&store, &["show", "1", folder]),
        };
        assert_eq!(shown["import"], record);
        assert_eq!(shown["entries"], Value::Array(below(folder)), "{folder}");
    }
    let shown = json(&store, &["show", "1", "./src/main.rs"]);
    assert_eq!(shown["entries"][0]["path"], "src/main.rs");
    let table = text(&store, &["show", "1", "src/"]);
    assert!(
        table.lines().any(|line| line.ends_with("  lib.rs")),
        "{table}"
    );
    assert!(table.contains("deep/"), "{table}");
    let whole = text(&store, &["show", "1"]);
    for word in [
        head.as_str(),
        "acme",
        "escape\\u{1b}[2J.txt",
        "link -> src/main.rs",
    ] {
        assert!(whole.contains(word), "{word}: {whole}");
    }
    assert!(!whole.contains('\x1b'));

    for path in [
        "README.md",
        "big.bin",
        "link",
        "utf16.txt",
        "latin.txt",
        "src/lib.rs",
    ] {
        let object = format!("HEAD:{path}");
        let expected = fixture.git_bytes(&["cat-file", "blob", &object]);
        assert_eq!(on(&store, &["cat", "1", path]).good(), expected, "{path}");
    }
    assert_eq!(text(&store, &["cat", "1", "utf16.txt", "--text"]), "hi\n");
    let latin = text(&store, &["cat", "1", "latin.txt", "--text"]);
    assert_eq!(latin, "café au lait, déjà vu, naïve, été\n");

    let list = text(&store, &["list"]);
    let row = list.lines().nth(1).expect("there is one");
    for word in ["1", "complete", "acme", &head[..10], "ago"] {
        let is_now = word == "ago" && row.ends_with("just now");
        assert!(row.contains(word) || is_now, "{word}: {list}");
    }
    assert!(text(&store, &["log", "1"]).contains("complete"));
    let log = json(&store, &["log", "1"]);
    assert_eq!(log["log"][0]["event"], "queued");
    json(&store, &["rm", "1"]);
    on(&store, &["status", "1"]).bad(36);
    assert_eq!(json(&store, &["list"])["total"], 0);
    assert_eq!(text(&store, &["list"]), "no imports\n");
}

/// The keys of an object, in their order.
fn keys(object: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let (mut depth, mut rest) = (0, object);
    while let Some(place) = rest.find(['{', '}', '[', ']', '"']) {
        let (found, after) = rest[place..].split_at(1);
        rest = after;
        match found {
            "{" | "[" => depth += 1,
            "}" | "]" => depth -= 1,
            _ => {
                let end = rest
                    .find('"')
                    .expect("strings end, and hold no quotes here");
                let (word, after) = rest.split_at(end);
                rest = &after[1..];
                if depth == 1 && rest.starts_with(':') {
                    keys.push(word.to_owned());
                }
            }
        }
    }
    keys
}

/// Programs rely on them.
#[test]
fn records_have_the_keys_that_the_help_tells() {
    let fixture = Fixture::new();
    let store = fixture.path("store");
    let source = fixture.repository.to_str().expect("it is UTF-8");
    let good = text(&store, &["import", source, "--json"]);
    on(&store, &["import", "/nonexistent/place"]).bad(12);
    let failed = text(&store, &["status", "2", "--json"]);
    let expected = "id tenant metadata source remote owner repository revision subdir status \
        attempt cancel_requested progress outcome failure created_at started_at updated_at ended_at";
    let part = |record: &str, key: &str| -> String {
        let (_, rest) = record
            .split_once(&format!("\"{key}\":"))
            .expect("it is there");
        rest.to_owned()
    };
    for record in [&good, &failed] {
        let found = keys(record.trim_end());
        assert_eq!(found, expected.split_whitespace().collect::<Vec<_>>());
    }
    for (record, key, expected) in [
        (
            &good,
            "progress",
            "step percent objects objects_total bytes bytes_total received_bytes files message",
        ),
        (
            &good,
            "outcome",
            "ref commit tree root totals skipped large_files",
        ),
        (&failed, "failure", "step kind message advice"),
    ] {
        let found = keys(&part(record, key));
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(found[..expected.len()], expected, "{key}");
    }
}

#[test]
fn lists_are_filtered_sorted_and_paged() {
    let fixture = Fixture::new();
    let store = fixture.path("store");
    let source = fixture.repository.to_str().expect("it is UTF-8");
    for tenant in ["a", "b", "a"] {
        on(&store, &["import", source, "--tenant", tenant]).good();
    }
    on(&store, &["import", "/nonexistent/place"]).bad(12);
    let ids = |args: &[&str]| -> Vec<u64> {
        let page = json(&store, &[&["list"], args].concat());
        let imports = page["imports"].as_array().expect("there is a list");
        imports.iter().filter_map(|it| it["id"].as_u64()).collect()
    };
    assert_eq!(ids(&[]), [4, 3, 2, 1]);
    assert_eq!(ids(&["--ascending"]), [1, 2, 3, 4]);
    assert_eq!(ids(&["--tenant", "a"]), [3, 1]);
    assert_eq!(ids(&["--status", "failed"]), [4]);
    assert_eq!(ids(&["--limit", "2", "--offset", "1"]), [3, 2]);
    assert_eq!(ids(&["--since", "1h"]).len(), 4);
    assert!(ids(&["--until", "2020-01-01"]).is_empty());
    assert_eq!(ids(&["--source", source]), [3, 2, 1]);
    assert_eq!(json(&store, &["list", "--limit", "1"])["total"], 4);
    let failed = json(&store, &["status", "4"]);
    assert_eq!(failed["failure"]["kind"], "not_a_repository");
    assert_eq!(failed["failure"]["step"], "opening");
    on(&store, &["list", "--status", "done"]).bad(2);
}

#[test]
fn an_import_is_watched_and_cancelled_by_others_and_started_again() {
    let slow = Slow::new();
    let store = slow.store();
    let import = slow.begin(1);
    let mut watch = program()
        .args(["status", "1", "--watch", "--json", "--store"])
        .arg(&store)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut output = BufReader::new(watch.stdout.take().expect("it is piped"));
    let mut line = String::new();
    let seen = loop {
        line.clear();
        output.read_line(&mut line).expect("it can be read");
        let record: Value = serde_json::from_str(&line).expect("it is JSON");
        if record["progress"]["step"] == "receiving" {
            break record;
        }
    };
    assert_eq!(seen["status"], "importing");
    assert!(text(&store, &["list"]).contains("importing "));
    on(&store, &["rm", "1"]).bad(35);
    on(&store, &["restart", "1"]).bad(35);
    on(&store, &["show", "1", "README.md"]).bad(35);
    assert!(text(&store, &["show", "1"]).contains("importing"));

    let asked = Instant::now();
    let cancelled = json(&store, &["cancel", "1"]);
    assert_within(Duration::from_secs(3), asked.elapsed(), "cancelling");
    assert_eq!(cancelled["imports"][0]["status"], "cancelled");
    let ended = end(import);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("was cancelled"), "{}", ended.stderr);
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("it can be read");
    let last = rest.lines().last().expect("the end is told");
    let last: Value = serde_json::from_str(last).expect("it is JSON");
    assert_eq!(last["status"], "cancelled");
    assert_eq!(watch.wait().expect("it ends").code(), Some(130));
    let again = text(&store, &["cancel", "1"]);
    assert_eq!(again, "import 1 is cancelled\n");

    slow.gate.open();
    let record = json(&store, &["restart", "1"]);
    assert_eq!(
        (&record["status"], &record["attempt"]),
        (&"complete".into(), &2.into())
    );
    assert_eq!(text(&store, &["cat", "1", "README.md"]), "# Sample\n");
    on(&store, &["restart", "1"]).bad(10);
    let done = text(&store, &["status", "1", "--watch"]);
    assert!(done.contains("complete"), "{done}");
    assert_eq!(
        text(&store, &["cancel", "1"]),
        "import 1 is complete already\n"
    );
}

#[test]
fn a_killed_import_is_found_interrupted_and_started_again() {
    let slow = Slow::new();
    let store = slow.store();
    let mut import = slow.begin(1);
    import.kill().expect("it is ours");
    import.wait().expect("it was killed");
    assert_eq!(json(&store, &["status", "1"])["status"], "interrupted");
    let list = json(&store, &["list", "--status", "interrupted"]);
    assert_eq!(list["total"], 1);
    on(&store, &["status", "1", "--watch"]).code_is(130);
    slow.gate.open();
    let record = json(&store, &["restart", "1", "--rev", "feature/x"]);
    assert_eq!(record["outcome"]["ref"], "refs/heads/feature/x");
    assert_eq!(text(&store, &["cat", "1", "src/x.rs"]), "fn x() {}\n");
}

#[test]
fn an_import_is_started_again_with_other_options() {
    let fixture = Fixture::new();
    let store = fixture.path("store");
    let source = fixture.repository.to_str().expect("it is UTF-8");
    let strict = ["--subdir", "src", "--include", "*.rs", "--max-entries", "1"];
    on(&store, &[&["import", source], &strict[..]].concat()).bad(24);
    // What is not given stays as it was.
    on(&store, &["restart", "1"]).bad(24);
    on(&store, &["restart", "1", "--subdir", "nothing"]).bad(19);
    on(&store, &["restart", "1"]).bad(19);
    on(&store, &["restart", "1", "--subdir", "src"]).bad(24);
    let record = json(&store, &["restart", "1", "--max-entries", "1000"]);
    assert_eq!(record["status"], "complete");
    assert_eq!(
        (&record["attempt"], &record["subdir"]),
        (&6.into(), &"src".into())
    );
    let listed = fixture.git(&["ls-tree", "-r", "--name-only", "HEAD:src"]);
    let rust = listed.lines().filter(|path| path.ends_with(".rs")).count();
    assert_eq!(record["outcome"]["totals"]["files"], rust);

    on(&store, &[&["import", source], &strict[..]].concat()).bad(24);
    let record = json(
        &store,
        &["restart", "2", "--everything", "--max-entries", "1000"],
    );
    assert!(record["subdir"].is_null());
    let whole = json(&store, &["import", source]);
    assert_eq!(record["outcome"]["root"], whole["outcome"]["root"]);
}

impl Run {
    fn code_is(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
    }
}

#[test]
fn ctrl_c_cancels_the_import() {
    let slow = Slow::new();
    let import = slow.begin(1);
    let asked = Instant::now();
    let signal = Command::new("kill")
        .args(["-INT", &import.id().to_string()])
        .status();
    assert!(signal.expect("there is a kill").success());
    let ended = end(import);
    assert_within(Duration::from_secs(2), asked.elapsed(), "ending");
    assert_eq!(ended.code, Some(130));
    assert_eq!(json(&slow.store(), &["status", "1"])["status"], "cancelled");
}

#[test]
fn what_is_wrong_is_said() {
    let fixture = Fixture::new();
    let store = fixture.path("store");
    let source = fixture.repository.to_str().expect("it is UTF-8");
    for command in ["list", "status", "show", "log", "cancel", "rm", "restart"] {
        let id: &[&str] = if command == "list" { &[] } else { &["1"] };
        on(&store, &[&[command], id].concat()).bad(26);
    }
    on(&store, &["cat", "1", "README.md"]).bad(26);
    assert!(!store.exists(), "a mistyped folder does not become a store");
    on(&store, &["import", source, "--metadata", "{"]).bad(10);
    on(&store, &["import", source, "--tenant", "a\nb"]).bad(10);
    run(["import", source, "--tenant", "a"]).bad(2);
    on(&store, &["import", source, "--manifest", "-"]).bad(2);
    on(&store, &["import", source]).good();
    for command in ["status", "show", "log", "cancel", "rm", "restart"] {
        on(&store, &[command, "7"]).bad(36);
        on(&store, &[command, "seven"]).bad(2);
    }
    on(&store, &["cat", "7", "README.md"]).bad(36);
    on(&store, &["cat", "seven", "README.md"]).bad(10);
    on(&store, &["cat", "1", "nothing"]).bad(19);
    on(&store, &["cat", "1", "src"]).bad(20);
    on(&store, &["cat", "1", "logo.png", "--text"]).bad(31);
    on(&store, &["show", "1", "nothing"]).bad(19);
}

#[test]
fn a_token_stays_out_of_the_store() {
    const SECRET: &str = "canary-3f1d5b";
    let folder = tempfile::tempdir().expect("there is room");
    sample_repository(folder.path());
    let server = GitHttp::builder(folder.path()).basic("me", SECRET).start();
    let store = folder.path().join("store");
    let url = server.url("sample.git");
    let with = |token: &str, args: &[&str]| -> Run {
        let mut command = program();
        command.args(args).arg("--store").arg(&store);
        command.args([
            "--token-env",
            "TOKEN",
            "--user",
            "me",
            "--plain-http-credentials",
        ]);
        finish(command.env("TOKEN", token))
    };
    with(&format!("wrong-{SECRET}"), &["import", &url]).bad(46);
    on(&store, &["restart", "1"]).bad(45);
    with(SECRET, &["restart", "1"]).good();
    assert_eq!(json(&store, &["status", "1"])["attempt"], 3);
    for name in ["gitlade.db", "gitlade.db-wal"] {
        let bytes = std::fs::read(store.join(name)).unwrap_or_default();
        let found = bytes
            .windows(SECRET.len())
            .any(|it| it == SECRET.as_bytes());
        assert!(!found, "{name}");
    }
    let shown = text(&store, &["show", "1"]) + &text(&store, &["log", "1"]);
    assert!(!shown.contains(SECRET), "{shown}");
}
