//! The real program, on repositories that Git made.

#![allow(
    clippy::disallowed_methods,
    reason = "the search path leads to git and python3"
)]

mod cat;
mod detect;
mod fixture;
mod import;
mod keep;
mod manifest_file;
mod manual;
mod remote;
mod store;
mod terminal;
mod verify;
mod wrong;

/// A file that is not named above would not be compiled, and nobody would miss its tests.
#[test]
fn no_file_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli");
    let main = include_str!("main.rs");
    for file in std::fs::read_dir(folder).expect("the tests are there") {
        let name = file.expect("it can be listed").file_name();
        let name = name.to_string_lossy();
        let stem = name.strip_suffix(".rs").expect("they are Rust");
        assert!(
            stem == "main" || main.contains(&format!("mod {stem};")),
            "{stem}"
        );
    }
}
