//! Commits for `git fast-import`.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Stdio;

use crate::git::{self, Result};
use crate::shapes::{self, File, HUGE};

/// Runs `git fast-import` on what `write` says. It makes each content a delta of the one before, in
/// chains of up to `depth`.
pub(super) fn run(
    path: &Path,
    depth: u32,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let mut child = git::git_in(path)
        .args(["fast-import", "--quiet", &format!("--depth={depth}")])
        .stdin(Stdio::piped())
        .spawn()?;
    let stdin = child.stdin.take().expect("because it was piped");
    let mut stdin = BufWriter::with_capacity(1 << 20, stdin);
    let written = write(&mut stdin).and_then(|()| stdin.flush());
    drop(stdin);
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("git fast-import ended with {status}").into());
    }
    Ok(written?)
}

/// One commit of `files`.
pub(super) fn one_commit(out: &mut dyn Write, files: impl Iterator<Item = File>) -> io::Result<()> {
    commit(out, 0)?;
    for file in files {
        put(out, &file)?;
    }
    Ok(())
}

/// One commit of one text of so many MiB, of which one is in memory.
pub(super) fn one_huge(out: &mut dyn Write, mebibytes: usize) -> io::Result<()> {
    commit(out, 0)?;
    let size = mebibytes << 20;
    write!(out, "M 100644 inline {HUGE}\ndata {size}\n")?;
    shapes::huge(mebibytes, |piece| out.write_all(piece))?;
    out.write_all(b"\n")
}

/// One commit of `files`, and `commits` after it that change one file each and end where it began.
pub(super) fn with_history<I: Iterator<Item = File>>(
    out: &mut dyn Write,
    files: impl Fn() -> I,
    commits: usize,
) -> io::Result<()> {
    one_commit(out, files())?;
    let mut before: Option<File> = None;
    let mut files_again = files();
    for number in 1..=commits {
        commit(out, number)?;
        if let Some(file) = &before {
            put(out, file)?;
        }
        if number == commits {
            break;
        }
        let file = match files_again.next() {
            Some(file) => file,
            None => {
                files_again = files();
                files_again.next().ok_or(io::ErrorKind::InvalidInput)?
            }
        };
        let mut changed = file.clone();
        changed
            .1
            .extend_from_slice(format!("{number}\n").as_bytes());
        put(out, &changed)?;
        before = Some(file);
    }
    Ok(())
}

fn commit(out: &mut dyn Write, number: usize) -> io::Result<()> {
    let time = 1_700_000_000 + number;
    let who = "bench <bench@example.invalid>";
    let message = format!("Commit {number}\n");
    write!(
        out,
        "commit refs/heads/main\ncommitter {who} {time} +0000\ndata {}\n{message}",
        message.len()
    )
}

fn put(out: &mut dyn Write, (path, content): &File) -> io::Result<()> {
    write!(out, "M 100644 inline {path}\ndata {}\n", content.len())?;
    out.write_all(content)?;
    out.write_all(b"\n")
}
