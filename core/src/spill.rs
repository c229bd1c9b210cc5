//! Buffers that go to a temporary file when memory is short.
//!
//! Memory in flight has a budget. A buffer that would break it is mapped from an unlinked temporary
//! file instead: still a slice to its user, but paid for in disk pages that the kernel can drop.
//! That keeps every import finite in memory without a wait that could deadlock.

use std::fs::File;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapMut;

use crate::budget::{Budget, Reservation};
use crate::error::{Error, FileError, LimitError};

/// Where buffers come from: the memory budget first, the spool folder after it.
#[derive(Clone, Debug)]
pub(crate) struct Buffers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    budget: Budget,
    spool: PathBuf,
    max_spool: u64,
    spooled: AtomicU64,
}

/// A run of bytes of fixed length, in memory or in a mapped temporary file.
#[derive(Debug)]
pub(crate) struct Buffer(Storage);

#[derive(Debug)]
enum Storage {
    Memory {
        bytes: Vec<u8>,
        _reservation: Reservation,
    },
    Spilled {
        map: MmapMut,
        _space: SpoolSpace,
    },
}

/// Bytes of temporary files, counted against [`Limits::max_spool`](crate::Limits::max_spool) until
/// dropped.
#[derive(Debug)]
pub(crate) struct SpoolSpace {
    owner: Arc<Inner>,
    bytes: u64,
}

impl Buffers {
    /// Makes buffers of at most `budget` bytes of memory, and of `max_spool` bytes in temporary
    /// files of the folder `spool`.
    pub(crate) fn new(budget: Budget, spool: PathBuf, max_spool: u64) -> Self {
        Buffers(Arc::new(Inner {
            budget,
            spool,
            max_spool,
            spooled: AtomicU64::new(0),
        }))
    }

    /// Makes a zeroed buffer of `len` bytes.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` if the temporary files would exceed their cap, and what the operating system
    /// says when it cannot make one.
    pub(crate) fn zeroed(&self, len: usize) -> Result<Buffer, Error> {
        if let Some(reservation) = self.0.budget.try_reserve(len as u64) {
            return Ok(Buffer(Storage::Memory {
                bytes: vec![0; len],
                _reservation: reservation,
            }));
        }
        let space = self.take_spool(len as u64)?;
        let file = self.temporary_file()?;
        allocate(&file, len as u64)
            .map_err(|error| FileError::new("reserve space in", &self.0.spool, error))?;
        let map = map_private_file(&file, len)
            .map_err(|error| FileError::new("map a temporary file in", &self.0.spool, error))?;
        Ok(Buffer(Storage::Spilled { map, _space: space }))
    }

    /// Makes an empty temporary file that has no name and vanishes with its handle.
    pub(crate) fn temporary_file(&self) -> Result<File, Error> {
        tempfile::tempfile_in(&self.0.spool).map_err(|error| {
            FileError::new("make a temporary file in", &self.0.spool, error).into()
        })
    }

    /// Counts `bytes` of temporary files against the cap.
    pub(crate) fn take_spool(&self, bytes: u64) -> Result<SpoolSpace, LimitError> {
        let max = self.0.max_spool;
        self.0
            .spooled
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|&sum| sum <= max)
            })
            .map_err(|used| LimitError::new("max_spool", max).actual(used.saturating_add(bytes)))?;
        Ok(SpoolSpace {
            owner: Arc::clone(&self.0),
            bytes,
        })
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    pub(crate) fn spool_dir(&self) -> &Path {
        &self.0.spool
    }
}

impl Drop for SpoolSpace {
    fn drop(&mut self) {
        self.owner.spooled.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Storage::Memory { bytes, .. } => bytes,
            Storage::Spilled { map, .. } => map,
        }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Storage::Memory { bytes, .. } => bytes,
            Storage::Spilled { map, .. } => map,
        }
    }
}

/// Gives the file `len` bytes of real blocks, so that a full disk is an error here and not a signal
/// when the mapping is written.
#[cfg(target_os = "linux")]
fn allocate(file: &File, len: u64) -> std::io::Result<()> {
    use rustix::fs::FallocateFlags;
    let allocated =
        rustix::io::retry_on_intr(|| rustix::fs::fallocate(file, FallocateFlags::empty(), 0, len));
    match allocated {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::OPNOTSUPP) => write_zeros(file, len),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(file: &File, len: u64) -> std::io::Result<()> {
    write_zeros(file, len)
}

fn write_zeros(mut file: &File, len: u64) -> std::io::Result<()> {
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), len), &mut file).map(drop)
}

#[expect(
    unsafe_code,
    reason = "a mapping is the only way to have a slice that is not in anonymous memory"
)]
fn map_private_file(file: &File, len: usize) -> std::io::Result<MmapMut> {
    // SAFETY: the file was made by `temporary_file`, has no name and no other handle, so nobody else
    // can shorten or write it while it is mapped; `allocate` gave it all its blocks.
    unsafe { memmap2::MmapOptions::new().len(len).map_mut(file) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn buffers(memory: u64, spool: u64) -> Buffers {
        Buffers::new(Budget::new(memory), std::env::temp_dir(), spool)
    }

    #[test]
    fn a_buffer_over_the_budget_is_spilled_and_behaves_the_same() {
        let buffers = buffers(100, 100_000);
        let in_memory = buffers.zeroed(100).expect("fits");
        let mut spilled = buffers.zeroed(70_000).expect("spills");
        assert!(matches!(in_memory.0, Storage::Memory { .. }));
        assert!(matches!(spilled.0, Storage::Spilled { .. }));
        assert!(spilled.iter().all(|&byte| byte == 0));
        spilled[69_999] = 7;
        assert_eq!(spilled.len(), 70_000);
        assert_eq!(spilled[69_999], 7);
    }

    #[test]
    fn the_spool_is_capped_and_its_space_comes_back() {
        let buffers = buffers(0, 1_000);
        let first = buffers.zeroed(1_000).expect("fits");
        let error = buffers.zeroed(1).expect_err("is over the cap");
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert_eq!(error.limit(), Some("max_spool"));
        drop(first);
        buffers.zeroed(1_000).expect("fits again");
    }
}
