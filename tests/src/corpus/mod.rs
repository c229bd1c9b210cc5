//! Sound repositories, made by the real Git: what it says about them is the truth.

mod contents;
mod files;
mod storage;

use std::path::{Path, PathBuf};

use crate::git::Git;

pub use files::Files;

/// A sound repository.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Subject and name, which are fit for a path: `contents/encodings`.
    pub name: &'static str,
    /// What it has that others have not.
    pub what: &'static str,
    /// The folder below the sample's that is to be opened.
    pub open: &'static str,
    make: fn(&Path),
}

impl Sample {
    const fn new(name: &'static str, what: &'static str, make: fn(&Path)) -> Self {
        Sample {
            name,
            what,
            open: "",
            make,
        }
    }

    const fn open(mut self, open: &'static str) -> Self {
        self.open = open;
        self
    }

    /// Makes the repository in the folder `dir`, which is made too. The same sample has the same
    /// objects each time.
    pub fn make(&self, dir: &Path) {
        std::fs::create_dir_all(dir).expect("because the folder is temporary");
        (self.make)(dir);
    }

    /// The path to open of the sample that was made in `dir`.
    pub fn opened(&self, dir: &Path) -> PathBuf {
        if self.open.is_empty() {
            return dir.to_owned();
        }
        dir.join(self.open)
    }

    /// Git at the path to open of the sample that was made in `dir`.
    pub fn git(&self, dir: &Path) -> Git {
        Git::at(self.opened(dir))
    }
}

/// All samples.
pub fn all() -> Vec<Sample> {
    [
        contents::TABLE,
        contents::BY_HAND,
        storage::AFTER,
        storage::OTHERS,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scratch;

    #[test]
    fn git_finds_nothing_wrong() {
        let samples = all();
        assert!(samples.len() >= 45, "only {} samples", samples.len());
        let dir = scratch();
        let mut names = BTreeSet::new();
        for sample in samples {
            assert!(names.insert(sample.name), "{} is there twice", sample.name);
            let place = dir.path().join(sample.name);
            sample.make(&place);
            let git = sample.git(&place);
            let said = git.output(&["fsck", "--full", "--no-dangling"], b"");
            assert!(said.success, "{}: {}", sample.name, said.stderr);
            git.run(&["ls-tree", "-r", "-t", "-z", "HEAD"]);
        }
    }

    #[test]
    fn objects_are_the_same_each_time() {
        let dir = scratch();
        for sample in all().into_iter().step_by(5) {
            let trees = ["1", "2"].map(|number| {
                let place = dir.path().join(number).join(sample.name);
                sample.make(&place);
                sample.git(&place).line(&["rev-parse", "HEAD"])
            });
            assert_eq!(trees[0], trees[1], "{}", sample.name);
        }
    }

    /// What a sample is called for has to be there.
    #[test]
    fn storages_are_what_they_say() {
        let dir = scratch();
        let make = |name: &str| {
            let sample = all().into_iter().find(|sample| sample.name == name);
            let sample = sample.unwrap();
            let place = dir.path().join(name);
            sample.make(&place);
            sample.git(&place)
        };
        let loose_and_packed = |git: &Git| {
            let said = git.line(&["count-objects", "-v"]);
            let number = |key: &str| {
                let line = said.lines().find_map(|line| line.strip_prefix(key));
                line.unwrap().parse::<usize>().unwrap()
            };
            (number("count: "), number("in-pack: "), number("packs: "))
        };
        let deltas = |git: &Git| {
            let format = "--batch-check=%(deltabase)";
            let said = git.line(&["cat-file", "--batch-all-objects", format]);
            said.lines()
                .filter(|base| !base.starts_with("0000"))
                .count()
        };
        let (loose, packed, packs) = loose_and_packed(&make("storage/loose"));
        assert!(loose > 50 && packed == 0 && packs == 0);
        let git = make("storage/packed");
        let (loose, packed, packs) = loose_and_packed(&git);
        assert!(loose == 0 && packed > 50 && packs == 1 && deltas(&git) > 20);
        assert!(deltas(&make("storage/packed-by-id")) > 20);
        assert_eq!(deltas(&make("storage/packed-whole")), 0);
        let (loose, packed, _) = loose_and_packed(&make("storage/both"));
        assert_eq!(loose, packed);
        assert_eq!(loose_and_packed(&make("storage/many-packs")).2, 5);
        let (_, _, packs) = loose_and_packed(&make("storage/multi-pack-index"));
        assert_eq!(packs, 6);

        let file = |git: &Git, path: &str| git.dir().join(path).exists();
        assert!(file(
            &make("storage/multi-pack-index-256"),
            "objects/pack/multi-pack-index"
        ));
        assert!(file(
            &make("storage/commit-graph"),
            "objects/info/commit-graph"
        ));
        assert!(file(&make("storage/shallow"), "shallow"));
        assert!(file(&make("storage/alternates"), "objects/info/alternates"));
        assert!(file(&make("storage/packed-refs"), "packed-refs"));
        let git = make("storage/index-version-1");
        let has_version =
            |path: &std::path::Path| std::fs::read(path).unwrap().starts_with(b"\xfftOc");
        let mut packs = std::fs::read_dir(git.dir().join("objects/pack")).unwrap();
        let index = packs.find_map(|entry| {
            let path = entry.unwrap().path();
            path.extension()
                .is_some_and(|end| end == "idx")
                .then_some(path)
        });
        assert!(!has_version(&index.unwrap()));

        let missing = |git: &Git| {
            let said = git.line(&["rev-list", "--objects", "--missing=print", "HEAD"]);
            said.lines().filter(|line| line.starts_with('?')).count()
        };
        let (all_blobs, large) = (make("storage/partial"), make("storage/partial-large"));
        assert!(missing(&all_blobs) > missing(&large) && missing(&large) > 0);
    }
}
