//! What a blob's bytes say: digest, text or binary, encoding, line endings.
//!
//! Git's rule comes first, because users compare with Git: a NUL in the first 8,000 bytes means
//! binary. On top of it:
//!
//! 1. Empty content is text.
//! 2. A byte order mark of UTF-16 or UTF-32 decides, before Git's rule, and one of UTF-8 after it:
//!    text if all of the content decodes, else binary.
//! 3. Control characters that no text has (see `scan`) mean binary, wherever they are.
//! 4. Content that is valid UTF-8 as a whole is UTF-8.
//! 5. What is left is text if the encoding that is guessed decodes the whole of it, without
//!    malformed sequences and without C1 control characters; else binary (see `guess`).
//!
//! UTF-16 without a mark is full of NULs, and so binary, as for Git. Attributes of a path overrule
//! all this, see `verdict`.

mod classify;
mod condense;
mod decode;
mod encoding;
mod examine;
mod facts;
mod forced;
mod guess;
mod lfs;
mod mime;
mod reader;
mod scan;
#[cfg(test)]
mod tests;
mod utf8;
mod verdict;
mod wide;

pub use facts::{Basis, Bom, Encoding, Eol, LfsId, LfsPointer};
pub use verdict::Content;

/// The version of the rules by which contents are text or binary. It is raised whenever any content
/// may get another verdict, so that nobody believes what was said by older rules.
pub(crate) const RULES_VERSION: u32 = 1;

pub(crate) use decode::decode;
pub(crate) use examine::{Examiner, examine};
pub(crate) use facts::{BlobFacts, Mime, Traits};
pub(crate) use forced::{ForcedExaminer, guess};
pub(crate) use reader::TextReader;
pub(crate) use verdict::{is_binary_to_git, needs_guess, verdict};
