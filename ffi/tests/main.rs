//! The C ABI, held against its header, its contract and the Rust result.
mod header;
