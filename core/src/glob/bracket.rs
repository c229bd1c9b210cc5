//! Bracket expressions: `[a-z]`, `[!0-9]`, `[[:alpha:]_]`.

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(super) fn remove(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] &= !(1 << (byte & 63));
    }

    fn insert_all(&mut self, wanted: impl Fn(u8) -> bool) {
        (0..=u8::MAX)
            .filter(|&byte| wanted(byte))
            .for_each(|byte| self.insert(byte));
    }

    fn invert(&mut self) {
        for word in &mut self.0 {
            *word = !*word;
        }
    }
}

/// Reads a bracket expression from what follows its `[`; gives the set and the bytes read, the
/// closing `]` included. `None` if it is malformed, in which case the pattern matches nothing.
///
/// The rules are those of Git's `wildmatch.c`: `!` and `^` negate, a `]` that comes first is
/// literal, `\` escapes, `-` makes ranges between literals.
pub(super) fn parse(text: &[u8]) -> Option<(ByteSet, usize)> {
    let at = |index: usize| text.get(index).copied();
    let mut set = ByteSet::default();
    let mut index = 0;
    let negated = matches!(at(0)?, b'!' | b'^');
    if negated {
        index += 1;
    }
    let mut previous = None;
    loop {
        match at(index)? {
            b'\\' => {
                index += 1;
                let literal = at(index)?;
                set.insert(literal);
                // Git keeps the escaped byte as the beginning of a range.
                previous = Some(literal);
            }
            b'-' if previous.is_some() && at(index + 1).is_some_and(|next| next != b']') => {
                index += 1;
                let mut last = at(index)?;
                if last == b'\\' {
                    index += 1;
                    last = at(index)?;
                }
                let first = previous.take()?;
                (first..=last).for_each(|byte| set.insert(byte));
            }
            b'[' if at(index + 1) == Some(b':') => {
                let name_start = index + 2;
                let close = name_start + text.get(name_start..)?.iter().position(|&b| b == b']')?;
                if close > name_start && text[close - 1] == b':' {
                    set.insert_all(class(&text[name_start..close - 1])?);
                    index = close;
                    previous = None;
                } else {
                    set.insert(b'[');
                    previous = Some(b'[');
                }
            }
            literal => {
                set.insert(literal);
                previous = Some(literal);
            }
        }
        index += 1;
        if at(index)? == b']' {
            break;
        }
    }
    if negated {
        set.invert();
    }
    Some((set, index + 1))
}

/// The class called `name`, by Git's own locale-free definitions.
fn class(name: &[u8]) -> Option<fn(u8) -> bool> {
    Some(match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| matches!(byte, 0x20..=0x7e),
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &[u8]) -> Option<Vec<u8>> {
        let (set, read) = parse(text)?;
        assert_eq!(read, text.len());
        Some((0..128).filter(|&byte| set.contains(byte)).collect())
    }

    #[test]
    fn reads_the_forms_of_git() {
        assert_eq!(members(b"abc]").unwrap(), b"abc");
        assert_eq!(members(b"a-c]").unwrap(), b"abc");
        assert_eq!(members(b"]-a]").unwrap(), b"]^_`a");
        assert_eq!(members(b"\\]x]").unwrap(), b"]x");
        assert_eq!(members(b"a-]").unwrap(), b"-a");
        assert_eq!(members(b"[:digit:]x]").unwrap(), b"0123456789x");
        assert_eq!(members(b"c-a]").unwrap(), b"c");
        assert!(!members(b"!a]").unwrap().contains(&b'a'));
    }

    #[test]
    fn refuses_what_never_ends() {
        for text in [
            &b""[..],
            b"a",
            b"!",
            b"]",
            b"a-",
            b"\\",
            b"[:digit:]",
            b"[:what:]]",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
