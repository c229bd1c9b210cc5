//! Leaves out of content what is ASCII in every encoding.

/// ASCII bytes that are kept on each side of one that is not.
///
/// It is more than an encoding with several bytes a character needs to find its way back to the
/// beginning of one: they all do after two ASCII bytes, GB 18030 after four.
const KEPT: usize = 8;

/// Shortens each stretch of ASCII between other bytes to its first and last [`KEPT`] bytes.
///
/// What is left decodes in an encoding that contains ASCII if and only if all of the content does,
/// and holds all that tells languages apart. It is the same however the content is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condenser {
    /// How many more bytes of the current stretch of ASCII are kept.
    keep: usize,
    /// The last bytes of the stretch that were not, as far as `held`.
    tail: [u8; KEPT],
    held: usize,
}

impl Condenser {
    pub(super) fn new() -> Self {
        Condenser {
            keep: 0,
            tail: [0; KEPT],
            held: 0,
        }
    }

    /// Takes the next piece of the content, and hands out what is kept so far.
    pub(super) fn update(&mut self, mut piece: &[u8], mut keep: impl FnMut(&[u8])) {
        while !piece.is_empty() {
            let (ascii, rest) = piece.split_at(encoding_rs::Encoding::ascii_valid_up_to(piece));
            let (kept, skipped) = ascii.split_at(self.keep.min(ascii.len()));
            self.keep -= kept.len();
            if !kept.is_empty() {
                keep(kept);
            }
            self.hold(skipped);
            if rest.is_empty() {
                return;
            }
            if self.held > 0 {
                keep(&self.tail[..self.held]);
                self.held = 0;
            }
            let other = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
            keep(&rest[..other]);
            piece = &rest[other..];
            self.keep = KEPT;
        }
    }

    /// Remembers the last bytes of `skipped`, after those that are held already.
    fn hold(&mut self, skipped: &[u8]) {
        let last = &skipped[skipped.len().saturating_sub(KEPT)..];
        let old = self.held.min(KEPT - last.len());
        self.tail.copy_within(self.held - old..self.held, 0);
        self.tail[old..old + last.len()].copy_from_slice(last);
        self.held = old + last.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condense(content: &[u8], size: usize) -> Vec<u8> {
        let mut condenser = Condenser::new();
        let mut kept = Vec::new();
        for piece in content.chunks(size) {
            condenser.update(piece, |bytes| kept.extend_from_slice(bytes));
        }
        kept
    }

    #[test]
    fn keeps_what_is_near_other_bytes() {
        let content = b"0123456789\xe9\xe8abcdefghijklmnopqrst\xffuvwxyz0123456789";
        let expected = b"23456789\xe9\xe8abcdefghmnopqrst\xffuvwxyz01";
        for size in 1..=content.len() {
            assert_eq!(condense(content, size), expected, "pieces of {size}");
        }
        assert_eq!(condense(b"all of it is ASCII", 3), b"");
        assert_eq!(condense(b"\xe9short\xe9", 2), b"\xe9short\xe9");
    }
}
