//! What a server said, made fit to be shown.

use std::fmt;

use crate::remote::redact::Redactor;

/// Characters of a server's message that are kept.
const MAX_CHARS: usize = 200;
/// Bytes of a server's message that are looked at.
const MAX_BYTES: usize = 4096;
/// Bytes of a page in which its title is looked for.
const MAX_HEAD: usize = 16 << 10;

/// A server's own words: on one line, without control characters, 200 characters at most.
///
/// Its `Display` begins with `: `, so that it can follow a sentence; it is empty if the server said
/// nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct ServerText(String);

impl ServerText {
    /// Cleans `bytes`: white space runs become one space, controls and the marks that reorder text
    /// go away, what is not UTF-8 becomes U+FFFD.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_BYTES)]);
        let mut clean = String::with_capacity(text.len());
        let mut space = false;
        for c in text.chars() {
            if c.is_whitespace() {
                space = !clean.is_empty();
            } else if is_shown(c) {
                if std::mem::take(&mut space) {
                    clean.push(' ');
                }
                clean.push(c);
            }
        }
        ServerText(clean)
    }

    /// Like [`new`](Self::new), for the body of an HTTP answer of `content_type`: of a web page only
    /// the title is kept, and what is not text is left out.
    pub(crate) fn from_body(content_type: &str, body: &[u8]) -> Self {
        let content_type = content_type.to_ascii_lowercase();
        if content_type.contains("html") || looks_like_html(body) {
            return html_title(body).map_or_else(Self::default, Self::new);
        }
        if content_type.starts_with("text/") || content_type.contains("json") {
            return Self::new(body);
        }
        Self::default()
    }

    /// Takes out what a server must not repeat. Comes after the cleaning, which may put the parts of
    /// a secret together, and before the cut, which may leave a part of one.
    pub(crate) fn redacted(self, redactor: &Redactor) -> Self {
        ServerText(redactor.clean(&self.0))
    }

    /// The text alone.
    pub(crate) fn to_text(&self) -> String {
        match self.0.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => format!("{}…", &self.0[..end]),
            None => self.0.clone(),
        }
    }
}

impl fmt::Display for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.to_text())
    }
}

impl fmt::Debug for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), f)
    }
}

/// Whether a body begins like a web page, whatever its content type says.
pub(crate) fn looks_like_html(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let start = &start[..start.len().min(14)].to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

fn html_title(body: &[u8]) -> Option<&[u8]> {
    let head = &body[..body.len().min(MAX_HEAD)];
    let lower = head.to_ascii_lowercase();
    let open = memchr::memmem::find(&lower, b"<title")?;
    let start = open + memchr::memchr(b'>', &lower[open..])? + 1;
    let len = memchr::memmem::find(&lower[start..], b"</title")?;
    Some(&head[start..start + len])
}

/// Not a control character, and none of the marks that hide or reorder what is on a screen.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        && !matches!(c, '\u{061c}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::remote::credentials::Credentials;

    #[test]
    fn texts_are_one_clean_line() {
        for (bytes, clean) in [
            (&b"Repository not found.\n"[..], "Repository not found."),
            (b"\x1b[31mred\x1b[0m", "[31mred[0m"),
            (b"  a\r\n\tb  ", "a b"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
            ("evil\u{202e}txt".as_bytes(), "eviltxt"),
            (b"", ""),
        ] {
            assert_eq!(ServerText::new(bytes).to_text(), clean);
        }
        assert_eq!(ServerText::new(b"why").to_string(), ": why");
        assert_eq!(ServerText::new(b"\x07").to_string(), "");
    }

    #[test]
    fn only_the_title_of_a_page_is_kept() {
        let page = b"<!DOCTYPE html>\n<html><head><TITLE class=a>Sign in</TITLE></head><body>x";
        assert_eq!(
            ServerText::from_body("text/html; charset=utf-8", page).to_text(),
            "Sign in"
        );
        assert_eq!(
            ServerText::from_body("text/plain", page).to_text(),
            "Sign in"
        );
        assert_eq!(
            ServerText::from_body("text/html", b"<title>cut").to_text(),
            ""
        );
        assert_eq!(
            ServerText::from_body("application/octet-stream", b"PACK").to_text(),
            ""
        );
        assert_eq!(
            ServerText::from_body("application/json", br#"{"message":"Bad credentials"}"#)
                .to_text(),
            r#"{"message":"Bad credentials"}"#
        );
    }

    #[test]
    fn secrets_are_taken_out_before_the_cut() {
        let redactor = Redactor::default();
        redactor.remember(&Credentials::bearer("s3cret-token"));
        let text = |bytes: &[u8]| ServerText::new(bytes).redacted(&redactor).to_text();
        assert_eq!(text(b"token s3\x00cret-token is bad"), "token *** is bad");
        let long = [&[b'a'; 194][..], b"s3cret-token"].concat();
        assert!(!text(&long).contains("s3c"));
    }

    proptest! {
        #[test]
        fn no_bytes_give_controls_or_long_texts(bytes in proptest::collection::vec(any::<u8>(), 0..6000)) {
            for text in [ServerText::new(&bytes), ServerText::from_body("text/html", &bytes)] {
                prop_assert!(text.to_text().chars().count() <= MAX_CHARS + 1);
                prop_assert!(!text.to_text().chars().any(char::is_control));
            }
        }
    }
}
