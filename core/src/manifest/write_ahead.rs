//! Writing a manifest as NDJSON, with its records made on many threads.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::mpsc;

use super::Manifest;
use super::write::{Lines, push_entry};
use crate::error::Error;

/// Entries whose records one thread makes at once.
const ENTRIES: usize = 256;

/// Bytes of a record of common length.
const USUAL_RECORD: usize = 320;

/// Runs of [`ENTRIES`] that are in the making or made, over one for each thread.
const AHEAD: usize = 4;

impl Manifest {
    /// Writes what [`write_ndjson`](Self::write_ndjson) writes, with the records made on the threads
    /// of `pool`, and handed to `out` by the calling one, which is none of them.
    pub(crate) fn write_ndjson_with(
        &self,
        out: impl Write,
        pool: &rayon::ThreadPool,
    ) -> Result<(), Error> {
        let mut lines = Lines::begin(out, &self.header, false)?;
        let ahead = pool.current_num_threads() + AHEAD;
        let mut starts = (0..self.len()).step_by(ENTRIES);
        pool.in_place_scope(|scope| -> Result<(), Error> {
            let mut coming = VecDeque::with_capacity(ahead);
            loop {
                while coming.len() < ahead
                    && let Some(start) = starts.next()
                {
                    let (sender, receiver) = mpsc::sync_channel(1);
                    coming.push_back(receiver);
                    scope.spawn(move |_| {
                        let mut records = Vec::with_capacity(ENTRIES * USUAL_RECORD);
                        for entry in self.entries().skip(start).take(ENTRIES) {
                            push_entry(&mut records, entry);
                            records.extend_from_slice(b"}\n");
                        }
                        // After an error nobody waits for them.
                        let _ = sender.send(records);
                    });
                }
                let Some(next) = coming.pop_front() else {
                    return Ok(());
                };
                // Nothing comes from a thread that panicked, and the scope hands on the panic.
                let Ok(records) = next.recv() else {
                    return Ok(());
                };
                lines.write_records(&records)?;
            }
        })?;
        lines.finish(&self.trailer)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::error::ErrorKind;
    use crate::manifest::tests::sample::{blob, empty, header, large, ndjson, text, verdict};
    use crate::manifest::{Builder, Flags};

    fn pool(threads: usize) -> rayon::ThreadPool {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        builder.build().unwrap()
    }

    fn with_files(count: usize) -> Manifest {
        let mut builder = Builder::new(header());
        let blob = blob(&mut builder, b"content");
        for index in 0..count {
            let name = format!("{index:05}");
            let verdict = verdict(text());
            builder.file(name.as_bytes(), 0o100_644, blob, &verdict, Flags::NONE);
        }
        builder.finish().unwrap()
    }

    #[test]
    fn the_same_bytes_on_any_number_of_threads() {
        let sizes = [1, ENTRIES - 1, ENTRIES, ENTRIES + 1, 30 * ENTRIES + 7];
        let mut manifests: Vec<Manifest> = sizes.map(with_files).into();
        manifests.extend([empty(), large()]);
        for manifest in manifests {
            let expected = ndjson(&manifest);
            for threads in [1, 2, 16] {
                let mut out = Vec::new();
                let pool = pool(threads);
                manifest.write_ndjson_with(&mut out, &pool).unwrap();
                assert_eq!(
                    out,
                    expected,
                    "{} entries, {threads} threads",
                    manifest.len()
                );
            }
        }
    }

    #[test]
    fn a_full_disk_ends_it() {
        struct Disk(usize);

        impl Write for Disk {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                let taken = bytes.len().min(self.0);
                self.0 -= taken;
                if taken == 0 {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                Ok(taken)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let manifest = with_files(40 * ENTRIES);
        let length = ndjson(&manifest).len();
        for room in [0, 1, 100_000, length - 1] {
            let error = manifest
                .write_ndjson_with(Disk(room), &pool(2))
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::StorageFull);
        }
        manifest.write_ndjson_with(Disk(length), &pool(2)).unwrap();
    }
}
