//! The files of a commit, handed to `git fast-import`.

use std::path::Path;

use crate::git::Git;
use crate::objects::SIGNATURE;

/// The files of a commit. Paths are bytes, and need not be right for the machine's disk.
#[derive(Clone, Debug, Default)]
pub struct Files {
    changes: Vec<u8>,
}

impl Files {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    pub fn file(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.inline("100644", path.as_ref(), content.as_ref())
    }

    /// Adds an executable file.
    pub fn executable(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.inline("100755", path.as_ref(), content.as_ref())
    }

    /// Adds a symlink.
    pub fn symlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.inline("120000", path.as_ref(), target.as_ref())
    }

    /// Adds a submodule at the commit with this id.
    pub fn submodule(mut self, path: impl AsRef<[u8]>, commit: &str) -> Self {
        let path = quoted(path.as_ref());
        self.changes
            .extend_from_slice(format!("M 160000 {commit} {path}\n").as_bytes());
        self
    }

    fn inline(mut self, mode: &str, path: &[u8], content: &[u8]) -> Self {
        let path = quoted(path);
        let head = format!("M {mode} inline {path}\ndata {}\n", content.len());
        self.changes.extend_from_slice(head.as_bytes());
        self.changes.extend_from_slice(content);
        self.changes.push(b'\n');
        self
    }

    /// Commits them, and nothing else, to the branch, on top of what it has.
    pub fn commit(&self, git: &Git, branch: &str) {
        let reference = format!("refs/heads/{branch}");
        let parent = git.output(&["rev-parse", "-q", "--verify", &reference], b"");
        let mut stream = format!(
            "commit {reference}\nauthor {SIGNATURE}\ncommitter {SIGNATURE}\ndata 8\nmessage\n\n"
        )
        .into_bytes();
        if parent.success {
            stream.extend_from_slice(b"from ");
            stream.extend_from_slice(&parent.stdout);
        }
        stream.extend_from_slice(b"deleteall\n");
        stream.extend_from_slice(&self.changes);
        stream.push(b'\n');
        git.feed(&["fast-import", "--quiet"], &stream);
    }

    /// Makes a bare repository of them in `dir`; `args` are for `git init`.
    pub fn bare(&self, dir: &Path, args: &[&str]) -> Git {
        let git = Git::init(dir, &[&["--bare"], args].concat());
        self.commit(&git, "main");
        git
    }

    /// Makes a repository with a work tree of them in `dir`.
    pub fn checked_out(&self, dir: &Path) -> Git {
        let git = Git::init(dir, &[]);
        self.commit(&git, "main");
        git.run(&["reset", "-q", "--hard"]);
        git
    }
}

/// A path in quotes, with every byte that is not plain as an octal escape.
fn quoted(path: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in path {
        if byte.is_ascii_alphanumeric() || b"/._- ".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text += &format!("\\{byte:03o}");
        }
    }
    text.push('"');
    text
}
