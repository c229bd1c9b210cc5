//! Our inflate against zlib-rs: the same streams, the same bytes.

use std::cell::RefCell;
use std::io::Read;

use flate2::bufread::ZlibDecoder;
use sirocco::Format;
use sirocco::inflate::Decoder;

/// The largest content that is tried.
const MAX: usize = 1 << 20;

/// Room behind the output, which the decoder may scribble on.
const SLACK: usize = 64;

/// Inflates a zlib stream with both, in one go and in pieces.
pub fn inflate(input: &[u8]) {
    let (&step, stream) = match input.split_first() {
        Some(split) => split,
        None => return,
    };
    let Some(expected) = second_opinion(stream) else {
        return;
    };
    for step in [stream.len().max(1), usize::from(step) + 1] {
        assert!(ours(stream, step) == expected, "in steps of {step}");
    }
}

/// `None` if there is too much of it; the inner one if the stream is malformed.
fn second_opinion(stream: &[u8]) -> Option<Option<Vec<u8>>> {
    let mut out = Vec::new();
    let mut decoder = ZlibDecoder::new(stream).take(MAX as u64 + 1);
    match decoder.read_to_end(&mut out) {
        Ok(_) if out.len() > MAX => None,
        Ok(_) => Some(Some(out)),
        Err(_) if out.len() > MAX => None,
        Err(_) => Some(None),
    }
}

fn ours(stream: &[u8], step: usize) -> Option<Vec<u8>> {
    // Asking the system for so much memory each time would take longer than the rest.
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; MAX + SLACK]);
    }
    BUFFER.with_borrow_mut(|buffer| inflate_into(buffer, stream, step))
}

fn inflate_into(buffer: &mut [u8], stream: &[u8], step: usize) -> Option<Vec<u8>> {
    let mut decoder = Decoder::new(Format::Zlib);
    let mut out = Vec::new();
    let (mut start, mut end) = (0, 0);
    loop {
        end = (end + step).min(stream.len());
        let last = end == stream.len();
        let progress = decoder.decompress(&stream[start..end], buffer, last).ok()?;
        out.extend_from_slice(progress.output);
        start += progress.consumed;
        if progress.done {
            return Some(out);
        }
        if last && progress.consumed == 0 && progress.output.is_empty() {
            return None;
        }
    }
}
