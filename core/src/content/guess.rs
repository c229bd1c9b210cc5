//! Guesses the encoding of content that is not UTF-8, and checks the guess.

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
    state: State,
    /// C1 controls and bytes without a meaning are accepted.
    lenient: bool,
    /// No byte so far is without a meaning in windows-1252.
    western: bool,
}

#[derive(Debug)]
enum State {
    /// Collecting the sample.
    Sampling(Vec<u8>),
    /// The guess decodes what came so far.
    Checking(Box<Check>),
    /// Only windows-1252 is left.
    Western,
}

impl Guesser {
    /// A `lenient` one always ends with an encoding.
    pub(super) fn new(lenient: bool) -> Self {
        Guesser {
            condenser: Condenser::new(),
            state: State::Sampling(Vec::new()),
            lenient,
            western: true,
        }
    }

    /// Looks at the next bytes.
    pub(super) fn update(&mut self, piece: &[u8]) {
        let mut condenser = self.condenser;
        condenser.update(piece, |bytes| self.condensed(bytes));
        self.condenser = condenser;
    }

    fn condensed(&mut self, mut bytes: &[u8]) {
        self.western &= !bytes.iter().any(|&byte| is_undefined_in_windows_1252(byte));
        if let State::Sampling(sample) = &mut self.state {
            let room = SAMPLE - sample.len();
            let (taken, rest) = bytes.split_at(room.min(bytes.len()));
            sample.extend_from_slice(taken);
            bytes = rest;
            if rest.is_empty() {
                return;
            }
            let sample = std::mem::take(sample);
            self.state = self.judge(&sample, false);
        }
        self.check(bytes, false);
    }

    /// Tells the encoding that decodes all that came; `None` if there is none.
    pub(super) fn finish(mut self) -> Option<Encoding> {
        if let State::Sampling(sample) = &mut self.state {
            let sample = std::mem::take(sample);
            self.state = self.judge(&sample, true);
        }
        self.check(&[], true);
        match self.state {
            State::Checking(check) => Some(check.encoding),
            _ => (self.western || self.lenient).then_some(Encoding::WINDOWS_1252),
        }
    }

    fn judge(&self, sample: &[u8], last: bool) -> State {
        if !last && is_utf8_so_far(sample) {
            return State::Western;
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(sample, last);
        let guess = Encoding::from_whatwg(detector.guess(None, Utf8Detection::Deny));
        let check = guess.and_then(|encoding| Check::new(encoding, self.lenient));
        if let Some(mut check) = check
            && check.update(sample, false)
        {
            return State::Checking(Box::new(check));
        }
        State::Western
    }

    fn check(&mut self, bytes: &[u8], last: bool) {
        if let State::Checking(check) = &mut self.state
            && !check.update(bytes, last)
        {
            self.state = State::Western;
        }
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
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Check").field(&self.encoding).finish()
    }
}

impl Check {
    fn new(encoding: Encoding, lenient: bool) -> Option<Self> {
        Some(Check {
            encoding,
            decoder: encoding.whatwg()?.new_decoder_without_bom_handling(),
            lenient,
        })
    }

    /// Whether the next bytes can be decoded, and hold no control characters beyond ASCII unless
    /// that is tolerated.
    fn update(&mut self, mut bytes: &[u8], last: bool) -> bool {
        let mut text = [0; 4 << 10];
        loop {
            let (result, read, written) = self
                .decoder
                .decode_to_utf8_without_replacement(bytes, &mut text, last);
            bytes = &bytes[read..];
            if !self.lenient && has_c1_control(&text[..written]) {
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
