//! Inflating what is next in the stream of a pack.

use sirocco::inflate::{Decoder, Error as InflateError};

use crate::error::Error;
use crate::ingest::input::Input;
use crate::pack::{EntryProblem, PackError, SLACK, compressed_bound};

/// The compressed form of an entry is brought into view as a whole if it has at most this many bytes.
const IN_VIEW: u64 = 128 << 10;

/// Inflates what is next in the `input` into `out`, which has [`SLACK`] bytes more than that may be.
pub(super) fn inflate(
    input: &mut Input<'_>,
    decoder: &mut Decoder,
    offset: u64,
    out: &mut [u8],
) -> Result<(), Error> {
    let size = out.len() - SLACK;
    let bound = compressed_bound(size as u64);
    if bound <= IN_VIEW {
        input.fill(bound as usize)?;
        match decoder.decompress(input.view(), out, true) {
            Ok(progress) if progress.done && progress.output.len() == size => {
                let consumed = progress.consumed;
                input.consume(consumed);
                return Ok(());
            }
            // Compressed worse than any compressor should.
            Err(InflateError::Truncated) => {}
            Ok(_) => return Err(problem(offset, EntryProblem::SizeMismatch)),
            Err(_) => return Err(problem(offset, EntryProblem::Deflate)),
        }
    }
    decoder.reset();
    let mut filled = 0;
    loop {
        let last = input.is_last();
        let progress = decoder
            .decompress(input.view(), out, last)
            .map_err(|error| problem(offset, deflate_problem(error)))?;
        filled += progress.output.len();
        let (consumed, done) = (progress.consumed, progress.done);
        if filled > size || done && filled != size {
            return Err(problem(offset, EntryProblem::SizeMismatch));
        }
        input.consume(consumed);
        if done {
            return Ok(());
        }
        input.read_more()?;
    }
}

pub(super) fn deflate_problem(error: InflateError) -> EntryProblem {
    match error {
        InflateError::Truncated => EntryProblem::CutOff,
        InflateError::BufferFull => EntryProblem::SizeMismatch,
        _ => EntryProblem::Deflate,
    }
}

/// The error for the entry that begins at `offset`.
pub(super) fn problem(offset: u64, problem: EntryProblem) -> Error {
    PackError {
        file: None,
        offset,
        object: None,
        problem,
    }
    .into()
}
