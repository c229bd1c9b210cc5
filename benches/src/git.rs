//! The real Git, without anybody's configuration.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// The errors of this program, which end it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Makes a `git` command that sees no configuration of the user or system, and whose commits are
/// the same on every machine.
pub fn git() -> Command {
    let mut command = Command::new("git");
    isolate(&mut command);
    command
}

/// Hides all configuration from `command` and the `git` that it starts, proxies included: the only
/// server is on this machine.
pub fn isolate(command: &mut Command) {
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PROTOCOL"] {
        command.env_remove(name);
    }
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ADVICE", "0")
        .env("LC_ALL", "C");
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "bench")
            .env(format!("GIT_{who}_EMAIL"), "bench@example.invalid")
            .env(format!("GIT_{who}_DATE"), "1700000000 +0000");
    }
}

/// Makes a `git` command that works in the repository at `path`.
pub fn git_in(path: &Path) -> Command {
    let mut command = git();
    // The corpora are made by whoever runs this; where they lie is no secret to Git.
    command.args(["-c", "safe.directory=*"]).arg("-C").arg(path);
    command
}

/// Runs `command` to its end and returns what it wrote.
///
/// # Errors
///
/// If it cannot be started, or fails; its own words are on the standard error by then.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", name_of(command)))?;
    if !output.status.success() {
        return Err(format!("{} ended with {}", name_of(command), output.status).into());
    }
    Ok(output.stdout)
}

/// Runs `command` to its end and returns the one line that it wrote.
///
/// # Errors
///
/// As for [`output`].
pub fn line(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    Ok(String::from_utf8_lossy(&output).trim_end().to_owned())
}

/// Whether there is a program that `command` starts, and that succeeds.
pub fn works(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn name_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}
