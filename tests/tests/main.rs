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

/// A file that no module names is never compiled, and its tests never run.
#[test]
fn every_file_is_a_module() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let this = include_str!("main.rs");
    let mut modules = 0;
    for file in std::fs::read_dir(folder).expect("because this file is in it") {
        let path = file.expect("because the folder can be read").path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let name = name.expect("because file names here are ASCII");
        if name != "main" {
            let line = format!("\nmod {name};\n");
            assert!(this.contains(&line), "main.rs lacks the module {name}");
            modules += 1;
        }
    }
    assert!(modules > 10, "{modules}");
}
