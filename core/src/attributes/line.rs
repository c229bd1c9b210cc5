//! The lines of an attributes file.

use std::borrow::Cow;

/// From this length on, Git ignores a line (`ATTR_MAX_LINE_LENGTH`).
const MAX_LINE: usize = 2_048;

/// A line that means something.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// Assigns attributes to the paths that match.
    Rule {
        pattern: Cow<'a, [u8]>,
        assignments: &'a [u8],
    },
    /// Defines a macro attribute.
    Macro {
        name: &'a [u8],
        assignments: &'a [u8],
    },
}

/// One attribute as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment<'a> {
    pub(super) name: &'a [u8],
    pub(super) state: State<'a>,
}

/// What is written about an attribute.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State<'a> {
    Set,
    Unset,
    Unspecified,
    Value(&'a [u8]),
}

/// Reads the lines that mean something; a byte order mark at the beginning is skipped.
///
/// A NUL ends its line, as for Git when it reads an attributes file.
pub(super) fn lines(file: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    file.split(|&byte| byte == b'\n').filter_map(parse)
}

/// Reads assignments that [`lines`] found to be valid.
pub(super) fn assignments(text: &[u8]) -> impl Iterator<Item = Assignment<'_>> {
    text.split(|&byte| is_blank(byte))
        .filter(|word| !word.is_empty())
        .map(assignment)
}

fn parse(line: &[u8]) -> Option<Line<'_>> {
    let line = match line.iter().position(|&byte| byte == 0) {
        Some(end) => &line[..end],
        None => line.strip_suffix(b"\r").unwrap_or(line),
    };
    if line.len() >= MAX_LINE {
        return None;
    }
    let line = skip_blanks(line);
    if line.is_empty() || line[0] == b'#' {
        return None;
    }
    let (pattern, rest) = match unquote(line) {
        Some((pattern, rest)) => (Cow::Owned(pattern), rest),
        None => {
            let (pattern, rest) = split_word(line);
            (Cow::Borrowed(pattern), rest)
        }
    };
    if !assignments(rest).all(|assignment| is_valid_name(assignment.name)) {
        return None;
    }
    let is_macro = pattern.len() > MACRO.len() && pattern.starts_with(MACRO);
    if !is_macro {
        return Some(Line::Rule {
            pattern,
            assignments: rest,
        });
    }
    // A quoted macro, which Git would take too, is refused: no file has one.
    let Cow::Borrowed(pattern) = pattern else {
        return None;
    };
    let name = &pattern[MACRO.len()..];
    is_valid_name(name).then_some(Line::Macro {
        name,
        assignments: rest,
    })
}

const MACRO: &[u8] = b"[attr]";

fn assignment(word: &[u8]) -> Assignment<'_> {
    let (name, value) = match word.iter().position(|&byte| byte == b'=') {
        Some(equals) => (&word[..equals], Some(&word[equals + 1..])),
        None => (word, None),
    };
    match (name.first(), value) {
        (Some(b'-'), _) => Assignment {
            name: &name[1..],
            state: State::Unset,
        },
        (Some(b'!'), _) => Assignment {
            name: &name[1..],
            state: State::Unspecified,
        },
        (_, Some(value)) => Assignment {
            name,
            state: State::Value(value),
        },
        (_, None) => Assignment {
            name,
            state: State::Set,
        },
    }
}

fn is_valid_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name[0] != b'-'
        && !name.starts_with(b"builtin_")
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_blank(byte));
    &text[start.unwrap_or(text.len())..]
}

fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| is_blank(byte));
    text.split_at(end.unwrap_or(text.len()))
}

/// Reads a string in C's quotes (`quote.c` of Git); gives it and what follows.
fn unquote(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut out = Vec::new();
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => break,
            b'\\' => {
                let (&escape, after) = rest.split_first()?;
                rest = after;
                out.push(match escape {
                    b'a' => 0x07,
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 0x0b,
                    b'\\' | b'"' => escape,
                    b'0'..=b'3' => {
                        let digits = rest.get(..2)?;
                        if !digits.iter().all(|digit| matches!(digit, b'0'..=b'7')) {
                            return None;
                        }
                        rest = &rest[2..];
                        (escape - b'0') << 6 | (digits[0] - b'0') << 3 | (digits[1] - b'0')
                    }
                    _ => return None,
                });
            }
            literal => out.push(literal),
        }
    }
    // To Git the pattern is a string of C.
    if let Some(end) = out.iter().position(|&byte| byte == 0) {
        out.truncate(end);
    }
    Some((out, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(file: &[u8]) -> Vec<Vec<u8>> {
        lines(file)
            .map(|line| match line {
                Line::Rule { pattern, .. } => pattern.into_owned(),
                Line::Macro { name, .. } => [b"macro ", name].concat(),
            })
            .collect()
    }

    #[test]
    fn reads_words_and_quotes() {
        let file = b"# no\n  *.c diff\r\n\"a \\\"b\\303\\244\"text\n[attr]foo bar\n[attr] x\n\"open text\n";
        assert_eq!(
            patterns(file),
            [
                &b"*.c"[..],
                "a \"bä".as_bytes(),
                b"macro foo",
                b"[attr]",
                b"\"open",
            ]
        );
    }

    #[test]
    fn one_bad_name_spoils_its_line() {
        assert!(
            patterns(b"a text -=x\nb --x\nc =v\nd builtin_x\ne \xc3\xa4\n[attr]-x y\n").is_empty()
        );
        assert_eq!(patterns(b"a !x.y-z_0=1\n"), [b"a"]);
    }

    #[test]
    fn long_lines_are_ignored_at_the_length_of_git() {
        let line = |length: usize| {
            let mut line = b"a text ".to_vec();
            line.resize(length, b'x');
            line.push(b'\n');
            line
        };
        assert_eq!(patterns(&line(2_047)).len(), 1);
        assert_eq!(patterns(&line(2_048)).len(), 0);
    }
}
