//! Sources as Debian packs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::git::{self, Result};

/// Where sources are listed: the release whose packages the corpora are.
const SOURCES: &str = "deb-src http://deb.debian.org/debian bookworm main\n";

/// Downloads, unpacks, commits and packs the sources of Linux that are in binary packages, a commit
/// for each; `work` is for what is in between.
pub(super) fn linux(packages: &[&str], work: &Path, repository: &Path) -> Result<()> {
    begin(repository)?;
    for package in packages {
        let folder = work.join(package);
        fs::create_dir(&folder)?;
        git::output(
            Command::new("apt-get")
                .args(["download", package])
                .current_dir(&folder),
        )
        .map_err(|error| {
            format!("{error}\nThis corpus is made on Debian 12 or later, after apt-get update.")
        })?;
        let file = fs::read_dir(&folder)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .ok_or("apt-get downloaded no package")?;
        let unpacked = folder.join("package");
        git::output(Command::new("dpkg-deb").arg("-x").args([&file, &unpacked]))?;
        let tar = unpacked.join("usr/src").join(format!("{package}.tar.xz"));
        let version = file.file_name().unwrap_or_default().to_string_lossy();
        commit(repository, &tar, &version)?;
        fs::remove_dir_all(&folder)?;
    }
    end(repository)
}

/// Downloads, unpacks, commits and packs the upstream part of a source package.
pub(super) fn upstream(package: &str, work: &Path, repository: &Path) -> Result<()> {
    let apt = work.join("apt");
    fs::create_dir_all(apt.join("lists/partial"))?;
    fs::write(apt.join("sources.list"), SOURCES)?;
    // Lists of its own: those of the machine seldom have sources, and are nobody's to change.
    let apt_get = || {
        let mut command = Command::new("apt-get");
        let list = apt.join("sources.list");
        for (name, value) in [
            ("Dir::Etc::sourcelist", list.as_path()),
            ("Dir::Etc::sourceparts", Path::new("/dev/null")),
            ("Dir::State::lists", &apt.join("lists")),
        ] {
            command.arg("-o").arg(format!("{name}={}", value.display()));
        }
        command
    };
    git::output(apt_get().args(["-qq", "update"]))
        .map_err(|error| format!("{error}\nThis corpus is made on Debian or what comes of it."))?;
    let uris = git::output(apt_get().args(["-qq", "--print-uris", "source", package]))?;
    let uris = String::from_utf8(uris)?;
    let (uri, name, hash) = uris
        .lines()
        .find_map(parse_uri)
        .ok_or_else(|| format!("{package} has no upstream sources"))?;
    let tar: PathBuf = work.join(name);
    git::output(
        Command::new("/usr/lib/apt/apt-helper")
            .args(["-qq", "download-file", uri])
            .arg(&tar)
            .arg(hash),
    )?;
    begin(repository)?;
    commit(repository, &tar, name)?;
    end(repository)
}

/// The address, name and hash of the archive that has no further name, in a line that `apt-get
/// --print-uris` writes: `'http://…' name size SHA256:…`.
fn parse_uri(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.split(' ');
    let uri = words.next()?.strip_prefix('\'')?.strip_suffix('\'')?;
    let name = words.next()?;
    let hash = words.nth(1)?;
    let (_, end) = name.rsplit_once(".orig.tar.")?;
    ["xz", "gz", "bz2"]
        .contains(&end)
        .then_some((uri, name, hash))
}

fn begin(repository: &Path) -> Result<()> {
    fs::create_dir(repository)?;
    let git_here = || git::git_in(repository);
    git::output(git_here().args(["init", "-q", "-b", "main"]))?;
    git::output(git_here().args(["config", "gc.auto", "0"]))?;
    Ok(())
}

/// Makes a commit of just what the archive has in its folder.
fn commit(repository: &Path, tar: &Path, message: &str) -> Result<()> {
    for entry in fs::read_dir(repository)?.flatten() {
        match entry.file_name() {
            name if name == ".git" => {}
            _ if entry.file_type()?.is_dir() => fs::remove_dir_all(entry.path())?,
            _ => fs::remove_file(entry.path())?,
        }
    }
    git::output(
        Command::new("tar")
            .args(["--strip-components=1", "-xf"])
            .arg(tar)
            .arg("-C")
            .arg(repository),
    )?;
    // With what .gitignore names: everything in the package belongs to the corpus.
    git::output(git::git_in(repository).args(["add", "-A", "-f"]))?;
    git::output(git::git_in(repository).args(["commit", "-q", "-m", message]))?;
    Ok(())
}

fn end(repository: &Path) -> Result<()> {
    git::output(git::git_in(repository).args(["repack", "-a", "-d", "-q"]))?;
    git::output(git::git_in(repository).args(["prune-packed", "-q"]))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upstream_archive_is_found() {
        let lines = "'http://a.invalid/j_17-1.dsc' j_17-1.dsc 4887 SHA256:01\n\
                     'http://a.invalid/j_17.orig-extra.tar.xz' j_17.orig-extra.tar.xz 3 SHA256:02\n\
                     'http://a.invalid/j_17.orig.tar.xz.asc' j_17.orig.tar.xz.asc 3 SHA256:03\n\
                     'http://a.invalid/j_17.orig.tar.xz' j_17.orig.tar.xz 63987308 SHA256:04\n";
        let found: Vec<_> = lines.lines().filter_map(parse_uri).collect();
        let expected = (
            "http://a.invalid/j_17.orig.tar.xz",
            "j_17.orig.tar.xz",
            "SHA256:04",
        );
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_commit_has_what_its_archive_has() {
        let work = tempfile::tempdir().unwrap();
        let repository = work.path().join("repository");
        begin(&repository).unwrap();
        for (number, name) in [(1, "old"), (2, "new")] {
            let folder = work.path().join(name).join("source-1.0/deep");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), name).unwrap();
            fs::write(folder.join("../.gitignore"), "*").unwrap();
            let tar = work.path().join(format!("{number}.tar"));
            git::output(
                Command::new("tar")
                    .arg("-cf")
                    .arg(&tar)
                    .arg("-C")
                    .args([&work.path().join(name), Path::new("source-1.0")]),
            )
            .unwrap();
            commit(&repository, &tar, name).unwrap();
        }
        end(&repository).unwrap();
        let list = |commit: &str| {
            let names = ["ls-tree", "-r", "--name-only", commit];
            git::line(git::git_in(&repository).args(names)).unwrap()
        };
        assert_eq!(list("HEAD"), ".gitignore\ndeep/new");
        assert_eq!(list("HEAD~1"), ".gitignore\ndeep/old");
    }
}
