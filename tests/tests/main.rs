//! What gitlade promises, held against the real thing: Git, its servers, the operating system.
//!
//! Each subject is a module. What several of them need stands in [`importing`], [`benign`] and
//! [`child`].

#![allow(
    clippy::print_stdout,
    reason = "counts and what was skipped belong into the log"
)]

mod benign;
mod blob_faults;
mod blobs;
mod child;
mod damaged;
mod depth;
mod detect;
mod detect_hostile;
mod engine;
mod engine_host;
mod host;
mod hostile;
mod importing;
mod limits;
mod ls_remote;
mod memory;
mod misbehaviour;
mod nothing_runs;
mod objects;
mod opening;
mod remote;
mod remote_import;
mod same;
mod secrets;
mod secure;
mod shown;
mod sink;
mod ssh;
mod store;
mod store_faults;
mod store_whole;
mod truth;

use std::path::Path;

/// A file that no module names is never compiled, and its tests never run.
#[test]
fn every_file_is_a_module() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
    let modules = named_modules(folder, include_str!("main.rs"));
    assert!(modules > 10, "{modules}");
}

/// Fails unless `parent` names each module in `folder`, and those below likewise. Says how many.
fn named_modules(folder: &Path, parent: &str) -> usize {
    let mut modules = 0;
    for file in std::fs::read_dir(folder).expect("because it is there") {
        let path = file.expect("because the folder can be read").path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let name = name.expect("because file names here are ASCII");
        if name == "main" || name == "mod" {
            continue;
        }
        let line = format!("\nmod {name};\n");
        assert!(parent.contains(&line), "{} is no module", path.display());
        modules += 1;
        if path.is_dir() {
            let parent = std::fs::read_to_string(path.join("mod.rs"));
            modules += named_modules(&path, &parent.expect("because it is a module"));
        }
    }
    modules
}
