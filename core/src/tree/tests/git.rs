//! The real Git, in a repository of its own, without any configuration of the machine.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::id::ObjectId;

pub(super) struct Git {
    dir: tempfile::TempDir,
}

impl Git {
    pub(super) fn init(object_format: &str) -> Self {
        let git = Git {
            dir: tempfile::tempdir().unwrap(),
        };
        let format = format!("--object-format={object_format}");
        git.run(&["init", "-q", "--bare", &format, "."], b"");
        git
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(args)
            .current_dir(self.path())
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_OBJECT_DIRECTORY")
            .env_remove("GIT_CONFIG_COUNT")
            .env_remove("GIT_CONFIG_PARAMETERS")
            .env("HOME", self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("LC_ALL", "C");
        command
    }

    /// Standard output and error of a command, whether it fails or not.
    pub(super) fn output(&self, args: &[&str], input: &[u8]) -> (bool, Vec<u8>, Vec<u8>) {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output().unwrap()
        });
        (output.status.success(), output.stdout, output.stderr)
    }

    pub(super) fn run(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let (success, stdout, stderr) = self.output(args, input);
        assert!(
            success,
            "git {args:?}: {}",
            String::from_utf8_lossy(&stderr)
        );
        stdout
    }

    /// Writes objects as they are, right or wrong, and returns their ids.
    pub(super) fn write_literally(&self, kind: &str, objects: &[Vec<u8>]) -> Vec<ObjectId> {
        let dir = tempfile::tempdir().unwrap();
        let mut names = String::new();
        for (index, bytes) in objects.iter().enumerate() {
            let file = dir.path().join(index.to_string());
            std::fs::write(&file, bytes).unwrap();
            names += &format!("{}\n", file.display());
        }
        let args = [
            "hash-object",
            "-w",
            "-t",
            kind,
            "--literally",
            "--stdin-paths",
        ];
        let ids = self.run(&args, names.as_bytes());
        ids.split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|hex| ObjectId::from_hex(hex).unwrap())
            .collect()
    }

    /// The bytes of an object.
    pub(super) fn object(&self, kind: &str, id: ObjectId) -> Vec<u8> {
        self.run(&["cat-file", kind, &id.to_string()], b"")
    }
}
