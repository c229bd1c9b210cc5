//! Repositories to measure on, made once and kept in a cache.

mod debian;
mod import;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::git::{self, Result};
use crate::shapes::{self, Shape};

/// Files of the repository that has a history, and of the one beside it that has none.
const FEW: usize = 10_000;

/// Files of those that differ in bytes alone.
const SIZED: usize = 2_000;

/// A repository that can be made by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// Debian's packages of the sources of Linux, a commit for each.
    Linux(&'static str, &'static [&'static str]),
    /// The upstream part of a source package of Debian.
    Upstream(&'static str, &'static str),
    /// A commit without history, of so many files as [`Shape::files`] is given.
    Shape(&'static str, Shape, usize),
    /// [`Shape::Deltas`] of so many files, in chains as long as Git makes them.
    DeepDeltas(&'static str, usize),
    /// The tree of `many-10k`, with so many commits in front.
    History(&'static str, usize),
    /// 2,000 texts of so many KiB each.
    Sized(&'static str, usize),
}

impl Corpus {
    /// All of them.
    pub const ALL: [Corpus; 24] = [
        Corpus::Linux("linux", &["linux-source-6.12"]),
        Corpus::Linux("linux-history", &["linux-source-6.1", "linux-source-6.12"]),
        Corpus::Upstream("openjdk", "openjdk-17"),
        Corpus::Upstream("firefox", "firefox-esr"),
        Corpus::Shape("many-1k", Shape::ManyTiny, 1_000),
        Corpus::Shape("many-10k", Shape::ManyTiny, FEW),
        Corpus::History("history-1k", 1_000),
        Corpus::History("history-10k", 10_000),
        Corpus::History("history-100k", 100_000),
        Corpus::Shape("many-100k", Shape::ManyTiny, 100_000),
        Corpus::Shape("many-1m", Shape::ManyTiny, 1_000_000),
        Corpus::Sized("bytes-16m", 8),
        Corpus::Sized("bytes-64m", 32),
        Corpus::Sized("bytes-256m", 128),
        Corpus::Sized("bytes-1g", 512),
        Corpus::Shape("one-huge", Shape::OneHuge, 1 << 10),
        Corpus::Shape("one-4g", Shape::OneHuge, 4 << 10),
        Corpus::Shape("wide", Shape::Wide, 100_000),
        Corpus::Shape("deep", Shape::Deep, 10_000),
        Corpus::Shape("duplicates", Shape::Duplicates, 100_000),
        Corpus::Shape("binary", Shape::Binary, 5_000),
        Corpus::Shape("encodings", Shape::Encodings, 20_000),
        Corpus::Shape("deltas", Shape::Deltas, 5_000),
        Corpus::DeepDeltas("deltas-deep", 5_000),
    ];

    /// The name by which it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Corpus::Linux(name, _)
            | Corpus::Upstream(name, _)
            | Corpus::Shape(name, _, _)
            | Corpus::DeepDeltas(name, _)
            | Corpus::History(name, _)
            | Corpus::Sized(name, _) => name,
        }
    }

    /// The commits of those that differ in commits alone.
    pub fn commits(self) -> Option<usize> {
        match self {
            Corpus::History(_, commits) => Some(commits + 1),
            Corpus::Shape(_, Shape::ManyTiny, FEW) => Some(1),
            _ => None,
        }
    }

    /// The corpus called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|corpus| corpus.name() == name)
    }

    /// Makes it in `cache`, unless it is there. Returns where it is.
    ///
    /// # Errors
    ///
    /// If a program that is needed is missing or fails, or the disk is full. Nothing half made is
    /// taken for whole later.
    pub fn make(self, cache: &Path) -> Result<PathBuf> {
        let path = cache.join(self.name());
        if path.exists() {
            return Ok(path);
        }
        eprintln!("making {} in {}", self.name(), cache.display());
        fs::create_dir_all(cache)?;
        let partial = tempfile::Builder::new()
            .prefix(&format!("{}.partial-", self.name()))
            .tempdir_in(cache)?;
        let repository = partial.path().join("repository");
        match self {
            Corpus::Linux(_, packages) => debian::linux(packages, partial.path(), &repository)?,
            Corpus::Upstream(_, package) => {
                debian::upstream(package, partial.path(), &repository)?;
            }
            Corpus::Shape(_, Shape::OneHuge, size) => {
                make_synthetic(&repository, Deltas::None, |out| import::one_huge(out, size))?;
            }
            Corpus::Shape(_, shape, size) => {
                let deltas = match shape {
                    Shape::Deltas => Deltas::Usual,
                    _ => Deltas::None,
                };
                make_synthetic(&repository, deltas, |out| {
                    import::one_commit(out, shape.files(size))
                })?;
            }
            Corpus::DeepDeltas(_, size) => make_synthetic(&repository, Deltas::Chain, |out| {
                import::one_commit(out, Shape::Deltas.files(size))
            })?,
            Corpus::History(_, commits) => make_synthetic(&repository, Deltas::None, |out| {
                import::with_history(out, || Shape::ManyTiny.files(FEW), commits)
            })?,
            Corpus::Sized(_, kibibytes) => make_synthetic(&repository, Deltas::None, |out| {
                import::one_commit(out, shapes::texts(SIZED, kibibytes << 10))
            })?,
        }
        fs::rename(&repository, &path)?;
        Ok(path)
    }
}

/// Which deltas Git makes.
#[derive(Clone, Copy, PartialEq)]
enum Deltas {
    None,
    /// As Git does by itself: from the best of ten, in chains of up to fifty.
    Usual,
    /// Each from the one before, in the longest chains that Git makes.
    Chain,
}

/// Makes a bare repository of what `write` tells `git fast-import`. With deltas, what is in the pack depends on which files lie beside each other.
fn make_synthetic(
    path: &Path,
    deltas: Deltas,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    git::output(
        git::git()
            .args(["init", "-q", "--bare", "-b", "main"])
            .arg(path),
    )?;
    let (window, depth) = match deltas {
        Deltas::None => (0, 0),
        Deltas::Usual => (10, 50),
        Deltas::Chain => (0, 4_095),
    };
    import::run(path, if window == 0 { depth } else { 0 }, write)?;
    let mut repack = git::git_in(path);
    repack.args([
        "-c",
        // With more threads the deltas differ from run to run.
        "pack.threads=1",
        "repack",
        "-a",
        "-d",
        "-q",
        &format!("--window={window}"),
        &format!("--depth={depth}"),
    ]);
    // Without it Git takes what fast-import did not make a delta of for something that cannot be one.
    repack.args((deltas == Deltas::Usual).then_some("-f"));
    git::output(&mut repack)?;
    Ok(())
}

/// The cache: `$GITLADE_BENCH_CACHE`, or `gitlade-bench` in the user's cache folder. It is made if
/// need be.
///
/// # Errors
///
/// If neither is known, or it cannot be made.
pub fn cache() -> Result<PathBuf> {
    let path = match std::env::var_os("GITLADE_BENCH_CACHE") {
        Some(path) => PathBuf::from(path),
        None => {
            let home = std::env::var_os("HOME");
            let home = home.ok_or("neither GITLADE_BENCH_CACHE nor HOME is set")?;
            PathBuf::from(home).join(".cache").join("gitlade-bench")
        }
    };
    fs::create_dir_all(&path)
        .map_err(|error| format!("cannot make {}: {error}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree_of(path: &Path) -> String {
        git::line(git::git_in(path).args(["rev-parse", "HEAD^{tree}"])).unwrap()
    }

    #[test]
    fn a_shape_becomes_a_packed_commit() {
        let cache = tempfile::tempdir().unwrap();
        let corpus = Corpus::Shape("few", Shape::Duplicates, 1_000);
        let path = corpus.make(cache.path()).unwrap();
        git::output(git::git_in(&path).args(["fsck", "--strict"])).unwrap();
        let listed = git::output(git::git_in(&path).args(["ls-tree", "-r", "HEAD"])).unwrap();
        assert_eq!(listed.split(|&byte| byte == b'\n').count() - 1, 1_000);
        let loose = git::line(git::git_in(&path).arg("count-objects")).unwrap();
        assert_eq!(loose, "0 objects, 0 kilobytes");
        let show = ["cat-file", "blob", "HEAD:00/03/07.c"];
        let content = git::output(git::git_in(&path).args(show)).unwrap();
        assert_eq!(content, Shape::Duplicates.files(1_000).nth(307).unwrap().1);
        assert_eq!(corpus.make(cache.path()).unwrap(), path);
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1);
    }

    #[test]
    fn chains_of_deltas_are_deep() {
        let cache = tempfile::tempdir().unwrap();
        let path = Corpus::DeepDeltas("few", 120).make(cache.path()).unwrap();
        let packs = fs::read_dir(path.join("objects/pack")).unwrap().flatten();
        let mut packs = packs.map(|file| file.path());
        let index = packs.find(|path| path.extension().is_some_and(|end| end == "idx"));
        let verify = ["verify-pack", "-s"];
        let chains = git::line(git::git_in(&path).args(verify).arg(index.unwrap())).unwrap();
        let lengths = chains
            .lines()
            .filter_map(|line| line.strip_prefix("chain length = "));
        let lengths = lengths.filter_map(|line| line.split(':').next()?.parse::<u32>().ok());
        assert!(lengths.max() > Some(60), "{chains}");
    }

    #[test]
    fn a_huge_file_comes_in_pieces() {
        let cache = tempfile::tempdir().unwrap();
        let corpus = Corpus::Shape("few", Shape::OneHuge, 3);
        let path = corpus.make(cache.path()).unwrap();
        let show = ["cat-file", "blob", "HEAD:huge.txt"];
        let content = git::output(git::git_in(&path).args(show)).unwrap();
        assert_eq!(content, Shape::OneHuge.files(3).next().unwrap().1);
    }

    #[test]
    fn history_ends_in_the_same_tree() {
        let folder = tempfile::tempdir().unwrap();
        let [plain, long] = ["plain", "long"].map(|name| folder.path().join(name));
        let files = || Shape::ManyTiny.files(20);
        make_synthetic(&plain, Deltas::None, |out| import::one_commit(out, files())).unwrap();
        make_synthetic(&long, Deltas::None, |out| {
            import::with_history(out, files, 50)
        })
        .unwrap();
        assert_eq!(tree_of(&long), tree_of(&plain));
        let count = ["rev-list", "--count", "HEAD"];
        assert_eq!(git::line(git::git_in(&long).args(count)).unwrap(), "51");
        let changed = ["diff", "--name-only", "HEAD~20", "HEAD~21"];
        let changed = git::line(git::git_in(&long).args(changed)).unwrap();
        assert_eq!(changed.lines().count(), 2);
    }

    #[test]
    fn names_are_unique() {
        for corpus in Corpus::ALL {
            assert_eq!(Corpus::named(corpus.name()), Some(corpus));
        }
        assert_eq!(Corpus::named("nothing"), None);
    }
}
