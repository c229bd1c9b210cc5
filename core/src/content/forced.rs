//! The second look: content that attributes declare to be text although its bytes say otherwise.

use super::classify::{HEAD, nul_early};
use super::facts::{Basis, Bom, Encoding, Traits};
use super::guess::Guesser;
use super::scan::{ByteScan, LineEnds};
use super::utf8::Utf8Check;
use super::wide::WideScan;

/// Finds an encoding for content that has to be text. There always is one: in the last resort it is
/// windows-1252, which has a meaning for every byte.
///
/// In this order: the encoding of the byte order mark; UTF-16 without a mark, if a third of one half
/// of the bytes is NUL, and none of the other half; UTF-8; the guess. The first one that decodes the
/// whole content is taken.
pub(crate) fn guess(content: &[u8]) -> Traits {
    let mut examiner = ForcedExaminer::new();
    examiner.update(content);
    examiner.finish()
}

/// The same as [`guess`], for content that comes in pieces.
#[derive(Debug)]
pub(crate) struct ForcedExaminer {
    head: Vec<u8>,
    size: u64,
    /// Set once the head is there, if it looks like UTF-16 or UTF-32.
    wide: Option<(Encoding, WideScan)>,
    narrow: ByteScan,
    utf8: Utf8Check,
    guesser: Guesser,
}

impl ForcedExaminer {
    pub(crate) fn new() -> Self {
        ForcedExaminer {
            head: Vec::new(),
            size: 0,
            wide: None,
            narrow: ByteScan::default(),
            utf8: Utf8Check::default(),
            guesser: Guesser::new(true),
        }
    }

    /// Takes the next piece of the content.
    pub(crate) fn update(&mut self, mut piece: &[u8]) {
        if self.size < HEAD as u64 {
            let room = HEAD - self.head.len();
            let (taken, rest) = piece.split_at(room.min(piece.len()));
            self.head.extend_from_slice(taken);
            self.size += taken.len() as u64;
            piece = rest;
            if self.size < HEAD as u64 {
                return;
            }
            self.begin();
        }
        self.size += piece.len() as u64;
        self.advance(piece);
    }

    fn begin(&mut self) {
        let head = std::mem::take(&mut self.head);
        let (encoding, skipped) = match Bom::of(&head) {
            Some(bom) => (Some(bom.encoding()), bom.length()),
            None => (utf_16_without_mark(&head), 0),
        };
        self.wide = encoding.and_then(|encoding| Some((encoding, WideScan::new(encoding)?)));
        if let Some((_, scan)) = &mut self.wide {
            scan.update(&head[skipped..]);
        }
        self.narrow.update(&head);
        self.utf8.update(&head);
        self.guesser.update(&head);
        self.head = head;
    }

    fn advance(&mut self, piece: &[u8]) {
        if let Some((_, scan)) = &mut self.wide {
            scan.update(piece);
        }
        self.narrow.update(piece);
        self.utf8.update(piece);
        self.guesser.update(piece);
    }

    /// Tells the traits of all that came, as a text; their basis is [`Basis::Attributes`].
    pub(crate) fn finish(mut self) -> Traits {
        if self.size < HEAD as u64 {
            self.begin();
        }
        let nul_early = nul_early(&self.head);
        let marked = Bom::of(&self.head);
        let make = |encoding, bom, lines, ends: LineEnds| Traits {
            lines,
            encoding: Some(encoding),
            basis: Basis::Attributes,
            bom,
            eol: ends.eol(),
            nul_early,
            mime: None,
        };
        if let Some((encoding, scan)) = self.wide.filter(|(_, scan)| scan.is_valid()) {
            return make(encoding, marked, scan.lines(), scan.ends);
        }
        let (lines, ends) = (self.narrow.lines(), self.narrow.ends);
        if self.utf8.is_valid() {
            let bom = marked.filter(|&bom| bom == Bom::Utf8);
            return make(Encoding::UTF_8, bom, lines, ends);
        }
        let encoding = self.guesser.finish().unwrap_or(Encoding::WINDOWS_1252);
        make(encoding, None, lines, ends)
    }
}

/// Which UTF-16 the NULs of mostly Latin text speak for.
fn utf_16_without_mark(head: &[u8]) -> Option<Encoding> {
    let nuls = |first: usize| {
        head.iter()
            .skip(first)
            .step_by(2)
            .filter(|&&byte| byte == 0)
            .count()
    };
    let enough = head.len().div_ceil(6).max(1);
    match (nuls(0), nuls(1)) {
        (0, odd) if odd >= enough => Some(Encoding::UTF_16LE),
        (even, 0) if even >= enough => Some(Encoding::UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode;
    use super::*;

    fn name(content: &[u8]) -> &'static str {
        guess(content).encoding.expect("always").name()
    }

    #[test]
    fn finds_utf_16_without_mark() {
        let text: Vec<u16> = "int main()\r\n{\r\n}\r\n".encode_utf16().collect();
        let le: Vec<u8> = text.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let be: Vec<u8> = text.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!(name(&le), "utf-16le");
        assert_eq!(name(&be), "utf-16be");
        assert_eq!(guess(&le).lines, 3);
    }

    #[test]
    fn there_is_always_an_encoding() {
        assert_eq!(name(b""), "utf-8");
        assert_eq!(name(b"one\0nul\0s"), "utf-8");
        assert_eq!(name(b"\x01\x02"), "utf-8");
        assert_eq!(name(b"\xef\xbb\xbfa\0"), "utf-8");
        let every_byte: Vec<u8> = (0..=255).collect();
        for content in [&b"\xff\xfea"[..], b"\xef\xbb\xbf\xff\x81\0", &every_byte] {
            let traits = guess(content);
            let encoding = traits.encoding.expect("always");
            let text = decode(content, encoding, traits.bom).expect("decodes");
            assert_ne!(text, "");
        }
    }

    #[test]
    fn cutting_makes_no_difference() {
        let content: Vec<u8> = (0..30_000_u32).map(|i| ((i * 7919) >> 5) as u8).collect();
        let whole = guess(&content);
        for size in [1, 3, 4_096, 8_191, 8_192, 8_193] {
            let mut examiner = ForcedExaminer::new();
            content
                .chunks(size)
                .for_each(|piece| examiner.update(piece));
            assert_eq!(examiner.finish(), whole, "pieces of {size}");
        }
    }
}
