//! Writing JSON objects by hand, since a manifest has one for each entry.

use std::convert::Infallible;

use serde::Serialize;

use super::fields::Fields;
use crate::id::push_hex;
use crate::printable::must_escape;

/// Writes the members of one JSON object.
#[derive(Debug)]
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Begins an object; whoever begins it writes the closing brace, too.
    pub(super) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Object { out, empty: true }
    }

    /// Begins a member; its value has to follow.
    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

impl Fields for Object<'_> {
    type Error = Infallible;

    fn string(&mut self, key: &'static str, value: &str) -> Result<(), Infallible> {
        self.key(key);
        self.out.push(b'"');
        push_escaped(self.out, value);
        self.out.push(b'"');
        Ok(())
    }

    fn word(&mut self, key: &'static str, value: &str) -> Result<(), Infallible> {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
        Ok(())
    }

    fn hex(&mut self, key: &'static str, bytes: &[u8]) -> Result<(), Infallible> {
        self.key(key);
        self.out.push(b'"');
        push_hex(self.out, bytes);
        self.out.push(b'"');
        Ok(())
    }

    fn number(&mut self, key: &'static str, value: u64) -> Result<(), Infallible> {
        self.key(key);
        push_decimal(self.out, value);
        Ok(())
    }

    fn value<T: Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Infallible> {
        self.key(key);
        let json =
            serde_json::to_string(value).expect("because writing plain data to memory cannot fail");
        // What serde_json leaves as it is stands within strings, where an escape means the same.
        for piece in json.split_inclusive(must_escape) {
            let end = piece.len() - piece.chars().next_back().map_or(0, char::len_utf8);
            if piece[end..].contains(must_escape) {
                self.out.extend_from_slice(&piece.as_bytes()[..end]);
                push_escaped(self.out, &piece[end..]);
            } else {
                self.out.extend_from_slice(piece.as_bytes());
            }
        }
        Ok(())
    }
}

fn push_decimal(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut rest = value;
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

/// Bytes that stand for themselves in a JSON string whatever follows them. The rest is to be looked
/// at: what JSON wants escaped, and the first bytes of all that [`must_escape`] names.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        plain[byte] = false;
        byte += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain[0x7f] = false;
    plain[0xc2] = false; // U+0080 to U+00BF, C1 among them
    plain[0xd8] = false; // U+061C
    plain[0xe2] = false; // U+2000 to U+2FFF, the separators and the marks of direction among them
    plain[0xef] = false; // U+F000 to U+FFFF, U+FEFF among them
    plain
};

/// Appends the inside of a JSON string.
///
/// Over what JSON demands it escapes all that moves a terminal's cursor or reorders what it shows,
/// so that a manifest may be looked at.
pub(super) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut written = 0;
    let mut at = 0;
    while at < bytes.len() {
        if PLAIN[usize::from(bytes[at])] {
            at += 1;
            continue;
        }
        let c = text[at..]
            .chars()
            .next()
            .expect("because only first bytes of characters are looked at");
        let after = at + c.len_utf8();
        let short = match c {
            '"' => Some(b'"'),
            '\\' => Some(b'\\'),
            '\n' => Some(b'n'),
            '\t' => Some(b't'),
            '\r' => Some(b'r'),
            '\u{8}' => Some(b'b'),
            '\u{c}' => Some(b'f'),
            _ => None,
        };
        if let Some(short) = short {
            out.extend_from_slice(&bytes[written..at]);
            out.extend_from_slice(&[b'\\', short]);
            written = after;
        } else if must_escape(c) {
            out.extend_from_slice(&bytes[written..at]);
            let code = u16::try_from(u32::from(c))
                .expect("because all such characters are in the basic multilingual plane");
            out.extend_from_slice(b"\\u");
            push_hex(out, &code.to_be_bytes());
            written = after;
        }
        at = after;
    }
    out.extend_from_slice(&bytes[written..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rare_values_harm_no_terminal_either() {
        let value = ["a\u{202e}b\u{7f}\u{9b}", "\u{feff}", "", "\"é\u{1}"];
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.value("key", &value).unwrap();
        out.push(b'}');
        let json = String::from_utf8(out).unwrap();
        assert!(!json.contains(must_escape), "{json}");
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back, serde_json::json!({ "key": value }));
    }

    #[test]
    fn every_character_comes_back_and_none_harms_a_terminal() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            let mut out = vec![b'"'];
            push_escaped(&mut out, &text);
            out.push(b'"');
            let json = std::str::from_utf8(&out).unwrap();
            assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
            assert!(!json.chars().any(must_escape), "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "(?s).{0,40}", number: u64) {
            let mut out = Vec::new();
            let mut object = Object::begin(&mut out);
            object.string("text", &text).unwrap();
            object.number("number", number).unwrap();
            out.push(b'}');
            let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(value, serde_json::json!({"text": text, "number": number}));
        }
    }
}
