//! Reads Git's configuration syntax, as far as `.gitmodules` needs it.
//!
//! The rules are those of `git help config`, "Syntax", and of `git_parse_source` in Git's
//! `config.c`. Includes are nothing special here. Time and memory are linear in the input.

/// One `key = value` of a configuration file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Variable<'a> {
    /// `section` in lower case, or `section.subsection`; empty before the first header.
    pub(crate) section: &'a [u8],
    /// In lower case.
    pub(crate) key: &'a [u8],
    /// `None` for a key without an equals sign.
    pub(crate) value: Option<&'a [u8]>,
    /// Where the variable begins, counted from 1.
    pub(crate) line: u32,
}

/// Git cannot read the file from this line on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) line: u32,
}

/// Reads one variable after the other.
#[derive(Debug)]
pub(crate) struct Variables<'a> {
    rest: &'a [u8],
    line: u32,
    section: Vec<u8>,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl<'a> Variables<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Variables {
            rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
            line: 1,
            section: Vec::new(),
            key: Vec::new(),
            value: Vec::new(),
        }
    }

    /// The next variable; `None` at the end. After an error the rest makes no sense.
    pub(crate) fn next(&mut self) -> Result<Option<Variable<'_>>, Malformed> {
        loop {
            let line = self.line;
            let Some(byte) = self.byte() else {
                return Ok(None);
            };
            match byte {
                b'#' | b';' => self.skip_line(),
                b'[' => self.header().ok_or(Malformed { line })?,
                byte if is_space(byte) => {}
                byte if byte.is_ascii_alphabetic() => {
                    let has_value = self.variable(byte).ok_or(Malformed { line })?;
                    return Ok(Some(Variable {
                        section: &self.section,
                        key: &self.key,
                        value: has_value.then_some(&self.value),
                        line,
                    }));
                }
                _ => return Err(Malformed { line }),
            }
        }
    }

    /// The next byte; a carriage return before a line feed does not count.
    fn byte(&mut self) -> Option<u8> {
        if let [b'\r', rest @ ..] = self.rest
            && rest.first() == Some(&b'\n')
        {
            self.rest = rest;
        }
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        if byte == b'\n' {
            self.line = self.line.saturating_add(1);
        }
        Some(byte)
    }

    /// Like [`byte`](Self::byte); the end of the file ends a line.
    fn byte_or_line_end(&mut self) -> u8 {
        self.byte().unwrap_or(b'\n')
    }

    fn skip_line(&mut self) {
        while self.byte().is_some_and(|byte| byte != b'\n') {}
    }

    /// Reads a section's header behind its bracket.
    fn header(&mut self) -> Option<()> {
        self.section.clear();
        loop {
            match self.byte()? {
                b']' => return (!self.section.is_empty()).then_some(()),
                byte if is_space(byte) => return self.subsection(byte),
                byte if is_key(byte) || byte == b'.' => {
                    self.section.push(byte.to_ascii_lowercase());
                }
                _ => return None,
            }
        }
    }

    fn subsection(&mut self, space: u8) -> Option<()> {
        let mut byte = space;
        while is_space(byte) {
            if byte == b'\n' {
                return None;
            }
            byte = self.byte()?;
        }
        if byte != b'"' {
            return None;
        }
        self.section.push(b'.');
        loop {
            let byte = match self.byte()? {
                b'"' => break,
                b'\\' => self.byte()?,
                byte => byte,
            };
            if matches!(byte, b'\n' | 0) {
                return None;
            }
            self.section.push(byte);
        }
        (self.byte()? == b']').then_some(())
    }

    /// Reads a variable whose key begins with `first`, and tells whether it has a value.
    fn variable(&mut self, first: u8) -> Option<bool> {
        self.key.clear();
        self.key.push(first.to_ascii_lowercase());
        let mut byte = self.byte_or_line_end();
        while is_key(byte) {
            self.key.push(byte.to_ascii_lowercase());
            byte = self.byte_or_line_end();
        }
        while matches!(byte, b' ' | b'\t') {
            byte = self.byte_or_line_end();
        }
        match byte {
            b'\n' => Some(false),
            b'=' => self.read_value().map(|()| true),
            _ => None,
        }
    }

    fn read_value(&mut self) -> Option<()> {
        self.value.clear();
        let mut quoted = false;
        // Length of the value without the spaces at its end.
        let mut trimmed = 0;
        loop {
            let byte = match self.byte_or_line_end() {
                b'\n' => break,
                0 => return None,
                byte if is_space(byte) && !quoted => {
                    if !self.value.is_empty() {
                        self.value.push(byte);
                    }
                    continue;
                }
                b'#' | b';' if !quoted => {
                    self.skip_line();
                    break;
                }
                b'"' => {
                    quoted = !quoted;
                    trimmed = self.value.len();
                    continue;
                }
                b'\\' => match self.byte_or_line_end() {
                    b'\n' => {
                        trimmed = self.value.len();
                        continue;
                    }
                    b't' => b'\t',
                    b'b' => 8,
                    b'n' => b'\n',
                    byte @ (b'\\' | b'"') => byte,
                    _ => return None,
                },
                byte => byte,
            };
            self.value.push(byte);
            trimmed = self.value.len();
        }
        self.value.truncate(trimmed);
        (!quoted).then_some(())
    }
}

/// As Git's own `isspace`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}
