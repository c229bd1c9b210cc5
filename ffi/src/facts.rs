//! What the bytes of a file say.

use gitlade::{Basis, Bom, Content, Eol};

use crate::text::gitlade_str;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_content {
    /// It is no file, or was not read.
    None = 0,
    /// Text that can be decoded as a whole.
    Text = 1,
    /// Anything else.
    Binary = 2,
}

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_eol {
    /// There is no line end in it, or it is no text.
    None = 0,
    /// All with LF, as on Unix.
    Lf = 1,
    /// All with CR LF, as on Windows.
    Crlf = 2,
    /// All with CR alone, as on old Macintoshes.
    Cr = 3,
    /// With more than one of these.
    Mixed = 4,
}

/// The byte order mark at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_bom {
    /// None.
    None = 0,
    /// `EF BB BF`.
    Utf8 = 1,
    /// `FF FE`.
    Utf16le = 2,
    /// `FE FF`.
    Utf16be = 3,
    /// `FF FE 00 00`.
    Utf32le = 4,
    /// `00 00 FE FF`.
    Utf32be = 5,
}

/// How a verdict on text or binary was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_basis {
    /// There is no verdict.
    None = 0,
    /// The file is empty, which counts as text.
    Empty = 1,
    /// `.gitattributes` of the imported tree say so.
    Attributes = 2,
    /// It begins with a byte order mark, and decodes.
    Bom = 3,
    /// All of it is valid UTF-8, without control characters that no text has.
    Utf8 = 4,
    /// It is not UTF-8; the encoding was guessed from the frequency of bytes, and decodes.
    Guess = 5,
    /// There is a NUL in its first 8,000 bytes, which is Git's rule for binary.
    Nul = 6,
    /// There are control characters, or NULs later on, that no text has.
    Control = 7,
    /// It is not valid in the encoding that its byte order mark claims, or in any that was guessed.
    Malformed = 8,
}

/// What the bytes of a file say.
pub(crate) struct Facts {
    pub(crate) content: gitlade_content,
    pub(crate) encoding: gitlade_str,
    pub(crate) mime: gitlade_str,
    pub(crate) lines: u64,
    pub(crate) eol: gitlade_eol,
    pub(crate) bom: gitlade_bom,
    pub(crate) basis: gitlade_basis,
}

impl Facts {
    pub(crate) fn of(content: &Content) -> Self {
        match *content {
            Content::Text {
                encoding,
                bom,
                eol,
                lines,
                basis,
            } => Facts {
                content: gitlade_content::Text,
                encoding: gitlade_str::of(encoding.name().as_bytes()),
                mime: gitlade_str::NONE,
                lines,
                eol: of_eol(eol),
                bom: of_bom(bom),
                basis: of_basis(basis),
            },
            Content::Binary { mime, basis } => Facts {
                content: gitlade_content::Binary,
                encoding: gitlade_str::NONE,
                mime: gitlade_str::of_option(mime),
                lines: 0,
                eol: gitlade_eol::None,
                bom: gitlade_bom::None,
                basis: of_basis(basis),
            },
            // The engine's enum may grow; what is not known here is not told.
            _ => Facts {
                content: gitlade_content::None,
                encoding: gitlade_str::NONE,
                mime: gitlade_str::NONE,
                lines: 0,
                eol: gitlade_eol::None,
                bom: gitlade_bom::None,
                basis: gitlade_basis::None,
            },
        }
    }
}

fn of_eol(eol: Eol) -> gitlade_eol {
    match eol {
        Eol::Lf => gitlade_eol::Lf,
        Eol::Crlf => gitlade_eol::Crlf,
        Eol::Cr => gitlade_eol::Cr,
        Eol::Mixed => gitlade_eol::Mixed,
        _ => gitlade_eol::None,
    }
}

fn of_bom(bom: Option<Bom>) -> gitlade_bom {
    match bom {
        Some(Bom::Utf8) => gitlade_bom::Utf8,
        Some(Bom::Utf16Le) => gitlade_bom::Utf16le,
        Some(Bom::Utf16Be) => gitlade_bom::Utf16be,
        Some(Bom::Utf32Le) => gitlade_bom::Utf32le,
        Some(Bom::Utf32Be) => gitlade_bom::Utf32be,
        _ => gitlade_bom::None,
    }
}

fn of_basis(basis: Basis) -> gitlade_basis {
    match basis {
        Basis::Empty => gitlade_basis::Empty,
        Basis::Attributes => gitlade_basis::Attributes,
        Basis::Bom => gitlade_basis::Bom,
        Basis::Utf8 => gitlade_basis::Utf8,
        Basis::Guess => gitlade_basis::Guess,
        Basis::Nul => gitlade_basis::Nul,
        Basis::Control => gitlade_basis::Control,
        Basis::Malformed => gitlade_basis::Malformed,
        _ => gitlade_basis::None,
    }
}
