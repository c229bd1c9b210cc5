//! What Git says that is in a repository, to hold the contenders' answers against.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde::{Deserialize, Serialize};

use crate::git::{self, Result};

/// Counts of HEAD, by Git itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The commit.
    pub commit: String,
    /// Files, symlinks and submodules.
    pub entries: u64,
    /// Files alone.
    pub files: u64,
    /// Bytes of files and symlinks, each counted as often as a path names it.
    pub bytes: u64,
    /// Distinct contents.
    pub blobs: u64,
    /// Bytes of the distinct contents and folders.
    pub needed_bytes: u64,
}

/// Asks Git for the truth about `repository`, and writes it to `folder`, with the list `ids` of all
/// folders and contents beside it.
///
/// This takes memory, and is a process of its own for that reason: on Linux, the peak of a process
/// begins with that of the one that started it.
///
/// # Errors
///
/// If Git fails, or the files cannot be written.
pub fn write_truth(repository: &Path, folder: &Path) -> Result<()> {
    let rev_parse = |what: &str| git::line(git::git_in(repository).args(["rev-parse", what]));
    let list = [
        "ls-tree",
        "-r",
        "-t",
        "-z",
        "--format=%(objectmode) %(objectname)",
        "HEAD",
    ];
    let listed = String::from_utf8(git::output(git::git_in(repository).args(list))?)?;
    let entries = || {
        listed
            .split_terminator('\0')
            .filter_map(|entry| entry.split_once(' '))
    };
    let root = rev_parse("HEAD^{tree}")?;
    let is_submodule = |mode: &str| mode.starts_with("16");
    let is_folder = |mode: &str| mode.starts_with("04");

    let mut sizes: HashMap<&str, u64> = HashMap::new();
    sizes.insert(&root, 0);
    let held = entries().filter(|(mode, _)| !is_submodule(mode));
    sizes.extend(held.map(|(_, id)| (id, 0)));
    let mut ids: Vec<&str> = sizes.keys().copied().collect();
    ids.sort_unstable();
    let list = folder.join("ids");
    fs::write(&list, ids.join("\n") + "\n")?;
    let mut check = git::git_in(repository);
    check.args([
        "cat-file",
        "--buffer",
        "--batch-check=%(objectname) %(objectsize)",
    ]);
    let checked = check
        .stdin(File::open(&list)?)
        .stderr(Stdio::inherit())
        .output()?;
    for line in String::from_utf8(checked.stdout)?.lines() {
        let (id, size) = line.split_once(' ').ok_or("git cat-file says no size")?;
        *sizes.get_mut(id).ok_or("git cat-file says another id")? = size.parse()?;
    }

    let mut truth = Truth {
        commit: rev_parse("HEAD")?,
        entries: 0,
        files: 0,
        bytes: 0,
        blobs: 0,
        needed_bytes: sizes.values().sum(),
    };
    let mut folders = std::collections::HashSet::from([root.as_str()]);
    for (mode, id) in entries() {
        if is_folder(mode) {
            folders.insert(id);
            continue;
        }
        truth.entries += 1;
        truth.files += u64::from(mode.starts_with("10"));
        truth.bytes += sizes.get(id).copied().unwrap_or(0);
    }
    truth.blobs = (sizes.len() - folders.len()) as u64;
    let mut file = File::create(folder.join("truth"))?;
    file.write_all(&serde_json::to_vec(&truth)?)?;
    Ok(())
}

/// Reads what [`write_truth`] wrote to `folder`.
///
/// # Errors
///
/// If it is not there.
pub fn read_truth(folder: &Path) -> Result<Truth> {
    Ok(serde_json::from_slice(&fs::read(folder.join("truth"))?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use crate::shapes::Shape;

    #[test]
    fn contents_count_once_and_as_often_as_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = Corpus::Shape("few", Shape::Duplicates, 250)
            .make(folder.path())
            .unwrap();
        write_truth(&path, folder.path()).unwrap();
        let truth = read_truth(folder.path()).unwrap();
        assert_eq!((truth.entries, truth.files), (250, 250));
        assert_eq!((truth.bytes, truth.blobs), (250 * 5_000, 100));
        // An entry has 6 bytes of mode, or 5 for a folder, a space, the name, a NUL, and 20 of id.
        let (file, folder_entry) = (6 + 1 + 4 + 1 + 20, 5 + 1 + 2 + 1 + 20);
        let trees = folder_entry + 3 * folder_entry + (100 + 50) * file;
        let ids = fs::read_to_string(folder.path().join("ids")).unwrap();
        // The root, the folder in it, and two of its three: the first two are equal.
        assert_eq!(ids.lines().count(), 100 + 4);
        assert_eq!(truth.needed_bytes, 100 * 5_000 + trees);
    }
}
