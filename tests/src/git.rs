//! The real Git, away from the configuration of the machine.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Git in one folder.
#[derive(Clone, Debug)]
pub struct Git {
    dir: PathBuf,
}

/// How a command of Git ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// Whether its exit code was 0.
    pub success: bool,
    /// Whether it was killed, since it did not end.
    pub killed: bool,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// Standard output and error as text.
    pub fn text(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.stdout), self.stderr)
    }
}

impl Git {
    /// Git in a folder that is there.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Git { dir: dir.into() }
    }

    /// Makes a repository; `args` are those of `git init`, without the folder.
    pub fn init(dir: impl Into<PathBuf>, args: &[&str]) -> Self {
        let dir = dir.into();
        std::fs::create_dir_all(&dir).expect("because the folder is temporary");
        let git = Self::at(dir);
        git.run(&[&["init", "-q", "-b", "main"], args].concat());
        git
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A command, ready to be run: no configuration but the repository's, fixed people and times.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"])
            .args(["-c", "protocol.file.allow=always"])
            .args(args)
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", "/nonexistent")
            .env("TMPDIR", std::env::temp_dir())
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_CEILING_DIRECTORIES", std::env::temp_dir())
            .env("GIT_TERMINAL_PROMPT", "0");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "A U Thor")
                .env(format!("GIT_{who}_EMAIL"), "author@example.com")
                .env(format!("GIT_{who}_DATE"), "1700000000 +0000");
        }
        command
    }

    /// Runs a command that may fail, with `input` on its standard input.
    pub fn output(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("because the tests need Git: install the package git");
        let mut stdin = child.stdin.take().expect("because it is piped");
        let watch = Watch::begin(child.id());
        let output = thread::scope(|scope| {
            // Git may end before it has read everything.
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output()
        })
        .expect("because Git can be waited for");
        drop(watch);
        Output {
            success: output.status.success(),
            killed: output.status.signal() == Some(Signal::KILL.as_raw()),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command and returns its standard output.
    ///
    /// # Panics
    ///
    /// If the command fails.
    pub fn run(&self, args: &[&str]) -> Vec<u8> {
        self.feed(args, b"")
    }

    /// Runs a command with `input` on its standard input and returns its standard output.
    ///
    /// # Panics
    ///
    /// If the command fails.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.output(args, input);
        assert!(output.success, "git {args:?}: {}", output.stderr);
        output.stdout
    }

    /// Runs a command and returns its standard output as text, without the last line's end.
    ///
    /// # Panics
    ///
    /// If the command fails, or prints something else than UTF-8.
    pub fn line(&self, args: &[&str]) -> String {
        let text = String::from_utf8(self.run(args)).expect("because ids and names are asked for");
        text.trim_end_matches('\n').to_owned()
    }

    /// Adds and commits everything in the work tree.
    pub fn commit_all(&self, message: &str) {
        self.run(&["add", "-A", "-f"]);
        self.run(&["commit", "-q", "--allow-empty", "-m", message]);
    }
}

/// Kills a Git that does not end: some hostile repositories keep it busy for ever, and its memory
/// grows meanwhile.
struct Watch {
    ended: Option<mpsc::Sender<()>>,
    watcher: Option<thread::JoinHandle<()>>,
}

impl Watch {
    const PATIENCE: Duration = Duration::from_secs(120);

    fn begin(process: u32) -> Self {
        let (ended, end) = mpsc::channel();
        let watcher = thread::spawn(move || {
            if end.recv_timeout(Self::PATIENCE) == Err(RecvTimeoutError::Timeout) {
                kill(process);
            }
        });
        Watch {
            ended: Some(ended),
            watcher: Some(watcher),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ended = None;
        if let Some(watcher) = self.watcher.take() {
            // It ends at once, now that nobody can send.
            let _ = watcher.join();
        }
    }
}

fn kill(process: u32) {
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process(pid, Signal::KILL);
    }
}
