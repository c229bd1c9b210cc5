//! Repositories made by Git, and runs of the program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use gitlade_tests::server::{git, git_with_input, isolated};
use serde_json::Value;
use tempfile::TempDir;

/// A repository with text, binary, odd names, a symlink, a submodule and a large file.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) repository: PathBuf,
}

/// How a run ended, with its streams as text.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// The program, without anything of the environment that it could take notice of.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitlade"));
    command.env_clear().stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

pub(crate) fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(args: I) -> Run {
    finish(program().args(args))
}

pub(crate) fn finish(command: &mut Command) -> Run {
    command.output().expect("the program starts").into()
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }
}

impl Run {
    /// Standard output of a run that has to end well and in silence.
    pub(crate) fn good(self) -> Vec<u8> {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        self.stdout
    }

    /// The message of a run that has to fail with `code`, in one or two lines and nothing else.
    pub(crate) fn bad(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(self.stdout.is_empty(), "{:?}", self.stdout);
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert!(matches!(lines.len(), 1 | 2), "{}", self.stderr);
        assert!(lines[0].starts_with("gitlade: "), "{}", self.stderr);
        assert!(lines.get(1).is_none_or(|line| line.starts_with("  hint: ")));
        let controls = |c: char| c.is_control() && c != '\n';
        assert!(!self.stderr.contains(controls), "{:?}", self.stderr);
        self.stderr
    }
}

/// The lines of a manifest.
pub(crate) fn lines(ndjson: &[u8]) -> Vec<Value> {
    ndjson
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| serde_json::from_slice(line).expect("each line is JSON"))
        .collect()
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let repository = folder.path().join("repository");
        git(folder.path(), &["init", "-q", "-b", "main", "repository"]);
        let fixture = Fixture { folder, repository };
        fixture.write("README.md", b"# Fixture\n");
        fixture.write("src/main.rs", b"fn main() {}\n");
        fixture.write("src/lib.rs", b"//! Nothing.\n");
        fixture.write("src/deep/[a] *b?.txt", b"an odd name\n");
        fixture.write("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
        fixture.write(
            "latin.txt",
            b"caf\xe9 au lait, d\xe9j\xe0 vu, na\xefve, \xe9t\xe9\n",
        );
        fixture.write("utf16.txt", b"\xff\xfeh\0i\0\n\0");
        fixture.write("big.bin", &vec![7; 300_000]);
        fixture.write(
            ".gitmodules",
            b"[submodule \"lib\"]\n\tpath = lib\n\turl = https://example.com/lib.git\n",
        );
        fixture.write(
            "model.bin",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
        );
        fixture.write(".gitattributes", b"model.bin filter=lfs\n");
        fixture.add_blob("120000", b"link", b"src/main.rs");
        fixture.add_blob(
            "100644",
            b"escape\x1b[2J.txt",
            b"a name with a control character\n",
        );
        fixture.add_blob(
            "100644",
            b"not-\xff-utf8.txt",
            b"a name that is not UTF-8\n",
        );
        fixture.add_blob("100644", b"readme.MD", b"# Another case\n");
        fixture.index(b"160000 1111111111111111111111111111111111111111\tlib\0");
        fixture.git(&["add", "-A", "--ignore-removal", "."]);
        fixture.git(&["commit", "-q", "-m", "first"]);
        fixture
    }

    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        let file = self.repository.join(path);
        std::fs::create_dir_all(file.parent().expect("it is in a folder")).expect("there is room");
        std::fs::write(file, content).expect("there is room");
        self.git(&["add", "--", &format!(":(literal){path}")]);
    }

    /// Adds an entry whose name no file system has to take.
    pub(crate) fn add_blob(&self, mode: &str, path: &[u8], content: &[u8]) {
        let id = git_with_input(&self.repository, &["hash-object", "-w", "--stdin"], content);
        let mut line = format!("{mode} {id}\t").into_bytes();
        line.extend_from_slice(path);
        line.push(0);
        self.index(&line);
    }

    fn index(&self, info: &[u8]) {
        let args = ["update-index", "-z", "--add", "--index-info"];
        git_with_input(&self.repository, &args, info);
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        git(&self.repository, args)
    }

    /// What Git prints, byte for byte.
    pub(crate) fn git_bytes(&self, args: &[&str]) -> Vec<u8> {
        let mut command = Command::new("git");
        isolated(&mut command)
            .current_dir(&self.repository)
            .args(args);
        let output = command.output().expect("git is installed");
        assert!(output.status.success(), "git {args:?}");
        output.stdout
    }

    pub(crate) fn import(&self, args: &[&str]) -> Run {
        finish(program().arg("import").arg(&self.repository).args(args))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|file| {
            file.expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}
