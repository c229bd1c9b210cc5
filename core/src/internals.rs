//! The stages by themselves, for benchmarks and fuzz targets.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::budget::Budget;
use crate::local::{Repository, Verify, read_many};
use crate::pack::{Found, Work};
use crate::spill::Buffers;
use crate::{Cancel, Error, Limits, ObjectId};

/// Inflates the objects `ids` of the repository at `path`, each stored entry once, and does nothing
/// with them. Returns their bytes.
///
/// This is the floor under a local import.
pub fn inflate_only(
    path: &Path,
    ids: &[ObjectId],
    threads: usize,
    verify: Verify,
) -> Result<u64, Error> {
    let repository = Repository::open(path, true)?;
    let buffers = Buffers::new(Budget::new(256 << 20), std::env::temp_dir(), 1 << 30);
    let limits = Limits::default();
    let work = Work::new(threads, buffers, Cancel::new(), limits.max_inflate_ratio)?;
    let bytes = AtomicU64::new(0);
    let count = |_, found: Found<'_>| {
        match found {
            Found::Whole(_, object) => {
                bytes.fetch_add(object.len() as u64, Ordering::Relaxed);
            }
            Found::Stream(_, stream) => stream.for_each_chunk(&mut |chunk| {
                bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                Ok(())
            })?,
            Found::TooLarge(_) | Found::Missing => {}
        }
        Ok(())
    };
    read_many(&repository.odb, ids, verify, &limits, &work, &count)?;
    Ok(bytes.into_inner())
}

/// Takes in the pack that `source` yields, as a remote import does. Returns how many blobs it held.
pub fn ingest(source: &mut dyn std::io::Read, threads: usize) -> Result<usize, Error> {
    let buffers = Buffers::new(Budget::new(256 << 20), std::env::temp_dir(), 8 << 30);
    let limits = Limits::default();
    let work = Work::new(threads, buffers, Cancel::new(), limits.max_inflate_ratio)?;
    let format = crate::ObjectFormat::Sha1;
    let progress = crate::Progress::new();
    let received = crate::ingest::ingest(source, format, &limits, &work, &progress)?;
    Ok(received.blobs.len())
}
