//! Small repositories by shape, for the benches of single stages.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use gitlade::ObjectId;
use tempfile::TempDir;

use crate::corpus::Corpus;
use crate::git::{self, Result};
use crate::shapes::Shape;

/// A packed repository with one commit of a shape, in a temporary folder.
#[derive(Debug)]
pub struct Fixture {
    /// Its shape.
    pub shape: Shape,
    /// Where it is.
    pub path: PathBuf,
    /// The tree of HEAD.
    pub root: ObjectId,
    /// All distinct folders with their bytes, the root included.
    pub trees: Vec<(ObjectId, Vec<u8>)>,
    /// All distinct contents.
    pub blobs: Vec<ObjectId>,
    /// Bytes of the distinct contents.
    pub blob_bytes: u64,
    /// Files and folders, without the root.
    pub entries: u64,
    /// Keeps it.
    _folder: TempDir,
}

impl Fixture {
    /// Makes one of a size that a bench gets through in some milliseconds.
    ///
    /// # Errors
    ///
    /// If Git fails.
    pub fn new(shape: Shape) -> Result<Self> {
        Self::of_size(
            shape,
            match shape {
                Shape::ManyTiny | Shape::Wide | Shape::Duplicates => 10_000,
                Shape::OneHuge => 32,
                Shape::Deep => 3_000,
                Shape::Binary | Shape::Deltas | Shape::Encodings => 500,
            },
        )
    }

    /// Makes one of as many files as [`Shape::files`] is given.
    ///
    /// # Errors
    ///
    /// If Git fails.
    pub fn of_size(shape: Shape, size: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = Corpus::Shape("fixture", shape, size).make(folder.path())?;
        let id_of = |text: &str| text.parse::<ObjectId>();
        let root = git::line(git::git_in(&path).args(["rev-parse", "HEAD^{tree}"]))?;
        let list = [
            "ls-tree",
            "-r",
            "-t",
            "--format=%(objecttype) %(objectname)",
            "HEAD",
        ];
        let listed = String::from_utf8(git::output(git::git_in(&path).args(list))?)?;
        let (mut trees, mut blobs) = (vec![root.clone()], Vec::new());
        for (kind, id) in listed.lines().filter_map(|line| line.split_once(' ')) {
            match kind {
                "tree" => trees.push(id.to_owned()),
                _ => blobs.push(id.to_owned()),
            }
        }
        for ids in [&mut trees, &mut blobs] {
            ids.sort_unstable();
            ids.dedup();
        }
        let mut fixture = Fixture {
            shape,
            root: id_of(&root)?,
            trees: Vec::new(),
            blobs: blobs
                .iter()
                .map(|id| id_of(id))
                .collect::<std::result::Result<_, _>>()?,
            blob_bytes: 0,
            entries: listed.lines().count() as u64,
            path,
            _folder: folder,
        };
        fixture.trees = fixture.read(&trees)?;
        let blobs = fixture.read(&blobs)?;
        fixture.blob_bytes = blobs.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        Ok(fixture)
    }

    /// Reads objects with Git.
    fn read(&self, ids: &[String]) -> Result<Vec<(ObjectId, Vec<u8>)>> {
        let mut child = git::git_in(&self.path)
            .args(["cat-file", "--batch=%(objectsize)", "--buffer"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("git has no input")?;
        let list = ids.join("\n") + "\n";
        let ask = std::thread::spawn(move || stdin.write_all(list.as_bytes()));
        let output = child.wait_with_output()?.stdout;
        ask.join().map_err(|_| "cannot ask git")??;
        let mut rest = &output[..];
        let mut objects = Vec::with_capacity(ids.len());
        for id in ids {
            let end = rest
                .iter()
                .position(|&byte| byte == b'\n')
                .ok_or("no size")?;
            let size: usize = std::str::from_utf8(&rest[..end])?.parse()?;
            let object = rest.get(end + 1..end + 1 + size).ok_or("cut off")?;
            objects.push((id.parse()?, object.to_vec()));
            rest = rest.get(end + 1 + size + 1..).ok_or("cut off")?;
        }
        Ok(objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_has_what_git_has() {
        let fixture = Fixture::of_size(Shape::Duplicates, 250).unwrap();
        assert_eq!(fixture.blobs.len(), 100);
        assert_eq!(fixture.blob_bytes, 100 * 5_000);
        assert_eq!(fixture.entries, 250 + 4);
        assert_eq!(fixture.trees.len(), 4);
        assert!(fixture.trees.iter().any(|(id, _)| *id == fixture.root));
    }
}
