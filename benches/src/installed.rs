//! Where the programs of peers are: what `benches/peers/install` made, or what is on the path.

use std::path::PathBuf;

use crate::corpus;
use crate::git;

/// What to do where a peer is missing.
pub(crate) const HOW: &str = "benches/peers/install";

/// A Python that has these modules.
pub(crate) fn python(modules: &str) -> Option<PathBuf> {
    find(
        "python/bin/python3",
        "python3",
        &["-c", &format!("import {modules}")],
    )
}

/// `repomix`, a program for Node.js.
pub(crate) fn repomix() -> Option<PathBuf> {
    find("node/node_modules/.bin/repomix", "repomix", &["--version"])
}

/// BLAKE3's own program.
pub(crate) fn b3sum() -> Option<PathBuf> {
    find("bin/b3sum", "b3sum", &["--version"])
}

/// The first of the two that is there and works.
fn find(installed: &str, name: &str, test: &[&str]) -> Option<PathBuf> {
    let installed = corpus::cache().ok()?.join("peers").join(installed);
    [installed, PathBuf::from(name)]
        .into_iter()
        .find(|program| git::works(program, test))
}
