//! The fuzz targets of gitlade: what has to hold for any input.
//!
//! A target is a function over bytes that panics if a promise is broken. `fuzz/run` feeds them with
//! libFuzzer; the tests of this package replay seeds and regressions without it, and compare with
//! the second opinions that are programs.

mod delta;
mod inflate;

pub use delta::delta;
pub use inflate::inflate;

pub use gitlade::internals::probe::{
    PackObjects, attributes, content, manifest, patterns, peel, source, submodules, wire,
};

/// A pack as it arrives.
pub fn pack(input: &[u8]) {
    gitlade::internals::probe::pack(input);
}

/// Folders that point to each other.
pub fn trees(input: &[u8]) {
    gitlade::internals::probe::trees(input);
}

/// A function over bytes that panics if a promise is broken.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("attributes", attributes),
    ("content", content),
    ("delta", delta),
    ("inflate", inflate),
    ("manifest", manifest),
    ("pack", pack),
    ("patterns", patterns),
    ("peel", peel),
    ("source", source),
    ("submodules", submodules),
    ("trees", trees),
    ("wire", wire),
];
