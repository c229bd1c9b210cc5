//! Bytes counted in one fast pass: line ends, control characters, bytes beyond ASCII.

use super::facts::Eol;

/// Bytes that are looked at together: a whole number of vectors, and their counts fit into a byte.
const BLOCK: usize = 224;

const ESCAPE: u8 = 0x1b;
/// Ends a text on DOS.
const SUBSTITUTE: u8 = 0x1a;

/// What the bytes so far hold, for encodings that contain ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteScan {
    pub(super) ends: LineEnds,
    /// A control character that no text has, see [`is_control`].
    pub(super) control: bool,
    pub(super) non_ascii: bool,
    last: Option<u8>,
}

/// Counts of line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LineEnds {
    pub(super) lf: u64,
    pub(super) cr: u64,
    /// CR LF, which is in the counts of both.
    pub(super) crlf: u64,
}

/// Whether `byte` is a control character that no text has.
///
/// The set is that of `file(1)`: all but BEL, BS, HT, LF, VT, FF, CR and ESC. SUB is allowed where
/// it ends the content.
pub(super) const fn is_control(byte: u8) -> bool {
    (byte < 0x20) & (byte.wrapping_sub(7) > 6) & (byte != ESCAPE) | (byte == 0x7f)
}

impl ByteScan {
    /// Looks at the next bytes, however they are cut.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let Some((&last, before_last)) = bytes.split_last() else {
            return;
        };
        self.control |= self.last == Some(SUBSTITUTE);
        // A SUB at the end is judged when more comes, by the line above.
        let judged = if last == SUBSTITUTE {
            before_last
        } else {
            bytes
        };
        let mut previous = self.last;
        let (blocks, rest) = judged.as_chunks::<BLOCK>();
        for block in blocks {
            self.block(block, &mut previous);
        }
        self.block(rest, &mut previous);
        self.last = Some(last);
    }

    #[inline(always)]
    fn block(&mut self, block: &[u8], previous: &mut Option<u8>) {
        let Some(&last) = block.last() else {
            return;
        };
        let (mut lf, mut tab, mut odd) = (0_u8, 0_u8, 0_u8);
        for &byte in block {
            lf = lf.wrapping_add(u8::from(byte == b'\n'));
            tab = tab.wrapping_add(u8::from(byte == b'\t'));
            // Below space, DEL, or beyond ASCII, in one comparison.
            odd = odd.wrapping_add(u8::from(byte.wrapping_add(1).cast_signed() <= 0x20));
        }
        self.ends.lf += u64::from(lf);
        // Source text is printable but for LF and TAB, so that most blocks need no closer look.
        if odd != lf.wrapping_add(tab) {
            self.odd_block(block);
        }
        if *previous == Some(b'\r') && block[0] == b'\n' {
            self.ends.crlf += 1;
        }
        *previous = Some(last);
    }

    /// Looks closely at a block; its LFs are counted.
    fn odd_block(&mut self, block: &[u8]) {
        let (mut cr, mut control, mut any) = (0_u8, 0_u8, 0_u8);
        for &byte in block {
            cr = cr.wrapping_add(u8::from(byte == b'\r'));
            control |= u8::from(is_control(byte));
            any |= byte;
        }
        self.control |= control != 0;
        self.non_ascii |= any >= 0x80;
        if cr != 0 {
            let mut crlf = 0_u8;
            for (&byte, &next) in block.iter().zip(&block[1..]) {
                crlf = crlf.wrapping_add(u8::from((byte == b'\r') & (next == b'\n')));
            }
            self.ends.cr += u64::from(cr);
            self.ends.crlf += u64::from(crlf);
        }
    }

    /// Lines as `git diff --numstat` counts them: those that end with LF, and a rest.
    pub(super) fn lines(&self) -> u64 {
        self.ends.lf + u64::from(self.last.is_some_and(|last| last != b'\n'))
    }
}

impl LineEnds {
    pub(super) fn eol(&self) -> Eol {
        let lone_lf = self.lf > self.crlf;
        let lone_cr = self.cr > self.crlf;
        match (self.crlf > 0, lone_lf, lone_cr) {
            (false, false, false) => Eol::None,
            (true, false, false) => Eol::Crlf,
            (false, true, false) => Eol::Lf,
            (false, false, true) => Eol::Cr,
            _ => Eol::Mixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(bytes: &[u8]) -> ByteScan {
        let mut scan = ByteScan::default();
        scan.update(bytes);
        scan
    }

    #[test]
    fn classifies_line_ends() {
        for (text, eol, lines) in [
            ("", Eol::None, 0),
            ("a", Eol::None, 1),
            ("a\n", Eol::Lf, 1),
            ("a\nb", Eol::Lf, 2),
            ("a\r\nb\r\n", Eol::Crlf, 2),
            ("a\rb\r", Eol::Cr, 1),
            ("\r", Eol::Cr, 1),
            ("a\r\r\n", Eol::Mixed, 1),
            ("a\n\r", Eol::Mixed, 2),
            ("a\r\nb\n", Eol::Mixed, 2),
            ("a\r\nb\r", Eol::Mixed, 2),
        ] {
            let scan = scan(text.as_bytes());
            assert_eq!((scan.ends.eol(), scan.lines()), (eol, lines), "{text:?}");
        }
    }

    #[test]
    fn counts_past_the_block() {
        for length in [223, 224, 225, 255, 256, 448, 1023, 1024, 1025] {
            let scan = scan(&vec![b'\n'; length]);
            assert_eq!(scan.ends.lf, length as u64);
        }
    }

    #[test]
    fn knows_the_control_characters_of_file() {
        let allowed = b"\x07\x08\t\n\x0b\x0c\r\x1b";
        for byte in 0..=u8::MAX {
            let expected = (byte < 0x20 || byte == 0x7f) && !allowed.contains(&byte);
            assert_eq!(scan(&[b'a', byte, b'b']).control, expected, "{byte:#x}");
        }
        assert!(!scan(b"dos\x1a").control);
        assert!(scan(b"dos\x1a\x1a").control);
    }

    #[test]
    fn cutting_makes_no_difference() {
        let text = b"a\r\nb\r\rc\n\x1a\xff\n".repeat(60);
        let whole = scan(&text);
        for size in 1..text.len() {
            let mut cut = ByteScan::default();
            text.chunks(size).for_each(|chunk| cut.update(chunk));
            assert_eq!(cut, whole, "chunks of {size}");
        }
    }
}
