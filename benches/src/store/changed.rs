//! A commit that changes one file of a hundred.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::git::{self, Result};

/// One of so many files is changed.
const EVERY: usize = 100;

/// Makes a repository of the commit `commit` of `repository` and one more, of which HEAD is the
/// second, unless `cache` has it.
///
/// # Errors
///
/// If Git fails, or the disk is full.
pub(super) fn make(repository: &Path, commit: &str, cache: &Path) -> Result<PathBuf> {
    let parent = cache.join("changed");
    let path = parent.join(format!("{commit}.git"));
    if path.exists() {
        return Ok(path);
    }
    eprintln!("changing 1 % of {}", repository.display());
    fs::create_dir_all(&parent)?;
    let partial = tempfile::Builder::new()
        .prefix("partial-")
        .tempdir_in(parent)?;
    let into = partial.path().join("repository");
    let source = format!("file://{}", repository.display());
    let mut clone = git::git();
    clone.args(["-c", "safe.directory=*", "clone", "-q", "--bare"]);
    git::output(clone.args(["--depth", "1", &source]).arg(&into))?;
    let stream = partial.path().join("stream");
    write_commit(&into, BufWriter::new(File::create(&stream)?))?;
    let status = git::git_in(&into)
        .args(["fast-import", "--quiet"])
        .stdin(File::open(&stream)?)
        .status()?;
    if !status.success() {
        return Err(format!("git fast-import ended with {status}").into());
    }
    git::output(git::git_in(&into).args(["symbolic-ref", "HEAD", CHANGED]))?;
    git::output(git::git_in(&into).args(["repack", "-q", "-a", "-d"]))?;
    fs::rename(into, &path)?;
    Ok(path)
}

const CHANGED: &str = "refs/heads/changed";

/// Writes a commit after HEAD for `git fast-import`: every hundredth file has one line more.
fn write_commit(repository: &Path, mut out: impl Write) -> Result<()> {
    let head = git::line(git::git_in(repository).args(["rev-parse", "HEAD"]))?;
    write!(
        out,
        "commit {CHANGED}\ncommitter bench <bench@example.invalid> 1700000100 +0000\n\
         data 8\nChanged\nfrom {head}\n"
    )?;
    let list = [
        "ls-tree",
        "-r",
        "-z",
        "--format=%(objectmode) %(objectname) %(path)",
        "HEAD",
    ];
    let list = git::output(git::git_in(repository).args(list))?;
    let files = list
        .split(|&byte| byte == 0)
        .filter(|line| line.starts_with(b"100"));
    for (number, line) in files.step_by(EVERY).enumerate() {
        let mut parts = line.splitn(3, |&byte| byte == b' ');
        let (Some(mode), Some(id), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("a line of git ls-tree has less than three parts".into());
        };
        // What would have to be quoted is left as it is.
        if path.starts_with(b"\"") || path.contains(&b'\n') {
            continue;
        }
        let id = std::str::from_utf8(id)?;
        let mut content = git::output(git::git_in(repository).args(["cat-file", "blob", id]))?;
        content.extend_from_slice(format!("changed line {number}\n").as_bytes());
        out.write_all(b"M ")?;
        out.write_all(mode)?;
        out.write_all(b" inline ")?;
        out.write_all(path)?;
        write!(out, "\ndata {}\n", content.len())?;
        out.write_all(&content)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use crate::shapes::Shape;

    #[test]
    fn one_file_of_a_hundred_differs() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = Corpus::Shape("fixture", Shape::ManyTiny, 250);
        let path = corpus.make(folder.path()).unwrap();
        let head = git::line(git::git_in(&path).args(["rev-parse", "HEAD"])).unwrap();
        let changed = make(&path, &head, folder.path()).unwrap();
        assert_eq!(make(&path, &head, folder.path()).unwrap(), changed);
        let differ = ["diff", "--name-only", &head, "HEAD"];
        let differ = git::line(git::git_in(&changed).args(differ)).unwrap();
        assert_eq!(differ, "00/00/00.c\n00/01/00.c\n00/02/00.c");
    }
}
