//! What the benches share.

pub mod replay;
