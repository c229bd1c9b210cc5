//! What is shown holds nothing that a terminal or a log acts on (P12).

use gitlade::{Error, Printable};
use proptest::prelude::*;

/// Whether a character does something other than to be seen: Unicode's categories Cc, Zl and Zp, and
/// its bidirectional controls (UAX #9, section 2), and the byte order mark.
pub(crate) fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Everything that an error shows, its causes included.
pub(crate) fn everything_shown(error: &Error) -> String {
    let mut text = format!("{error}\n");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!("{error}\n");
        cause = error.source();
    }
    text += error.advice().as_deref().unwrap_or_default();
    text += "\n";
    text += error.url().unwrap_or_default();
    text
}

/// Fails if anything of the error acts on a terminal.
pub(crate) fn assert_harmless(error: &Error, what: &str) {
    for line in everything_shown(error).split('\n') {
        assert!(!line.chars().any(acts), "{what}: {line:?}");
    }
    // For the eyes of programmers, in several lines.
    let debug = format!("{error:?}").replace('\n', " ");
    assert!(!debug.chars().any(acts), "{what}: {debug:?}");
}

/// Reads what [`Printable`] wrote back; its escapes are those of its documentation.
fn read_back(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[c.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix("\\\\") {
            out.push(b'\\');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("\\x") {
            out.push(u8::from_str_radix(&after[..2], 16).expect("because two digits follow"));
            rest = &after[2..];
        } else {
            let after = rest
                .strip_prefix("\\u{")
                .expect("because there is no other escape");
            let (digits, after) = after.split_once('}').expect("because it is closed");
            let code = u32::from_str_radix(digits, 16)
                .ok()
                .and_then(char::from_u32);
            let c = code.expect("because it is a character");
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after;
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn any_bytes_are_shown_harmlessly_and_without_loss(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let text = Printable(&bytes).to_string();
        prop_assert!(!text.chars().any(acts), "{text:?}");
        prop_assert_eq!(read_back(&text), bytes);
    }

    #[test]
    fn any_text_is_shown_harmlessly_and_without_loss(text in "\\PC*|[\\x00-\\u{9f}\\u{2000}-\\u{2070}\\u{feff}\\\\]*") {
        let shown = Printable(text.as_bytes()).to_string();
        prop_assert!(!shown.chars().any(acts), "{shown:?}");
        prop_assert_eq!(read_back(&shown), text.into_bytes());
    }
}
