//! What a blob's bytes say: digest, text or binary, encoding, line endings.

mod facts;

pub use facts::{Basis, Bom, Encoding, Eol, LfsPointer};
pub(crate) use facts::{BlobFacts, Traits};
mod examiner;
pub(crate) use examiner::*;
