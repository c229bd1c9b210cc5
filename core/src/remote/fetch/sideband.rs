//! The pack, taken out of the bands that it shares with messages and errors.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use super::error::FetchError;
use super::pkt::{Frame, Pkts};
use crate::error::LimitError;
use crate::limits::Limits;
use crate::progress::Progress;
use crate::remote::ServerText;
use crate::remote::redact::Redactor;

pub(super) const STAGE: &str = "while it sent the pack";

/// Bytes of a line of a server's message that are kept until the line ends.
const MAX_MESSAGE: usize = 1_024;

/// In which frames the pack comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Each pkt-line begins with the number of its band: 1 pack, 2 message, 3 error.
    SideBand,
    /// None: the pack follows bare, until the connection ends.
    Bare,
}

/// What holds while a pack is received.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) limits: &'a Limits,
    /// How long the server may send everything but the pack.
    pub(super) patience: Duration,
    /// Where its messages are shown.
    pub(super) progress: &'a Progress,
    /// What must not be shown.
    pub(super) redactor: &'a Redactor,
}

impl Rules<'_> {
    fn show(&self, message: &[u8]) {
        let message = ServerText::new(message).redacted(self.redactor);
        self.progress.set_message(message.to_text());
    }
}

/// The bytes of a pack as a reader.
///
/// It ends where the server says that the pack ends; a connection that ends earlier is an error.
/// What went wrong is kept, because a reader can only tell it as an [`io::Error`]: whoever gets one
/// takes the cause with [`take_failure`](Self::take_failure).
pub(super) struct PackStream<'a, R> {
    pkts: Pkts<R>,
    framing: Framing,
    rules: Rules<'a>,
    /// Bytes of band 1 that the current frame still holds.
    in_frame: usize,
    ended: bool,
    pack_bytes: u64,
    other_bytes: u64,
    message: Vec<u8>,
    /// When the first frame came that was not the pack's, after the last that was.
    waiting_since: Option<Instant>,
    failure: Option<FetchError>,
}

impl<'a, R: Read> PackStream<'a, R> {
    pub(super) fn new(mut pkts: Pkts<R>, framing: Framing, rules: Rules<'a>) -> Self {
        pkts.set_stage(STAGE);
        PackStream {
            pkts,
            framing,
            rules,
            in_frame: 0,
            ended: false,
            pack_bytes: 0,
            other_bytes: 0,
            message: Vec::new(),
            waiting_since: None,
            failure: None,
        }
    }

    /// What went wrong, if reading has failed.
    pub(super) fn take_failure(&mut self) -> Option<FetchError> {
        self.failure.take()
    }

    /// Waits for the first byte of the pack, so that an error that stands in its place is noticed
    /// before anything is made of the pack.
    pub(super) fn wait_for_pack(&mut self) -> Result<(), FetchError> {
        match self.framing {
            Framing::Bare => {
                if self.pkts.at_end()? {
                    return Err(self.pkts.ended());
                }
            }
            Framing::SideBand => self.next_frame()?,
        }
        Ok(())
    }

    fn take(&mut self, out: &mut [u8]) -> Result<usize, FetchError> {
        if out.is_empty() || self.ended {
            return Ok(0);
        }
        let count = match self.framing {
            Framing::Bare => {
                let count = self.pkts.read_raw(out).map_err(FetchError::from_io)?;
                self.ended = count == 0;
                count
            }
            Framing::SideBand => {
                if self.in_frame == 0 {
                    self.next_frame()?;
                }
                if self.ended {
                    return Ok(0);
                }
                let wanted = out.len().min(self.in_frame);
                let count = self.pkts.read_payload(&mut out[..wanted])?;
                self.in_frame -= count;
                count
            }
        };
        self.pack_bytes += count as u64;
        let limit = self.rules.limits.max_pack_bytes;
        if self.pack_bytes > limit {
            return Err(LimitError::new("max_pack_bytes", limit).into());
        }
        Ok(count)
    }

    /// Goes on to the next frame that holds bytes of the pack, or to the end.
    fn next_frame(&mut self) -> Result<(), FetchError> {
        while self.in_frame == 0 && !self.ended {
            let length = match self.pkts.frame()? {
                Frame::Data(length) => length,
                Frame::Flush => {
                    self.ended = true;
                    break;
                }
                Frame::Delimiter => return Err(malformed("a delimiter")),
                Frame::ResponseEnd | Frame::End => return Err(self.pkts.ended()),
            };
            let Some(payload) = length.checked_sub(1) else {
                return Err(malformed("a packet without a band"));
            };
            let mut band = [0];
            self.pkts.read_payload(&mut band)?;
            match band[0] {
                1 if payload > 0 => {
                    self.in_frame = payload;
                    self.waiting_since = None;
                }
                // An empty one keeps the connection alive.
                1 => self.count_other(0)?,
                2 => {
                    self.count_other(payload)?;
                    let text = self.pkts.payload(payload)?;
                    take_message(&mut self.message, text, &self.rules);
                }
                3 => {
                    let words = self.pkts.payload(payload)?;
                    return Err(FetchError::refused(words));
                }
                _ => return Err(malformed("an unknown band")),
            }
        }
        Ok(())
    }

    /// Counts a frame that brings the pack no further, and the time that such frames take.
    fn count_other(&mut self, payload: usize) -> Result<(), FetchError> {
        const FRAME: usize = 5;
        self.other_bytes += (payload + FRAME) as u64;
        let limit = self.rules.limits.max_sideband_bytes;
        if self.other_bytes > limit {
            return Err(LimitError::new("max_sideband_bytes", limit).into());
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let patience = self.rules.patience;
        if since.elapsed() > patience {
            return Err(FetchError::NoPack(patience));
        }
        Ok(())
    }
}

impl<R: Read> Read for PackStream<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(failed());
        }
        self.take(out).map_err(|failure| {
            self.failure = Some(failure);
            failed()
        })
    }
}

fn failed() -> io::Error {
    io::Error::other("the pack could not be received")
}

fn malformed(what: &'static str) -> FetchError {
    FetchError::malformed(STAGE, what, b"")
}

/// Adds text of band 2 and shows the last line of it that is complete.
///
/// Git ends a line that it will overwrite with a carriage return.
fn take_message(held: &mut Vec<u8>, text: &[u8], rules: &Rules<'_>) {
    let Some(end) = memchr::memrchr2(b'\r', b'\n', text) else {
        keep(held, text);
        return;
    };
    let (complete, rest) = (&text[..end], &text[end + 1..]);
    let mut lines = complete.rsplit(|byte| matches!(byte, b'\r' | b'\n'));
    let last = lines.find(|line| !line.trim_ascii().is_empty());
    match last {
        // The line began before this text.
        Some(last) if last.len() == complete.len() => {
            keep(held, last);
            rules.show(held);
        }
        Some(last) => rules.show(last),
        None if !held.is_empty() => rules.show(held),
        None => {}
    }
    held.clear();
    keep(held, rest);
}

fn keep(held: &mut Vec<u8>, text: &[u8]) {
    let room = MAX_MESSAGE.saturating_sub(held.len());
    held.extend_from_slice(&text[..text.len().min(room)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::fetch::pkt::{push_flush, push_line};

    fn band(number: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        push_line(&mut out, &[&[number], payload].concat());
        out
    }

    fn flush() -> Vec<u8> {
        let mut out = Vec::new();
        push_flush(&mut out);
        out
    }

    fn read(
        bytes: &[u8],
        framing: Framing,
        limits: &Limits,
    ) -> (Vec<u8>, Option<FetchError>, String) {
        read_with_patience(bytes, framing, limits, Duration::from_secs(60))
    }

    fn read_with_patience(
        bytes: &[u8],
        framing: Framing,
        limits: &Limits,
        patience: Duration,
    ) -> (Vec<u8>, Option<FetchError>, String) {
        let progress = Progress::new();
        let pkts = Pkts::new(bytes, STAGE);
        let rules = Rules {
            limits,
            patience,
            progress: &progress,
            redactor: &Redactor::default(),
        };
        let mut stream = PackStream::new(pkts, framing, rules);
        let mut pack = Vec::new();
        let result = stream.read_to_end(&mut pack);
        let failure = stream.take_failure();
        assert_eq!(result.is_err(), failure.is_some());
        (pack, failure, progress.snapshot().message)
    }

    #[test]
    fn bands_are_told_apart() {
        let bytes = [
            band(2, b"Counting objects:  50% (1/2)\rCount"),
            band(1, b"PACK"),
            band(1, b""),
            band(2, b"ing objects: 100% (2/2), done.\n"),
            band(1, b"more"),
            band(2, b"not ended"),
            flush(),
            b"never looked at".to_vec(),
        ]
        .concat();
        let (pack, failure, message) = read(&bytes, Framing::SideBand, &Limits::default());
        assert!(failure.is_none(), "{failure:?}");
        assert_eq!(pack, b"PACKmore");
        assert_eq!(message, "Counting objects: 100% (2/2), done.");
    }

    #[test]
    fn a_pack_without_bands_goes_to_the_end() {
        let (pack, failure, _) = read(b"PACK anything", Framing::Bare, &Limits::default());
        assert!(failure.is_none());
        assert_eq!(pack, b"PACK anything");
    }

    #[test]
    fn every_cut_is_an_error() {
        let bytes = [
            band(2, b"hello\n"),
            band(1, b"PACK"),
            band(1, b"data"),
            flush(),
        ]
        .concat();
        for cut in 0..bytes.len() {
            let (_, failure, _) = read(&bytes[..cut], Framing::SideBand, &Limits::default());
            assert!(
                matches!(failure, Some(FetchError::Ended { .. })),
                "cut at {cut}: {failure:?}"
            );
        }
    }

    #[test]
    fn errors_of_band_3_and_broken_frames_are_told() {
        let error = [band(1, b"PA"), band(3, b"fatal: early EOF\x07\n")].concat();
        let (pack, failure, _) = read(&error, Framing::SideBand, &Limits::default());
        assert_eq!(pack, b"PA");
        let failure = failure.expect("band 3 is an error");
        assert_eq!(failure.to_string(), "the server refused: early EOF");

        for bytes in [
            band(4, b"x"),
            band(0, b""),
            b"0004".to_vec(),
            b"0001".to_vec(),
            b"zzzz".to_vec(),
        ] {
            let (_, failure, _) = read(
                &[band(1, b"P"), bytes].concat(),
                Framing::SideBand,
                &Limits::default(),
            );
            assert!(
                matches!(failure, Some(FetchError::Malformed { .. })),
                "{failure:?}"
            );
        }
    }

    #[test]
    fn messages_hold_no_control_characters_and_stay_short() {
        let mut bytes = Vec::new();
        for _ in 0..10 {
            bytes.extend(band(2, &[b'\x1b'; 1_000]));
            bytes.extend(band(2, &[b'x'; 60_000]));
        }
        bytes.extend(band(2, b"\n\n\r"));
        bytes.extend(flush());
        let (_, _, message) = read(&bytes, Framing::SideBand, &Limits::default());
        assert!(message.chars().count() <= 201);
        assert!(!message.chars().any(char::is_control));
    }

    #[test]
    fn limits_hold_at_their_bounds() {
        let limits = Limits::default().max_pack_bytes(4).max_sideband_bytes(10);
        let fits = [band(1, b"PACK"), band(2, b"12345"), flush()].concat();
        assert!(read(&fits, Framing::SideBand, &limits).1.is_none());
        for (bytes, name) in [
            ([band(1, b"PACK!"), flush()].concat(), "max_pack_bytes"),
            ([band(2, b"123456"), flush()].concat(), "max_sideband_bytes"),
            (
                [band(1, b""), band(1, b""), band(1, b"")].concat(),
                "max_sideband_bytes",
            ),
        ] {
            let failure = read(&bytes, Framing::SideBand, &limits)
                .1
                .expect("over the limit");
            assert!(failure.to_string().contains(name), "{failure}");
        }
    }

    #[test]
    fn signs_of_life_do_not_take_the_place_of_a_pack() {
        let limits = Limits::default();
        let read =
            |bytes: &[u8]| read_with_patience(bytes, Framing::SideBand, &limits, Duration::ZERO).1;
        let alive = [band(1, b""), band(2, b"wait\n")].concat().repeat(1_000);
        let failure = read(&alive);
        assert!(
            matches!(failure, Some(FetchError::NoPack(_))),
            "{failure:?}"
        );
        assert!(read(&[band(1, b"PACK"), flush()].concat()).is_none());
    }
}
