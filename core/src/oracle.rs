//! The real thing, to compare with in tests: `git` and `iconv`, cut off from the host's
//! configuration.

use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The tree that has no entries.
pub(crate) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// A repository with a work tree, gone when dropped.
pub(crate) struct Repository(TempDir);

impl Repository {
    pub(crate) fn new() -> Self {
        let repository = Repository(tempfile::tempdir().expect("because there is a /tmp"));
        repository.git(&["init", "--quiet", "."], b"");
        repository
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    /// Writes a file of the work tree, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        let file = self.0.path().join(path);
        std::fs::create_dir_all(file.parent().expect("because it is inside")).unwrap();
        std::fs::write(file, content).unwrap();
    }

    /// Commits the whole work tree, as it is byte by byte.
    pub(crate) fn commit(&self) {
        self.git(
            &["-c", "core.autocrlf=false", "add", "--all", "--force"],
            b"",
        );
        let name = ["-c", "user.name=n", "-c", "user.email=e"];
        let commit = ["commit", "--quiet", "--message", "m"];
        self.git(&[&name[..], &commit[..]].concat(), b"");
    }

    /// Runs `git` and gives its standard output. An exit status of 1 is an answer, as of
    /// `check-ignore`.
    pub(crate) fn git(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.0.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        let (status, output) = pipe(&mut command, input);
        assert!(status <= 1, "{command:?} ended with {status}");
        output
    }
}

/// Encodes `text`; `None` if the encoding lacks one of its characters.
pub(crate) fn iconv(text: &str, encoding: &str) -> Option<Vec<u8>> {
    let mut command = Command::new("iconv");
    command.args(["-f", "UTF-8", "-t", encoding]);
    let (status, bytes) = pipe(&mut command, text.as_bytes());
    (status == 0).then_some(bytes)
}

/// Random choices that are the same in every run (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        number as usize % end
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Feeds `input` to a program; gives its exit status and standard output.
fn pipe(command: &mut Command, input: &[u8]) -> (i32, Vec<u8>) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("because the tests need git and iconv");
    let mut stdin = child.stdin.take().expect("because it is piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A program that does not read its input closes the pipe.
    let _ = writer.join().expect("because writing does not panic");
    let status = output.status.code().expect("because nothing kills it");
    (status, output.stdout)
}
