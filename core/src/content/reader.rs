//! Text out of bytes, as a stream.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, DecoderResult};

use super::decode::{DecodeError, utf_32};
use super::facts::{Bom, Encoding};

/// Bytes that are read and decoded at a time.
const BUFFER: usize = 16 << 10;

/// Reads content in any encoding as UTF-8.
///
/// The byte order mark is left out. Reads end at any byte, also inside a character.
#[derive(Debug)]
pub(crate) struct TextReader<R> {
    inner: R,
    encoding: Encoding,
    /// The mark that is still to be skipped.
    mark: Option<Bom>,
    /// `None` for UTF-32.
    decoder: Option<DebugDecoder>,
    replace: bool,
    replaced: bool,
    input: Vec<u8>,
    /// Read, and not decoded yet: `input[start..]`.
    start: usize,
    ended: bool,
    output: Vec<u8>,
    /// Decoded, and not handed out yet: `output[given..]`.
    given: usize,
    finished: bool,
}

struct DebugDecoder(Decoder);

impl std::fmt::Debug for DebugDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.encoding().name())
    }
}

impl<R: Read> TextReader<R> {
    /// Reads `inner` as text that begins with `bom`, if any. What is malformed is an error of kind
    /// [`InvalidData`](io::ErrorKind::InvalidData), with a [`DecodeError`] in it.
    pub(crate) fn new(inner: R, encoding: Encoding, bom: Option<Bom>) -> Self {
        TextReader {
            inner,
            encoding,
            mark: bom,
            decoder: encoding
                .whatwg()
                .map(|encoding| DebugDecoder(encoding.new_decoder_without_bom_handling())),
            replace: false,
            replaced: false,
            input: Vec::new(),
            start: 0,
            ended: false,
            output: Vec::new(),
            given: 0,
            finished: false,
        }
    }

    /// Like [`new`](TextReader::new), with U+FFFD in place of what is malformed.
    pub(crate) fn lossy(inner: R, encoding: Encoding, bom: Option<Bom>) -> Self {
        TextReader {
            replace: true,
            ..Self::new(inner, encoding, bom)
        }
    }

    /// Whether anything so far was replaced by U+FFFD.
    pub(crate) fn has_replaced(&self) -> bool {
        self.replaced
    }

    /// Reads until the buffer is full or the content ends.
    fn fill(&mut self) -> io::Result<()> {
        self.input.drain(..self.start);
        self.start = 0;
        let mut have = self.input.len();
        self.input.resize(BUFFER, 0);
        while have < BUFFER && !self.ended {
            match self.inner.read(&mut self.input[have..]) {
                Ok(0) => self.ended = true,
                Ok(read) => have += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.input.truncate(have);
                    return Err(error);
                }
            }
        }
        self.input.truncate(have);
        if let Some(mark) = self.mark.take()
            && Bom::of(&self.input) == Some(mark)
        {
            self.start = mark.length();
        }
        Ok(())
    }

    /// Decodes what was read.
    fn decode(&mut self) -> Result<(), DecodeError> {
        let error = DecodeError {
            encoding: self.encoding,
        };
        self.given = 0;
        self.output.clear();
        let Some(DebugDecoder(decoder)) = &mut self.decoder else {
            let waiting = &self.input[self.start..];
            let whole = match self.ended {
                true => waiting.len(),
                false => waiting.len() / 4 * 4,
            };
            for character in utf_32(&waiting[..whole], self.encoding) {
                if character.is_none() && !self.replace {
                    return Err(error);
                }
                self.replaced |= character.is_none();
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                let mut utf8 = [0; 4];
                self.output
                    .extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
            }
            self.start += whole;
            self.finished = self.ended;
            return Ok(());
        };
        self.output.resize(BUFFER, 0);
        let waiting = &self.input[self.start..];
        let (input_empty, read, written) = if self.replace {
            let (result, read, written, replaced) =
                decoder.decode_to_utf8(waiting, &mut self.output, self.ended);
            self.replaced |= replaced;
            (result == CoderResult::InputEmpty, read, written)
        } else {
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(waiting, &mut self.output, self.ended);
            if matches!(result, DecoderResult::Malformed(..)) {
                return Err(error);
            }
            (result == DecoderResult::InputEmpty, read, written)
        };
        self.start += read;
        self.output.truncate(written);
        self.finished = self.ended && input_empty;
        Ok(())
    }
}

impl<R: Read> Read for TextReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.given == self.output.len() {
            if self.finished {
                return Ok(0);
            }
            if !self.ended {
                self.fill()?;
            }
            self.decode()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        let waiting = &self.output[self.given..];
        let length = waiting.len().min(buffer.len());
        buffer[..length].copy_from_slice(&waiting[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::decode;
    use super::*;

    /// Gives one byte at a time.
    struct Dripping<'a>(&'a [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    fn read(content: &[u8], encoding: Encoding, bom: Option<Bom>) -> io::Result<String> {
        let mut text = String::new();
        TextReader::new(Dripping(content), encoding, bom).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn gives_the_text_that_decoding_in_one_go_gives() {
        let text = "a\nß €😀 日本語\r\n".repeat(3_000);
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let utf_32: Vec<u8> = text
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect();
        for (mark, content, bom) in [
            (&b"\xef\xbb\xbf"[..], text.as_bytes(), Bom::Utf8),
            (b"\xfe\xff", &utf_16, Bom::Utf16Be),
            (b"\xff\xfe\0\0", &utf_32, Bom::Utf32Le),
        ] {
            let content = [mark, content].concat();
            assert_eq!(read(&content, bom.encoding(), Some(bom)).unwrap(), text);
            assert_eq!(decode(&content, bom.encoding(), Some(bom)).unwrap(), text);
        }
    }

    #[test]
    fn malformed_content_is_an_error_or_is_said_to_be_lossy() {
        for (content, encoding) in [
            (&b"a\xff"[..], Encoding::UTF_8),
            (b"a\xc3", Encoding::UTF_8),
            (b"a\0\0\xd8", Encoding::UTF_16LE),
            (b"a\0\0\0b", Encoding::UTF_32LE),
            (b"a\0\0\0\0\0\x11\0b\0\0\0", Encoding::UTF_32LE),
        ] {
            let error = read(content, encoding, None).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            let mut reader = TextReader::lossy(Dripping(content), encoding, None);
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            assert!(reader.has_replaced());
            assert!(
                text.starts_with('a') && text.contains('\u{fffd}'),
                "{text:?}"
            );
        }
    }
}
