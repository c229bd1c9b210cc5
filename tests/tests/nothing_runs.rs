//! Nothing from a repository runs, and no name from it reaches the file system (P1).

use std::fs;
use std::path::{Path, PathBuf};

use gitlade_tests::hostile;
use gitlade_tests::server::{GitHttp, git};

use crate::benign::{self, File, file, shapes};
use crate::child;
use crate::importing::{is_installed, skip};

/// Stands in every name that a repository could bring to the file system.
const CANARY: &str = "kanarienvogel";

/// What a system call did to a path.
struct Call {
    name: String,
    path: String,
    line: String,
}

/// Runs imports of `sources` under strace; gives the calls, and the folder that may be written to.
fn traced(sources: Vec<String>) -> Option<(Vec<Call>, PathBuf, Vec<String>)> {
    if !is_installed("strace") {
        skip("nothing_runs", "strace is not installed");
        return None;
    }
    let log = tempfile::NamedTempFile::new().expect("because there is room");
    let log_path = log.path().display().to_string();
    let child = child::imports(sources);
    let folder = child.folder().to_owned();
    // Whatever takes a path, and what starts programs.
    let trace = [
        "strace",
        "-f",
        "-qq",
        "--seccomp-bpf",
        "-s",
        "4096",
        "-e",
        "trace=%file,execve,execveat",
        "-o",
        &log_path,
    ];
    let ended = child.under(&trace).run();
    let results = ended.results();
    let text = fs::read(log.path()).expect("because strace wrote it");
    let text = String::from_utf8_lossy(&text);
    let calls = text.lines().filter_map(call).collect();
    Some((calls, folder, results))
}

/// Reads a line of strace's: `1234 openat(AT_FDCWD, "/path", O_RDONLY) = 3`.
fn call(line: &str) -> Option<Call> {
    let (_, rest) = line.split_once(' ')?;
    let (name, arguments) = rest.trim_start().split_once('(')?;
    let path = arguments.split('"').nth(1).unwrap_or_default();
    Some(Call {
        name: name.to_owned(),
        path: path.to_owned(),
        line: line.to_owned(),
    })
}

fn changes_something(call: &Call) -> bool {
    let changes = [
        "mkdir",
        "mkdirat",
        "unlink",
        "unlinkat",
        "rename",
        "renameat",
        "renameat2",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "chmod",
        "fchmodat",
        "chown",
        "lchown",
        "fchownat",
        "truncate",
        "rmdir",
        "mknod",
        "mknodat",
        "creat",
        "utimensat",
        "utimes",
        "setxattr",
        "lsetxattr",
        "removexattr",
        "mount",
        "umount2",
        "chroot",
        "chdir",
    ];
    let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"];
    changes.contains(&&call.name[..]) || writes.iter().any(|flag| call.line.contains(flag))
}

/// Fails unless the calls only read, and run nothing but the first program.
fn assert_quiet(calls: &[Call], folder: &Path) {
    let programs: Vec<&str> = calls
        .iter()
        .filter(|call| call.name.starts_with("exec"))
        .map(|call| &call.line[..])
        .collect();
    assert_eq!(programs.len(), 1, "{programs:#?}");
    for call in calls.iter().filter(|call| changes_something(call)) {
        // The child's results, the spool, and what every Rust program opens.
        let is_own = Path::new(&call.path).starts_with(folder) || call.path == "/dev/null";
        assert!(is_own, "{}", call.line);
    }
}

/// A repository all of whose names are canaries, in every place where a name can stand.
fn canaries() -> Vec<File> {
    let name = |text: &str| text.replace('*', CANARY).into_bytes();
    let config = format!(
        "[submodule \"{CANARY}\"]\n\tpath = sub-{CANARY}\n\turl = ../{CANARY}\n\tupdate = !touch {CANARY}\n"
    );
    let attributes = format!(
        "* filter={CANARY} diff={CANARY} merge={CANARY} ident text eol=crlf working-tree-encoding={CANARY}\n"
    );
    vec![
        file(name("*/deep/*.txt"), "x\n"),
        file(name("*.sh"), "#!/bin/sh\ntouch kanarienvogel\n"),
        ("120000", name("link-*"), name("/tmp/*")),
        ("120000", name("folder-*"), name("../../../../etc")),
        (
            "160000",
            name("sub-*"),
            b"1234567890123456789012345678901234567890".to_vec(),
        ),
        file(".gitmodules", config),
        file(".gitattributes", attributes),
        file(
            name("hooks-*/post-checkout"),
            "#!/bin/sh\ntouch kanarienvogel\n",
        ),
        file(
            ".lfsconfig",
            format!("[lfs]\n\turl = https://{CANARY}.invalid\n"),
        ),
        file(
            name("*.lfs"),
            format!(
                "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5\n",
                "ab".repeat(32)
            ),
        ),
    ]
}

#[test]
fn benign_repositories_run_nothing() {
    let folder = tempfile::tempdir().expect("because there is room");
    let paths = [
        benign::repository(folder.path(), "canaries.git", "sha1", &canaries()),
        benign::repository(folder.path(), "shapes.git", "sha1", &shapes()),
    ];
    // Configuration that would run programs, were it Git that read it.
    let repository = &paths[0];
    for (name, value) in [
        ("core.fsmonitor", format!("touch {CANARY}-fsmonitor")),
        ("core.sshCommand", format!("touch {CANARY}-ssh")),
        ("core.pager", format!("touch {CANARY}-pager")),
        ("core.hooksPath", format!("/{CANARY}-hooks")),
        ("core.alternateRefsCommand", format!("touch {CANARY}-refs")),
        ("credential.helper", format!("!touch {CANARY}-helper")),
        (
            &format!("filter.{CANARY}.smudge"),
            format!("touch {CANARY}-smudge"),
        ),
        (
            &format!("filter.{CANARY}.process"),
            format!("touch {CANARY}-process"),
        ),
        (
            &format!("diff.{CANARY}.textconv"),
            format!("touch {CANARY}-textconv"),
        ),
        ("gpg.program", format!("/{CANARY}-gpg")),
        ("uploadpack.packObjectsHook", format!("touch {CANARY}-hook")),
    ] {
        git(repository, &["config", name, &value]);
    }
    let sources = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let Some((calls, own, results)) = traced(sources) else {
        return;
    };
    assert_eq!(results, ["ok", "ok"]);
    assert!(calls.len() > 50, "{}", calls.len());
    assert_quiet(&calls, &own);
    for call in &calls {
        assert!(!call.line.contains(CANARY), "{}", call.line);
    }
}

#[test]
fn remote_imports_run_nothing() {
    let folder = tempfile::tempdir().expect("because there is room");
    benign::repository(folder.path(), "a.git", "sha1", &canaries());
    let server = GitHttp::serve(folder.path());
    let Some((calls, own, results)) = traced(vec![server.url("a.git")]) else {
        return;
    };
    assert_eq!(results, ["ok"]);
    assert_quiet(&calls, &own);
    for call in &calls {
        assert!(!call.line.contains(CANARY), "{}", call.line);
    }
}

#[test]
fn hostile_repositories_run_nothing() {
    let folder = tempfile::tempdir().expect("because there is room");
    let fixtures = hostile::all();
    let fixtures: Vec<_> = fixtures
        .iter()
        .filter(|fixture| {
            // Those whose names and layout could lead somewhere; the others are bytes only.
            let subject = fixture.name.split('/').next();
            ["names", "odd", "trees", "refs", "layout", "links"]
                .map(Some)
                .contains(&subject)
        })
        .collect();
    let sources = fixtures.iter().map(|fixture| {
        let place = folder.path().join(fixture.name);
        fixture.make(&place);
        fixture.opened(&place).display().to_string()
    });
    let Some((calls, own, results)) = traced(sources.collect()) else {
        return;
    };
    assert_eq!(results.len(), fixtures.len());
    assert_quiet(&calls, &own);
}
