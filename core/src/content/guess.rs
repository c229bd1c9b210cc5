//! Guesses the encoding of content that is not UTF-8, and checks the guess.

use std::fmt;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult};

use super::condense::Condenser;
use super::facts::Encoding;

/// How many condensed bytes the guess looks at. It costs up to 120 nanoseconds a byte, some hundred
/// times what hashing does.
const SAMPLE: usize = 4 << 10;

/// Guesses one encoding for content that comes in pieces, and decodes all of it as a check.
///
/// Content is [condensed](Condenser) first, which leaves out what is ASCII anyway. The first bytes
/// then go to `chardetng`, and the encoding that comes out has to decode the *whole* content. If it
/// does not, windows-1252 is tried. If the sample is full and valid UTF-8, the content is UTF-8 that
/// is damaged further on, and only windows-1252 is tried.
///
/// ISO-2022-JP is never guessed: it is made of ASCII bytes, so it counts as UTF-8, and a source file
/// could use its escapes to show other text than compilers read. Browsers refuse it too.
#[derive(Debug)]
pub(super) struct Guesser {
    condenser: Condenser,
    /// Condensed bytes that were not looked at yet; at first, those of the sample.
    waiting: Vec<u8>,
    candidate: Candidate,
    /// C1 controls and bytes without a meaning are accepted.
    lenient: bool,
    /// No byte so far is without a meaning in windows-1252.
    western: bool,
}

#[derive(Debug)]
enum Candidate {
    /// The sample is not complete.
    Unknown,
    /// The guess decodes what came so far.
    Guessed(Box<Check>),
    /// Only windows-1252 is left.
    Western,
}

impl Guesser {
    /// A `lenient` one always ends with an encoding.
    pub(super) fn new(lenient: bool) -> Self {
        Guesser {
            condenser: Condenser::new(),
            waiting: Vec::new(),
            candidate: Candidate::Unknown,
            lenient,
            western: true,
        }
    }

    /// Looks at the next bytes.
    pub(super) fn update(&mut self, piece: &[u8]) {
        if self.has_failed() {
            return;
        }
        let mut condenser = self.condenser;
        condenser.update(piece, |bytes| self.collect(bytes));
        self.condenser = condenser;
    }

    fn collect(&mut self, mut bytes: &[u8]) {
        while self.waiting.len() + bytes.len() > SAMPLE {
            let (taken, rest) = bytes.split_at(SAMPLE - self.waiting.len());
            self.waiting.extend_from_slice(taken);
            self.look(false);
            bytes = rest;
        }
        self.waiting.extend_from_slice(bytes);
    }

    /// Tells the encoding that decodes all that came; `None` if there is none.
    pub(super) fn finish(mut self) -> Option<Encoding> {
        self.look(true);
        match self.candidate {
            Candidate::Guessed(check) => Some(check.encoding),
            _ => (self.western || self.lenient).then_some(Encoding::WINDOWS_1252),
        }
    }

    /// Whether no encoding is left, whatever follows.
    fn has_failed(&self) -> bool {
        matches!(self.candidate, Candidate::Western) && !self.western && !self.lenient
    }

    /// Looks at the bytes that wait, the `last` ones or a full sample.
    fn look(&mut self, last: bool) {
        self.western &= !self
            .waiting
            .iter()
            .copied()
            .any(is_undefined_in_windows_1252);
        if matches!(self.candidate, Candidate::Unknown) {
            self.candidate = self.guess(last);
        }
        if let Candidate::Guessed(check) = &mut self.candidate
            && !check.update(&self.waiting, last)
        {
            self.candidate = Candidate::Western;
        }
        self.waiting.clear();
    }

    fn guess(&self, last: bool) -> Candidate {
        if !last && is_utf8_so_far(&self.waiting) {
            return Candidate::Western;
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&self.waiting, last);
        Encoding::from_whatwg(detector.guess(None, Utf8Detection::Deny))
            .and_then(|encoding| Check::new(encoding, self.lenient))
            .map_or(Candidate::Western, |check| {
                Candidate::Guessed(Box::new(check))
            })
    }
}

fn is_utf8_so_far(sample: &[u8]) -> bool {
    match simdutf8::compat::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// The bytes that windows-1252 leaves open; decoders map them to C1 controls.
fn is_undefined_in_windows_1252(byte: u8) -> bool {
    matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)
}

/// Decodes content to see whether it can be decoded.
struct Check {
    encoding: Encoding,
    decoder: Decoder,
    lenient: bool,
    text: Box<[u8]>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.encoding).finish()
    }
}

impl Check {
    fn new(encoding: Encoding, lenient: bool) -> Option<Self> {
        Some(Check {
            encoding,
            decoder: encoding.whatwg()?.new_decoder_without_bom_handling(),
            lenient,
            text: vec![0; 2 * SAMPLE].into(),
        })
    }

    /// Whether the next bytes can be decoded, and hold no control characters beyond ASCII unless
    /// that is tolerated.
    fn update(&mut self, mut bytes: &[u8], last: bool) -> bool {
        loop {
            let (result, read, written) =
                self.decoder
                    .decode_to_utf8_without_replacement(bytes, &mut self.text, last);
            bytes = &bytes[read..];
            if !self.lenient && has_c1_control(&self.text[..written]) {
                return false;
            }
            match result {
                DecoderResult::InputEmpty => return true,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return false,
            }
        }
    }
}

/// Whether UTF-8 holds U+0080 to U+009F, apart from U+0085, the line end of mainframes.
fn has_c1_control(text: &[u8]) -> bool {
    memchr::memchr_iter(0xc2, text)
        .filter_map(|index| text.get(index + 1))
        .any(|&next| next < 0xa0 && next != 0x85)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(bytes: &[u8]) -> Option<Encoding> {
        let mut guesser = Guesser::new(false);
        guesser.update(bytes);
        guesser.finish()
    }

    fn name(bytes: &[u8]) -> Option<&'static str> {
        guess(bytes).map(Encoding::name)
    }

    #[test]
    fn falls_back_to_windows_1252_where_that_is_plausible() {
        // Damaged UTF-8: the sample is valid, what follows is not.
        let mut damaged = "é ".repeat(SAMPLE).into_bytes();
        damaged.push(0xff);
        assert_eq!(name(&damaged), Some("windows-1252"));
        let mut chinese = "中".repeat(SAMPLE).into_bytes();
        chinese.extend(b"\x81\xff");
        assert_eq!(name(&chinese), None);
    }

    #[test]
    fn a_broken_end_is_seen() {
        let japanese = "日本語の文章です。これはテストです。\n".repeat(SAMPLE / 16);
        let (mut content, ..) = encoding_rs::SHIFT_JIS.encode(&japanese);
        assert!(content.len() > SAMPLE);
        assert_eq!(name(&content), Some("shift_jis"));
        content.to_mut().push(b'\x82');
        assert_eq!(name(&content), None);
    }

    #[test]
    fn lenient_guesses_never_fail() {
        let mut guesser = Guesser::new(true);
        guesser.update(b"\x81\x8d\xff\xfe\x00\x90");
        assert!(guesser.finish().is_some());
    }
}
