//! The facts of a blob, as bytes in the database.

use super::error::StoreError;
use crate::content::{Basis, BlobFacts, Bom, Encoding, Eol, LfsId, LfsPointer, Mime, Traits};
use crate::error::Error;
use crate::id::ContentHash;

/// Bytes of facts without an LFS pointer.
const LENGTH: usize = 58;

/// Bytes of an LFS pointer: its id and size.
const POINTER: usize = 40;

const BASES: [Basis; 8] = [
    Basis::Empty,
    Basis::Attributes,
    Basis::Bom,
    Basis::Utf8,
    Basis::Guess,
    Basis::Nul,
    Basis::Control,
    Basis::Malformed,
];

const BOMS: [Bom; 5] = [
    Bom::Utf8,
    Bom::Utf16Le,
    Bom::Utf16Be,
    Bom::Utf32Le,
    Bom::Utf32Be,
];

const EOLS: [Eol; 5] = [Eol::None, Eol::Lf, Eol::Crlf, Eol::Cr, Eol::Mixed];

/// Stands for what is not there.
const NONE: u8 = u8::MAX;

const NO_MIME: u16 = u16::MAX;

const HAS_TEXT: u8 = 1;
const NUL_EARLY: u8 = 2;

/// Writes facts. `has_text` says whether the text that they speak of is in the database.
///
/// The layout is digest, size, lines (little end first), encoding, basis, mark, line ends, MIME type
/// (two bytes), flags, one byte that is 0, and the LFS pointer if there is one. It belongs to the
/// version of the rules that stands beside it.
pub(super) fn encode(facts: &BlobFacts, has_text: bool) -> Vec<u8> {
    let traits = &facts.traits;
    let mut out = Vec::with_capacity(LENGTH + POINTER);
    out.extend_from_slice(facts.digest.as_bytes());
    out.extend_from_slice(&facts.size.to_le_bytes());
    out.extend_from_slice(&traits.lines.to_le_bytes());
    let number = |position: Option<usize>| position.map_or(NONE, |position| position as u8);
    out.push(traits.encoding.map_or(NONE, |encoding| encoding.0));
    out.push(number(
        BASES.iter().position(|&basis| basis == traits.basis),
    ));
    out.push(number(
        traits
            .bom
            .and_then(|bom| BOMS.iter().position(|&known| known == bom)),
    ));
    out.push(number(EOLS.iter().position(|&eol| eol == traits.eol)));
    let mime = traits.mime.map_or(NO_MIME, |mime| mime.0);
    out.extend_from_slice(&mime.to_le_bytes());
    let mut flags = 0;
    if has_text {
        flags |= HAS_TEXT;
    }
    if traits.nul_early {
        flags |= NUL_EARLY;
    }
    out.extend_from_slice(&[flags, 0, 0, 0]);
    debug_assert_eq!(out.len(), LENGTH, "the layout is fixed");
    if let Some(pointer) = &facts.lfs {
        out.extend_from_slice(&pointer.oid.0);
        out.extend_from_slice(&pointer.size.to_le_bytes());
    }
    out
}

/// Reads facts, and whether their text is in the database.
pub(super) fn decode(bytes: &[u8]) -> Result<(BlobFacts, bool), Error> {
    parse(bytes).ok_or_else(|| StoreError::Nonsense("the facts of a blob").into())
}

fn parse(bytes: &[u8]) -> Option<(BlobFacts, bool)> {
    let (fixed, pointer) = bytes.split_first_chunk::<LENGTH>()?;
    let mut rest = &fixed[..];
    let digest = ContentHash(take(&mut rest)?);
    let size = u64::from_le_bytes(take(&mut rest)?);
    let lines = u64::from_le_bytes(take(&mut rest)?);
    let [encoding, basis, bom, eol] = take(&mut rest)?;
    let mime = u16::from_le_bytes(take(&mut rest)?);
    let [flags, ..] = *rest else {
        return None;
    };
    let encoding = match encoding {
        NONE => None,
        number => Some(Encoding::from_number(number)?),
    };
    let mime = match mime {
        NO_MIME => None,
        number => Some(Mime::from_number(number)?),
    };
    let bom = match bom {
        NONE => None,
        number => Some(*BOMS.get(usize::from(number))?),
    };
    let lfs = match pointer.len() {
        0 => None,
        POINTER => {
            let mut rest = pointer;
            let oid = LfsId(take(&mut rest)?);
            let size = u64::from_le_bytes(take(&mut rest)?);
            Some(Box::new(LfsPointer { oid, size }))
        }
        _ => return None,
    };
    let facts = BlobFacts {
        digest,
        size,
        traits: Traits {
            lines,
            encoding,
            basis: *BASES.get(usize::from(basis))?,
            bom,
            eol: *EOLS.get(usize::from(eol))?,
            nul_early: flags & NUL_EARLY != 0,
            mime,
        },
        lfs,
    };
    Some((facts, flags & HAS_TEXT != 0))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::examine;

    #[test]
    fn facts_come_back_and_nothing_else_does() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\n\
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n\
            size 12345\n";
        let contents: [&[u8]; 7] = [
            b"",
            b"text\r\nmore",
            b"\xff\xfea\0\n\0",
            b"\x89PNG\r\n\x1a\n\0",
            b"caf\xe9 and more of it\n",
            b"\x01\x02",
            pointer,
        ];
        for content in contents {
            let facts = examine(content);
            for has_text in [true, false] {
                let bytes = encode(&facts, has_text);
                assert_eq!(decode(&bytes).unwrap(), (facts.clone(), has_text));
                for cut in 0..bytes.len() {
                    // A pointer may be cut off as a whole.
                    assert_eq!(decode(&bytes[..cut]).is_ok(), cut == LENGTH);
                }
            }
        }
        let mut bytes = encode(&examine(b""), true);
        for position in 48..52 {
            let before = std::mem::replace(&mut bytes[position], 200);
            assert!(decode(&bytes).is_err(), "{position}");
            bytes[position] = before;
        }
    }
}
