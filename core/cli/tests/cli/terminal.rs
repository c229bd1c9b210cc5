//! What people see on a terminal, which Python's `pty` stands in for.

use std::process::{Command, Stdio};

use crate::fixture::Fixture;

/// Runs the program with standard output and error on a terminal of 100 columns, and gives what
/// appears there and the exit code.
const DRIVER: &str = r#"
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
seen = b""
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    seen += piece
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

fn on_terminal(fixture: &Fixture, args: &[&str]) -> (String, Option<i32>) {
    let output = Command::new("python3")
        .args(["-c", DRIVER, env!("CARGO_BIN_EXE_gitlade"), "import"])
        .arg(&fixture.repository)
        .args(args)
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .expect("python3 is installed");
    let seen = String::from_utf8(output.stdout).expect("it is text");
    (seen.replace("\r\n", "\n"), output.status.code())
}

#[test]
fn a_summary_is_shown() {
    let fixture = Fixture::new();
    let (seen, code) = on_terminal(&fixture, &["--progress", "never", "--max-blob", "100K"]);
    assert_eq!(code, Some(0), "{seen}");
    for part in [
        "ref       refs/heads/main",
        &fixture.git(&["rev-parse", "HEAD"]),
        "14 files, 2 folders, 1 symlink, 1 submodule",
        "utf-16le 1",
        "image/png 1",
        "Rust",
        "Largest files",
        "src/  3 files",
        "1 file: larger than --max-blob, 100.00 KiB",
        "big.bin  292.97 KiB",
        "case collision: 2",
        "lib  https://example.com/lib.git",
        "1 pointer for 12.06 KiB",
        "imported in",
        r"escape\u{1b}[2J.txt",
        r"not-\xff-utf8.txt",
    ] {
        assert!(seen.contains(part), "{part:?} is not in:\n{seen}");
    }
    assert!(
        !seen.contains(|c: char| c.is_control() && c != '\n'),
        "{seen:?}"
    );
}

#[test]
fn a_bar_is_drawn_and_gone_in_the_end() {
    let fixture = Fixture::new();
    let file = fixture.path("m.ndjson");
    let (seen, code) = on_terminal(&fixture, &["--manifest", file.to_str().expect("UTF-8")]);
    assert_eq!(code, Some(0), "{seen}");
    assert!(file.exists());
    let (bar, summary) = seen.rsplit_once("\x1b[2K").expect("the bar is wiped away");
    assert!(bar.contains("complete"), "{bar:?}");
    assert!(summary.trim_start().starts_with("ref "), "{summary:?}");
}
