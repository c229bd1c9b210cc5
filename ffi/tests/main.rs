//! The C ABI, held against its header, its contract and what Rust says.
//!
//! The library is built and installed once, by the script that users call, and the programs in C and
//! C++ are compiled against that.

mod behaviour;
mod engine;
mod header;
mod installed;
mod memory;
mod misuse;
mod packages;
mod prototypes;
mod same;
