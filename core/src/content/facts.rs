//! The facts of a blob, and the words they are told in.

use serde::{Deserialize, Serialize};

use crate::id::ContentHash;

/// What one blob's bytes say, whatever path names it.
///
/// Attributes of a path may overrule the verdict; that happens per entry, never here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlobFacts {
    pub(crate) digest: ContentHash,
    pub(crate) size: u64,
    pub(crate) traits: Traits,
    /// Set if the bytes have the form of a Git LFS pointer.
    pub(crate) lfs: Option<Box<LfsPointer>>,
}

/// The part of the facts that is small and copied into the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traits {
    /// Lines, counted as `git diff --numstat` does: a last line without an end counts too. Counted
    /// in the decoded text; 0 if binary.
    pub(crate) lines: u64,
    /// `Some` if the bytes are text by themselves.
    pub(crate) encoding: Option<Encoding>,
    pub(crate) basis: Basis,
    pub(crate) bom: Option<Bom>,
    pub(crate) eol: Eol,
    /// Git's rule: a NUL in the first 8,000 bytes.
    pub(crate) nul_early: bool,
    /// Index into the table of known MIME types; `None` if unknown.
    pub(crate) mime: Option<Mime>,
}

/// The encoding of a text, by its name in the WHATWG Encoding Standard in lower case, and UTF-32
/// on top of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Encoding(pub(crate) u8);

/// A MIME type of the table in [`mime`](crate::content).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mime(pub(crate) u16);

/// How a verdict on text or binary was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Basis {
    /// The file is empty, which counts as text.
    Empty,
    /// `.gitattributes` of the imported tree say so.
    Attributes,
    /// It begins with a byte order mark, and decodes.
    Bom,
    /// All of it is valid UTF-8, without control characters that no text has.
    Utf8,
    /// It is not UTF-8; the encoding was guessed from the frequency of bytes, and decodes.
    Guess,
    /// There is a NUL in its first 8,000 bytes, which is Git's rule for binary.
    Nul,
    /// There are control characters, or NULs later on, that no text has.
    Control,
    /// It is not valid in the encoding that its byte order mark claims, or, without one, in any that
    /// was guessed.
    Malformed,
}

/// A byte order mark at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Bom {
    /// `EF BB BF`.
    Utf8,
    /// `FF FE`.
    Utf16Le,
    /// `FE FF`.
    Utf16Be,
    /// `FF FE 00 00`.
    Utf32Le,
    /// `00 00 FE FF`.
    Utf32Be,
}

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Eol {
    /// There is no line end in it.
    None,
    /// All with LF, as on Unix.
    Lf,
    /// All with CR LF, as on Windows.
    Crlf,
    /// All with CR alone, as on old Macintoshes.
    Cr,
    /// With more than one of these.
    Mixed,
}

/// A Git LFS pointer: the stand-in for a file that is kept on another server.
///
/// See the [specification](https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LfsPointer {
    /// SHA-256 of the real file.
    pub oid: LfsId,
    /// Bytes of the real file.
    pub size: u64,
}

/// The SHA-256 by which Git LFS names a file; lowercase hex as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LfsId(pub [u8; 32]);
