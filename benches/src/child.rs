//! Contenders that are no programs by themselves: the runner starts itself with their names.

mod by_blob;
mod cat_file;
mod truth;

use std::fs::{self, File};
use std::path::Path;

use gitlade::{Control, Limits, ObjectId, Options, Verify, internals};

use crate::git::Result;

pub use by_blob::by_blob;
pub use cat_file::cat_file;
pub use truth::{Truth, read_truth, write_truth};

/// Inflates the objects whose ids are in the file `ids`, with `hash` computes BLAKE3 of each, and
/// returns their bytes.
///
/// # Errors
///
/// If the file is not such a list, or an object cannot be read.
pub fn inflate(repository: &Path, ids: &Path, threads: usize, hash: bool) -> Result<u64> {
    let ids: Option<Vec<ObjectId>> = fs::read(ids)?
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(ObjectId::from_hex)
        .collect();
    let ids = ids.ok_or("the list has a line that is no object id")?;
    if hash {
        return Ok(internals::inflate_and_hash(repository, &ids, threads)?);
    }
    Ok(internals::inflate_only(
        repository,
        &ids,
        threads,
        Verify::Checksums,
    )?)
}

/// Takes in a pack from a file, and returns how many blobs it held.
///
/// # Errors
///
/// If it cannot be read or is damaged.
pub fn ingest(pack: &Path, threads: usize) -> Result<u64> {
    Ok(internals::ingest(&mut File::open(pack)?, threads)? as u64)
}

/// Imports a repository as the command line does, by the library alone.
///
/// # Errors
///
/// Those of the import, and of writing the manifest.
pub fn import(repository: &Path, manifest: &Path) -> Result<()> {
    let import = gitlade::import_path(repository, &Options::default(), &Control::new())?;
    import.manifest().write_ndjson(File::create(manifest)?)?;
    Ok(())
}

/// Entries without the folders, and bytes, as the manifest in the file says them. The whole of it
/// is checked.
///
/// # Errors
///
/// If it cannot be read, or is no complete and unaltered manifest.
pub fn read_manifest(path: &Path) -> Result<(u64, u64)> {
    let file = std::io::BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut reader = gitlade::Reader::new(file, &Limits::default())?;
    for record in &mut reader {
        record?;
    }
    let totals = reader
        .trailer()
        .ok_or("the manifest has no trailer")?
        .totals;
    Ok((
        totals.files + totals.symlinks + totals.submodules,
        totals.bytes,
    ))
}
