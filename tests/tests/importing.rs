//! Imports as the tests need them.

use std::path::Path;
use std::time::Duration;

use gitlade::{
    Control, Error, Import, Manifest, Options, Policy, RemoteOptions, Source, Timeouts, import,
    import_path,
};

/// Imports the repository at `path`.
pub(crate) fn local(path: &Path, options: &Options) -> Result<Import, Error> {
    import_path(path, options, &Control::new())
}

/// Imports from `url`, which may be anywhere.
pub(crate) fn remote(url: &str, options: &Options) -> Result<Import, Error> {
    import(&Source::parse(url)?, options, &Control::new())
}

/// Options for a server on loopback.
pub(crate) fn loopback() -> RemoteOptions {
    let timeouts = Timeouts::default().stall(Duration::from_secs(20));
    RemoteOptions::default()
        .policy(Policy::unrestricted())
        .timeouts(timeouts)
        .retries(0)
}

/// Options of an import from a server on loopback.
pub(crate) fn from_loopback() -> Options {
    Options::default().remote(loopback())
}

/// The manifest as text.
pub(crate) fn ndjson(manifest: &Manifest) -> Vec<u8> {
    let mut out = Vec::new();
    manifest
        .write_ndjson(&mut out)
        .expect("because memory takes what is written");
    out
}

/// Everything but the header, which alone says where the import came from.
pub(crate) fn body(manifest: &Manifest) -> Vec<u8> {
    let text = ndjson(manifest);
    let end = text.iter().position(|&byte| byte == b'\n');
    text[end.expect("because the header is a line") + 1..].to_vec()
}

/// A seldom used test requirement that is not met: says so, since a test that does nothing should
/// not look as if it had.
pub(crate) fn skip(test: &str, why: &str) {
    println!("{test} is SKIPPED: {why}");
}

/// Whether a program is installed.
pub(crate) fn is_installed(program: &str) -> bool {
    std::process::Command::new(program)
        .arg("--version")
        .output()
        .is_ok()
}
