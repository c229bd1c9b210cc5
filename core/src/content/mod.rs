//! What a blob's bytes say: digest, text or binary, encoding, line endings.

mod facts;
mod standin;

pub use facts::{Basis, Bom, Encoding, Eol, LfsId, LfsPointer};
pub(crate) use facts::{BlobFacts, Mime, Traits};
pub use standin::Content;
