//! The stages by themselves, for benchmarks and fuzz targets.

pub mod opinion;
pub mod probe;

pub use crate::store::probe::{Damaged, Rows};

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::attributes::{AttributeStack, TextAttribute};
use crate::budget::Budget;
use crate::content::Examiner;
use crate::local::{Repository, Verify, read_many};
use crate::pack::{DeltaHeader, Found, Sink, Work};
use crate::spill::Buffers;
use crate::tree::{Outline, TreeSet};
use crate::{Cancel, ContentHash, Error, Limits, ObjectId};

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
    read(path, ids, threads, verify, &count)?;
    Ok(bytes.into_inner())
}

/// Inflates the objects `ids`, each stored entry once, and computes the BLAKE3 digest of each, with no
/// more. Returns their bytes.
///
/// This is the least that any import with digests has to do.
pub fn inflate_and_hash(path: &Path, ids: &[ObjectId], threads: usize) -> Result<u64, Error> {
    let bytes = AtomicU64::new(0);
    let hash = |_, found: Found<'_>| {
        let mut hasher = blake3::Hasher::new();
        match found {
            Found::Whole(_, object) => {
                hasher.update(object);
            }
            Found::Stream(_, stream) => stream.for_each_chunk(&mut |chunk| {
                hasher.update(chunk);
                Ok(())
            })?,
            Found::TooLarge(_) | Found::Missing => {}
        }
        std::hint::black_box(hasher.finalize());
        bytes.fetch_add(hasher.count(), Ordering::Relaxed);
        Ok(())
    };
    read(path, ids, threads, Verify::Checksums, &hash)?;
    Ok(bytes.into_inner())
}

/// Inflates the objects `ids` and finds the facts of each, as a local import does. Returns their
/// bytes, and how many are text.
pub fn inflate_and_examine(
    path: &Path,
    ids: &[ObjectId],
    threads: usize,
) -> Result<(u64, u64), Error> {
    let (bytes, texts) = (AtomicU64::new(0), AtomicU64::new(0));
    let add = |facts: crate::content::BlobFacts| {
        bytes.fetch_add(facts.size, Ordering::Relaxed);
        let is_text = facts.traits.encoding.is_some();
        texts.fetch_add(u64::from(is_text), Ordering::Relaxed);
    };
    let take = |_, found: Found<'_>| {
        match found {
            Found::Whole(_, object) => add(crate::content::examine(object)),
            Found::Stream(_, stream) => {
                let mut examiner = Examiner::new();
                stream.for_each_chunk(&mut |chunk| {
                    examiner.update(chunk);
                    Ok(())
                })?;
                add(examiner.finish());
            }
            Found::TooLarge(_) | Found::Missing => {}
        }
        Ok(())
    };
    read(path, ids, threads, Verify::Checksums, &take)?;
    Ok((bytes.into_inner(), texts.into_inner()))
}

fn read(
    path: &Path,
    ids: &[ObjectId],
    threads: usize,
    verify: Verify,
    sink: &dyn Sink,
) -> Result<(), Error> {
    let repository = Repository::open(path, true)?;
    let buffers = Buffers::new(Budget::new(256 << 20), std::env::temp_dir(), 1 << 30);
    let limits = Limits::default().max_blob(u64::MAX);
    let work = Work::new(threads, buffers, Cancel::new(), limits.max_inflate_ratio)?;
    read_many(&repository.odb, ids, verify, &limits, &work, sink)
}

/// Takes in the pack that `source` yields, as a remote import does. Returns how many blobs it held.
pub fn ingest(source: &mut dyn std::io::Read, threads: usize) -> Result<usize, Error> {
    let buffers = Buffers::new(Budget::new(256 << 20), std::env::temp_dir(), 8 << 30);
    let limits = Limits::default();
    let work = Work::new(threads, buffers, Cancel::new(), limits.max_inflate_ratio)?;
    let format = crate::ObjectFormat::Sha1;
    let progress = crate::Progress::new();
    let companions = crate::ingest::Companions::default();
    let received = crate::ingest::ingest(source, format, &limits, &work, &progress, companions)?;
    Ok(received.facts.len())
}

/// Finds the facts of one content: its digest, and whether it is text.
pub fn examine(content: &[u8]) -> (ContentHash, bool) {
    let facts = crate::content::examine(content);
    (facts.digest, facts.traits.encoding.is_some())
}

/// Finds the facts of a content that comes in pieces; see [`examine`].
pub fn examine_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (ContentHash, bool) {
    let mut examiner = Examiner::new();
    for piece in pieces {
        examiner.update(piece);
    }
    let facts = examiner.finish();
    (facts.digest, facts.traits.encoding.is_some())
}

/// Applies a delta, with its header, to `base`; `None` if it is malformed or for another base.
pub fn apply_delta(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let header = DeltaHeader::parse(delta).ok()?;
    let size = usize::try_from(header.result_size).ok()?;
    if header.base_size != base.len() as u64 || size as u64 > Limits::default().max_blob {
        return None;
    }
    let mut result = vec![0; size];
    crate::pack::apply_delta(base, &delta[header.len..], &mut result).ok()?;
    Some(result)
}

/// Checks folders and puts what is in them in order. Returns how many entries there are, at any
/// depth below `root`.
pub fn outline(root: ObjectId, trees: &[(ObjectId, Vec<u8>)]) -> Result<u64, Error> {
    let mut set = TreeSet::new(root.format(), &Limits::default());
    for (id, bytes) in trees {
        set.insert(*id, bytes)?;
    }
    let outline = Outline::new(set, root, None, &mut |_| Ok(None), &Cancel::new())?;
    let mut walk = outline.walk();
    let mut entries = 0;
    while let Some(visit) = walk.next() {
        entries += u64::from(!matches!(visit, crate::tree::Visit::Leave));
    }
    Ok(entries)
}

/// Asks for the attributes of all `paths`, which come depth first, where the top level has the
/// attributes file `file` and the folders have none. Returns how many are declared not to be text.
pub fn attributes(file: &[u8], paths: &[Vec<u8>]) -> Result<usize, Error> {
    let mut stack = AttributeStack::new(Some(file), &Limits::default())?;
    let mut entered: Vec<&[u8]> = Vec::new();
    let mut count = 0;
    for path in paths {
        let mut folders: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
        let name = folders.pop().unwrap_or_default();
        let common = entered.iter().zip(&folders).take_while(|(a, b)| a == b);
        let common = common.count();
        for _ in common..entered.len() {
            stack.leave();
        }
        entered.truncate(common);
        for folder in &folders[common..] {
            stack.enter(folder, None)?;
            entered.push(folder);
        }
        let attributes = stack.attributes_of(name, false)?;
        count += usize::from(attributes.text == TextAttribute::Unset);
    }
    Ok(count)
}
