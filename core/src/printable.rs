//! Bytes from a repository or a server, made fit to be shown.

use std::fmt;

/// Shows bytes without control characters and without loss.
///
/// Valid UTF-8 stands as it is, except that control characters, the bidirectional overrides of
/// Unicode and the backslash are escaped; bytes that are not UTF-8 appear as `\xNN`. Terminal
/// escapes in a file name therefore never reach a terminal through an error or a summary.
///
/// ```
/// assert_eq!(gitlade::Printable(b"a\x1b[31m\xff").to_string(), r"a\u{1b}[31m\xff");
/// ```
#[derive(Clone, Copy)]
pub struct Printable<'a>(pub &'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\\' => f.write_str("\\\\")?,
                    c if must_escape(c) => write!(f, "{}", c.escape_unicode())?,
                    c => fmt::Write::write_char(f, c)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Controls, line and paragraph separators, and the marks that reorder text on a screen.
fn must_escape(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
