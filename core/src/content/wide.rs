//! UTF-16 and UTF-32, validated and counted as they come in.

use super::facts::Encoding;
use super::scan::{LineEnds, is_control};

/// Checks content in UTF-16 or UTF-32, without its byte order mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct WideScan {
    /// Bytes of a unit, 2 or 4.
    width: usize,
    big_endian: bool,
    carry: [u8; 4],
    carried: usize,
    /// The high half of a surrogate pair came last.
    high: bool,
    last: Option<u32>,
    pub(super) ends: LineEnds,
    /// A control character that no text has.
    pub(super) control: bool,
    malformed: bool,
}

impl WideScan {
    /// `None` if `encoding` is neither UTF-16 nor UTF-32.
    pub(super) fn new(encoding: Encoding) -> Option<Self> {
        let (width, big_endian) = match encoding {
            Encoding::UTF_16LE => (2, false),
            Encoding::UTF_16BE => (2, true),
            Encoding::UTF_32LE => (4, false),
            Encoding::UTF_32BE => (4, true),
            _ => return None,
        };
        Some(WideScan {
            width,
            big_endian,
            carry: [0; 4],
            carried: 0,
            high: false,
            last: None,
            ends: LineEnds::default(),
            control: false,
            malformed: false,
        })
    }

    /// Looks at the next bytes.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while self.carried > 0 {
            let Some((&first, rest)) = bytes.split_first() else {
                return;
            };
            bytes = rest;
            self.carry[self.carried] = first;
            self.carried += 1;
            if self.carried == self.width {
                self.carried = 0;
                self.unit(self.value(&self.carry[..self.width]));
            }
        }
        let mut units = bytes.chunks_exact(self.width);
        for unit in &mut units {
            self.unit(self.value(unit));
        }
        let rest = units.remainder();
        self.carry[..rest.len()].copy_from_slice(rest);
        self.carried = rest.len();
    }

    fn value(&self, unit: &[u8]) -> u32 {
        let push = |value: u32, &byte: &u8| value << 8 | u32::from(byte);
        match self.big_endian {
            true => unit.iter().fold(0, push),
            false => unit.iter().rev().fold(0, push),
        }
    }

    fn unit(&mut self, value: u32) {
        let low = matches!(value, 0xdc00..=0xdfff);
        let high = matches!(value, 0xd800..=0xdbff);
        match self.width {
            2 => self.malformed |= low != self.high,
            _ => self.malformed |= char::from_u32(value).is_none(),
        }
        self.high = high;
        self.control |= self.last == Some(0x1a);
        if value < 0x80 {
            self.control |= is_control(value as u8) && value != 0x1a;
            let after_cr = self.last == Some(u32::from(b'\r'));
            self.ends.lf += u64::from(value == u32::from(b'\n'));
            self.ends.crlf += u64::from(value == u32::from(b'\n') && after_cr);
            self.ends.cr += u64::from(value == u32::from(b'\r'));
        }
        self.last = Some(value);
    }

    /// Whether all that came is valid, and ends with a whole character.
    pub(super) fn is_valid(&self) -> bool {
        !self.malformed && self.carried == 0 && !(self.width == 2 && self.high)
    }

    /// Lines that end with LF, and a rest.
    pub(super) fn lines(&self) -> u64 {
        let rest = self.last.is_some_and(|last| last != u32::from(b'\n'));
        self.ends.lf + u64::from(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(encoding: Encoding, bytes: &[u8]) -> WideScan {
        let mut scan = WideScan::new(encoding).expect("wide");
        scan.update(bytes);
        scan
    }

    fn is_valid(encoding: Encoding, bytes: &[u8]) -> bool {
        scan(encoding, bytes).is_valid()
    }

    #[test]
    fn utf_16_validity_is_that_of_the_standard_library() {
        let interesting = [
            0x0041_u16, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff,
        ];
        for first in interesting {
            for second in interesting {
                for third in interesting {
                    let units = [first, second, third];
                    let expected = String::from_utf16(&units).is_ok();
                    let le = units.map(u16::to_le_bytes).concat();
                    let be = units.map(u16::to_be_bytes).concat();
                    assert_eq!(is_valid(Encoding::UTF_16LE, &le), expected, "{units:x?}");
                    assert_eq!(is_valid(Encoding::UTF_16BE, &be), expected, "{units:x?}");
                }
            }
        }
        assert!(!is_valid(Encoding::UTF_16LE, b"a\0b"));
    }

    #[test]
    fn utf_32_holds_scalar_values() {
        for (value, expected) in [
            (0x41_u32, true),
            (0xd7ff, true),
            (0xd800, false),
            (0xdfff, false),
            (0x10_ffff, true),
            (0x11_0000, false),
            (u32::MAX, false),
        ] {
            assert_eq!(is_valid(Encoding::UTF_32LE, &value.to_le_bytes()), expected);
            assert_eq!(is_valid(Encoding::UTF_32BE, &value.to_be_bytes()), expected);
        }
    }

    #[test]
    fn counts_lines_at_every_cut() {
        let text: Vec<u8> = "a\r\n😀\rb\nc\u{0a0a}\u{0d0d}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for cut in 0..=text.len() {
            let mut scan = scan(Encoding::UTF_16LE, &text[..cut]);
            scan.update(&text[cut..]);
            assert!(scan.is_valid() && !scan.control);
            assert_eq!(
                scan.ends,
                LineEnds {
                    lf: 2,
                    cr: 2,
                    crlf: 1
                }
            );
            assert_eq!(scan.lines(), 3);
        }
    }
}
