//! The git program, cut off from the machine's configuration.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Git keeps its programs, such as `git-daemon`.
pub fn exec_path() -> PathBuf {
    let output = Command::new("git").arg("--exec-path").output();
    let output = output.expect("git is installed");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())
}

/// Takes the machine's and the user's configuration away from a command of Git's.
pub fn isolated(command: &mut Command) -> &mut Command {
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PROTOCOL"] {
        command.env_remove(name);
    }
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "A U Thor")
        .env("GIT_AUTHOR_EMAIL", "author@example.com")
        .env("GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z")
        .env("GIT_COMMITTER_NAME", "C O Mitter")
        .env("GIT_COMMITTER_EMAIL", "committer@example.com")
        .env("GIT_COMMITTER_DATE", "2024-01-01T00:00:00Z")
}

/// Runs Git in `folder` and gives what it prints, without the final line break.
///
/// # Panics
///
/// If it fails.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    git_with_input(folder, arguments, b"")
}

/// Like [`git()`], with `input` on its standard input.
pub fn git_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    use std::io::Write as _;
    let mut command = Command::new("git");
    isolated(&mut command)
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("git is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input).expect("git reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("git ends");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}

/// Makes a bare repository `sample.git` below `folder`, and gives its path.
///
/// `main` has two commits, `feature/x` one more; `v1` is an annotated tag of the first commit and
/// `light` a lightweight one. The files are few: text, binary, empty, executable, a symbolic link,
/// one in a folder, and one of 300 KB that does not compress.
pub fn sample_repository(folder: &Path) -> PathBuf {
    sample_repository_as(folder, "sample.git", "sha1")
}

/// Like [`sample_repository`], with a name and an object format (`sha1` or `sha256`).
pub fn sample_repository_as(folder: &Path, name: &str, object_format: &str) -> PathBuf {
    let repository = folder.join(name);
    let format = format!("--object-format={object_format}");
    git(
        folder,
        &["init", "-q", "--bare", "-b", "main", &format, name],
    );
    git_with_input(&repository, &["fast-import", "--quiet"], &stream());
    repository
}

/// A stream for `git fast-import`.
fn stream() -> Vec<u8> {
    let mut out = Vec::new();
    let who = "committer C O Mitter <committer@example.com> 1704067200 +0000\n";
    let mut marks = 0..;
    let mut commit = |branch: &str, from: &str, files: &[(&str, &str, &[u8])]| {
        let mark = marks.next().expect("there are many numbers") + 1;
        let head =
            format!("commit refs/heads/{branch}\nmark :{mark}\n{who}data 7\nchange\n\n{from}");
        out.extend(head.bytes());
        for (mode, path, data) in files {
            out.extend(format!("M {mode} inline {path}\ndata {}\n", data.len()).bytes());
            out.extend_from_slice(data);
            out.push(b'\n');
        }
        out.push(b'\n');
    };
    let noise: Vec<u8> = noise().take(300_000).collect();
    commit(
        "main",
        "",
        &[
            ("100644", "README.md", b"# Sample\n"),
            ("100644", "empty", b""),
            ("100755", "run.sh", b"#!/bin/sh\necho hello\n"),
            ("100644", "logo.bin", b"\x89PNG\r\n\x1a\n\0\0"),
            ("120000", "link", b"README.md"),
            ("100644", "src/lib.rs", b"//! Nothing.\n"),
        ],
    );
    commit("main", "", &[("100644", "src/noise.bin", &noise)]);
    commit(
        "feature/x",
        "from :2\n",
        &[("100644", "src/x.rs", b"fn x() {}\n")],
    );
    out.extend_from_slice(b"reset refs/tags/light\nfrom :1\n\n");
    let tagger = who.replacen("committer", "tagger", 1);
    out.extend(format!("tag v1\nfrom :1\n{tagger}data 4\none\n\n").bytes());
    out
}

/// Bytes that look random and are always the same (xorshift32).
fn noise() -> impl Iterator<Item = u8> {
    let mut state: u32 = 0x9e37_79b9;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    })
}
