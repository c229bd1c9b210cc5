//! Validates UTF-8 that comes in pieces.

/// Checks whether all bytes together are valid UTF-8.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Utf8Check {
    /// The beginning of a character that the last piece cut.
    carry: [u8; 4],
    carried: usize,
    invalid: bool,
}

impl Utf8Check {
    /// Looks at the next bytes.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while self.carried > 0 && !self.invalid {
            let Some((&first, rest)) = bytes.split_first() else {
                return;
            };
            bytes = rest;
            self.carry[self.carried] = first;
            self.carried += 1;
            match std::str::from_utf8(&self.carry[..self.carried]) {
                Ok(_) => self.carried = 0,
                Err(error) => self.invalid = error.error_len().is_some(),
            }
        }
        if self.invalid {
            return;
        }
        if let Err(error) = simdutf8::compat::from_utf8(bytes) {
            let rest = &bytes[error.valid_up_to()..];
            if error.error_len().is_some() {
                self.invalid = true;
            } else {
                self.carry[..rest.len()].copy_from_slice(rest);
                self.carried = rest.len();
            }
        }
    }

    /// Whether all that came is valid, and ends with a whole character.
    pub(super) fn is_valid(&self) -> bool {
        !self.invalid && self.carried == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library_at_every_cut() {
        let texts: [&[u8]; 9] = [
            "aß€😀z".as_bytes(),
            b"",
            b"\xc3",
            b"\xe2\x82",
            b"\xf0\x9f\x98",
            b"a\x80b",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xc0\x80\xe0\x80\x80",
        ];
        for text in texts {
            let expected = std::str::from_utf8(text).is_ok();
            for first in 0..=text.len() {
                for second in first..=text.len() {
                    let mut check = Utf8Check::default();
                    check.update(&text[..first]);
                    check.update(&text[first..second]);
                    check.update(&text[second..]);
                    assert_eq!(check.is_valid(), expected, "{text:?} at {first}, {second}");
                }
            }
        }
    }
}
