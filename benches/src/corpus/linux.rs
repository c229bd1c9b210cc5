//! The sources of Linux as Debian packs them.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::git::{self, Result};

const PACKAGE: &str = "linux-source-6.12";

/// Downloads, unpacks, commits and packs the sources; `work` is for what is in between.
pub(super) fn make(work: &Path, repository: &Path) -> Result<()> {
    git::output(
        Command::new("apt-get")
            .args(["download", PACKAGE])
            .current_dir(work),
    )
    .map_err(|error| {
        format!("{error}\nThis corpus is made on Debian 12 or later, after apt-get update.")
    })?;
    let package = fs::read_dir(work)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or("apt-get downloaded no package")?;
    let unpacked = work.join("package");
    git::output(
        Command::new("dpkg-deb")
            .arg("-x")
            .args([&package, &unpacked]),
    )?;
    fs::create_dir(repository)?;
    git::output(
        Command::new("tar")
            .args(["--strip-components=1", "-xf"])
            .arg(unpacked.join("usr/src").join(format!("{PACKAGE}.tar.xz")))
            .arg("-C")
            .arg(repository),
    )?;
    let git_here = || git::git_in(repository);
    git::output(git_here().args(["init", "-q", "-b", "main"]))?;
    git::output(git_here().args(["config", "gc.auto", "0"]))?;
    // With what .gitignore names: everything in the package belongs to the corpus.
    git::output(git_here().args(["add", "-A", "-f"]))?;
    let version = package.file_name().unwrap_or_default().to_string_lossy();
    git::output(git_here().args(["commit", "-q", "-m", &version]))?;
    git::output(git_here().args(["repack", "-a", "-d", "-q"]))?;
    git::output(git_here().args(["prune-packed", "-q"]))?;
    Ok(())
}
