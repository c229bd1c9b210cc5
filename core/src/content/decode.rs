//! Text out of bytes, in one go.

use std::borrow::Cow;

use super::facts::{Bom, Encoding};
use crate::error::{ErrorKind, StageError};

/// Content is not valid in the encoding it was to be decoded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the content is not valid {encoding}")]
pub(crate) struct DecodeError {
    pub(crate) encoding: Encoding,
}

impl StageError for DecodeError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::NotText
    }
}

/// Decodes the whole of `content`, without its byte order mark `bom`, if it has one.
///
/// Nothing is copied if the content is UTF-8.
///
/// # Errors
///
/// If any of it is malformed.
pub(crate) fn decode(
    content: &[u8],
    encoding: Encoding,
    bom: Option<Bom>,
) -> Result<Cow<'_, str>, DecodeError> {
    let error = DecodeError { encoding };
    let content = without_mark(content, bom);
    match encoding.whatwg() {
        Some(encoding) => encoding
            .decode_without_bom_handling_and_without_replacement(content)
            .ok_or(error),
        None => {
            let mut text = String::with_capacity(content.len() / 4);
            for character in utf_32(content, encoding) {
                text.push(character.ok_or(error)?);
            }
            Ok(Cow::Owned(text))
        }
    }
}

fn without_mark(content: &[u8], bom: Option<Bom>) -> &[u8] {
    match bom {
        Some(bom) if Bom::of(content) == Some(bom) => &content[bom.length()..],
        _ => content,
    }
}

/// The characters of UTF-32; `None` for each unit that is none, and for a cut one at the end.
pub(super) fn utf_32(
    content: &[u8],
    encoding: Encoding,
) -> impl Iterator<Item = Option<char>> + '_ {
    let mut units = content.chunks(4);
    std::iter::from_fn(move || {
        let unit: Option<[u8; 4]> = units.next()?.try_into().ok();
        let value = unit.map(|unit| match encoding == Encoding::UTF_32BE {
            true => u32::from_be_bytes(unit),
            false => u32::from_le_bytes(unit),
        });
        Some(value.and_then(char::from_u32))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_is_borrowed() {
        let text = decode(b"\xef\xbb\xbfa", Encoding::UTF_8, Some(Bom::Utf8)).unwrap();
        assert!(matches!(text, Cow::Borrowed("a")));
    }

    #[test]
    fn a_mark_that_was_not_reported_stays() {
        let text = decode(b"\xef\xbb\xbfa", Encoding::UTF_8, None).unwrap();
        assert_eq!(text, "\u{feff}a");
    }

    #[test]
    fn malformed_content_is_an_error() {
        for (content, encoding) in [
            (&b"a\xff"[..], Encoding::UTF_8),
            (b"a\0\0\xd8", Encoding::UTF_16LE),
            (b"a\0\0\0\0\xd8\0\0", Encoding::UTF_32LE),
            (b"a\0\0\0b", Encoding::UTF_32LE),
        ] {
            assert_eq!(
                decode(content, encoding, None),
                Err(DecodeError { encoding })
            );
        }
        assert_eq!(
            decode(b"\x80", Encoding::WINDOWS_1252, None),
            Ok("€".into())
        );
    }
}
