//! The fuzz targets of gitlade: what has to hold for any input.
//!
//! A target is a function over bytes that panics if a promise is broken. `fuzz/run` feeds them with
//! libFuzzer; the tests of this package replay seeds and regressions without it, and compare with
//! the second opinions that are programs.

mod abi;
mod delta;
mod inflate;
mod repository;
mod store;

use std::cell::RefCell;

pub use abi::abi;
pub use delta::delta;
pub use inflate::inflate;
pub use store::{rows, store};

pub use gitlade::internals::probe::{
    Packs, attributes, content, manifest, patterns, peel, source, submodules, wire,
};

thread_local! {
    static PACKS: RefCell<Packs> = RefCell::new(Packs::new());
}

/// A pack as it arrives.
pub fn pack(input: &[u8]) {
    PACKS.with_borrow_mut(|packs| packs.take(input));
}

/// Folders that point to each other.
pub fn trees(input: &[u8]) {
    gitlade::internals::probe::trees(input);
}

/// A function over bytes that panics if a promise is broken.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("abi", abi),
    ("attributes", attributes),
    ("content", content),
    ("delta", delta),
    ("inflate", inflate),
    ("manifest", manifest),
    ("pack", pack),
    ("patterns", patterns),
    ("peel", peel),
    ("rows", rows),
    ("source", source),
    ("store", store),
    ("submodules", submodules),
    ("trees", trees),
    ("wire", wire),
];
