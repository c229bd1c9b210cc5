//! `git ls-tree` into `git cat-file --batch`: what a script does that knows Git well.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::thread;

use crate::git::{self, Result};

/// Reads the content of every entry of HEAD. Returns how many entries there are, and their bytes.
///
/// # Errors
///
/// If Git fails or says what it never says.
pub fn cat_file(repository: &Path) -> Result<(u64, u64)> {
    let mut list = git::git_in(repository)
        .args(["ls-tree", "-r", "-z", "HEAD"])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut cat = git::git_in(repository)
        .args(["cat-file", "--batch", "--buffer"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let listed = list.stdout.take().expect("because it was piped");
    let wanted = cat.stdin.take().expect("because it was piped");
    let contents = cat.stdout.take().expect("because it was piped");
    let (entries, bytes) = thread::scope(|scope| {
        let ask = scope.spawn(|| ask(BufReader::new(listed), BufWriter::new(wanted)));
        let bytes = read_contents(BufReader::with_capacity(64 << 10, contents));
        let entries = ask.join().expect("because asking does not panic");
        Ok::<_, io::Error>((entries?, bytes?))
    })?;
    for status in [list.wait()?, cat.wait()?] {
        if !status.success() {
            return Err(format!("git ended with {status}").into());
        }
    }
    Ok((entries, bytes))
}

/// Asks for the blobs among the records `mode SP type SP id TAB path NUL`.
fn ask(mut listed: impl BufRead, mut wanted: impl Write) -> io::Result<u64> {
    let mut entries = 0;
    let mut record = Vec::new();
    while listed.read_until(0, &mut record)? > 0 {
        entries += 1;
        let mut fields = record.splitn(3, |&byte| byte == b' ');
        if let (Some(_), Some(b"blob"), Some(rest)) = (fields.next(), fields.next(), fields.next())
        {
            let id = rest.split(|&byte| byte == b'\t').next().unwrap_or_default();
            wanted.write_all(id)?;
            wanted.write_all(b"\n")?;
        }
        record.clear();
    }
    wanted.flush()?;
    Ok(entries)
}

/// Reads objects, each after a line `id SP type SP size`, and returns the sum of their bytes.
fn read_contents(mut contents: impl BufRead) -> io::Result<u64> {
    let mut bytes = 0;
    let mut line = String::new();
    while contents.read_line(&mut line)? > 0 {
        let size = line.trim_end().rsplit(' ').next();
        let size: u64 = size
            .and_then(|size| size.parse().ok())
            .ok_or_else(|| io::Error::other(format!("git cat-file says {line:?}")))?;
        bytes += size;
        // A line's end follows the content.
        let read = io::copy(&mut contents.by_ref().take(size + 1), &mut io::sink())?;
        if read != size + 1 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.clear();
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use crate::shapes::Shape;

    #[test]
    fn every_entry_counts_as_often_as_it_is_named() {
        let cache = tempfile::tempdir().unwrap();
        let corpus = Corpus::Shape("few", Shape::Duplicates, 250);
        let path = corpus.make(cache.path()).unwrap();
        assert_eq!(cat_file(&path).unwrap(), (250, 250 * 5_000));
        assert!(cat_file(cache.path()).is_err());
    }

    #[test]
    fn what_git_never_says_is_an_error() {
        assert_eq!(
            read_contents(&b"id blob 3\nabc\nid blob 0\n\n"[..]).unwrap(),
            3
        );
        assert!(read_contents(&b"id missing\n"[..]).is_err());
        assert!(read_contents(&b"id blob 5\nabc\n"[..]).is_err());
    }
}
