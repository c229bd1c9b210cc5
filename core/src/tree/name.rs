//! What a name holds, told from one pass over its bytes.

use crate::manifest::Flags;

/// Classes of bytes that a name holds at least one of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classes(u8);

impl Classes {
    pub(crate) const UPPER: Classes = Classes(1);
    /// Not ASCII.
    pub(crate) const HIGH: Classes = Classes(2);
    const CONTROL: Classes = Classes(4);
    /// Forbidden by Windows, apart from those that have a class of their own.
    const FORBIDDEN: Classes = Classes(8);
    pub(crate) const BACKSLASH: Classes = Classes(16);
    pub(crate) const SLASH: Classes = Classes(32);
    pub(crate) const TILDE: Classes = Classes(64);
    const DELETE: Classes = Classes(128);

    pub(crate) fn of(name: &[u8]) -> Self {
        let classes = name
            .iter()
            .fold(0, |classes, &byte| classes | TABLE[usize::from(byte)]);
        Classes(classes)
    }

    /// Whether one of the classes of `other` is here.
    pub(crate) fn has(self, other: Classes) -> bool {
        self.0 & other.0 != 0
    }
}

const TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' => Classes::UPPER.0,
            0x80.. => Classes::HIGH.0,
            0..0x20 => Classes::CONTROL.0,
            0x7f => Classes::DELETE.0,
            b'<' | b'>' | b':' | b'"' | b'|' | b'?' | b'*' => Classes::FORBIDDEN.0,
            b'\\' => Classes::BACKSLASH.0,
            b'/' => Classes::SLASH.0,
            b'~' => Classes::TILDE.0,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Common file systems (ext4, XFS, APFS, NTFS) take names of 255 units at most.
const LONGEST_NAME: usize = 255;

/// What is odd about a name by itself, apart from the aliases of Git's own files.
pub(crate) fn oddities(name: &[u8], classes: Classes) -> Flags {
    let mut flags = Flags::NONE;
    if classes.has(Classes::CONTROL) {
        flags |= Flags::CONTROL_CHARACTERS | Flags::WINDOWS_INVALID;
    }
    if classes.has(Classes::DELETE) {
        flags |= Flags::CONTROL_CHARACTERS;
    }
    if classes.has(Classes::FORBIDDEN)
        || classes.has(Classes::BACKSLASH)
        || matches!(name.last(), Some(b'.' | b' '))
    {
        flags |= Flags::WINDOWS_INVALID;
    }
    if is_windows_device(name) {
        flags |= Flags::WINDOWS_RESERVED;
    }
    if name.len() > LONGEST_NAME {
        flags |= Flags::LONG_NAME;
    }
    if classes.has(Classes::HIGH) {
        flags |= unicode_oddities(name);
    }
    flags
}

fn unicode_oddities(name: &[u8]) -> Flags {
    let mut flags = Flags::NONE;
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            if matches!(c, '\u{80}'..='\u{9f}') {
                flags |= Flags::CONTROL_CHARACTERS;
            } else if is_invisible(c) {
                flags |= Flags::INVISIBLE_CHARACTERS;
            }
        }
        if !chunk.invalid().is_empty() {
            flags |= Flags::NOT_UTF8;
        }
    }
    flags
}

/// Default-ignorable and format characters that show nothing or reorder what stands around them
/// (Unicode Standard Annex 9 and Technical Report 36), and the separators of lines and paragraphs.
///
/// Variation selectors are not among them, since emoji have those.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether Windows takes the name for a device, whatever extension or stream follows.
///
/// The list is that of Microsoft's "Naming Files, Paths, and Namespaces", with the consoles that
/// Git refuses as well.
fn is_windows_device(name: &[u8]) -> bool {
    if !matches!(
        name.first(),
        Some(b'A' | b'C' | b'L' | b'N' | b'P' | b'a' | b'c' | b'l' | b'n' | b'p')
    ) {
        return false;
    }
    let end = name.iter().position(|byte| matches!(byte, b'.' | b':'));
    let stem = name[..end.unwrap_or(name.len())].trim_ascii_end();
    if [&b"AUX"[..], b"CON", b"NUL", b"PRN", b"CONIN$", b"CONOUT$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
    {
        return true;
    }
    let Some((port, number)) = stem.split_at_checked(3) else {
        return false;
    };
    (port.eq_ignore_ascii_case(b"COM") || port.eq_ignore_ascii_case(b"LPT"))
        // The superscripts 1 to 3 count as digits.
        && matches!(number, [b'0'..=b'9'] | [0xc2, 0xb9 | 0xb2 | 0xb3])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(name: &[u8]) -> Vec<&'static str> {
        oddities(name, Classes::of(name)).names().collect()
    }

    #[test]
    fn plain_names_have_no_marks() {
        for name in [
            "a",
            "Makefile",
            ".gitignore",
            "a b",
            "con1",
            "console.c",
            "com10",
            "aux-1",
            "nulls",
            "lpt",
            "prn_",
            "ünï",
            "日本語",
            "e\u{301}",
            "x~1",
            "❤\u{fe0f}",
        ] {
            assert_eq!(flags(name.as_bytes()), [""; 0], "{name}");
        }
        assert_eq!(flags(&[b'x'; 255]), [""; 0]);
    }

    #[test]
    fn windows_devices_with_any_tail() {
        for name in [
            "aux",
            "CON",
            "con.txt",
            "Nul.tar.gz",
            "prn  ",
            "COM1",
            "com0",
            "lpt9.x",
            "COM¹",
            "lpt³.c",
            "CONIN$",
            "conout$.x",
            "nul:",
            "con .c",
        ] {
            assert!(
                flags(name.as_bytes()).contains(&"windows_reserved"),
                "{name}"
            );
        }
    }

    #[test]
    fn names_that_windows_forbids() {
        for name in [
            "a<b", "a>", "c:", "\"", "a|b", "why?", "*", "a\\b", "dot.", "space ", "\t",
        ] {
            assert!(
                flags(name.as_bytes()).contains(&"windows_invalid"),
                "{name}"
            );
        }
    }

    #[test]
    fn characters_that_do_not_show() {
        assert_eq!(flags(b"\x7f"), ["control_characters"]);
        assert_eq!(flags(b"a\x1b"), ["control_characters", "windows_invalid"]);
        assert_eq!(flags("\u{85}".as_bytes()), ["control_characters"]);
        assert_eq!(flags("a\u{202e}b".as_bytes()), ["invisible_characters"]);
        assert_eq!(flags("\u{200b}".as_bytes()), ["invisible_characters"]);
        assert_eq!(flags(b"caf\xe9"), ["not_utf8"]);
        assert_eq!(flags(&[b'x'; 256]), ["long_name"]);
    }
}
