//! What every store of blobs has to do, whoever wrote it.
//!
//! ```
//! use gitlade::MemoryBlobs;
//! use gitlade_tests::conformance::Conformance;
//!
//! Conformance::new(|| Box::new(MemoryBlobs::new())).largest(1 << 20).run();
//! ```
//!
//! Digests are made by the crate `blake3` here, not by the library. [`VECTORS`] are of the BLAKE3
//! project's own test vectors.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use gitlade::{BlobStore, ContentHash, Error, ErrorKind, Put, Verified};

use crate::random::Random;

/// Digests of the bytes `0, 1, … 250, 0, 1, …` by how many there are, from `test_vectors.json` of the
/// BLAKE3 project.
pub const VECTORS: [(usize, &str); 5] = [
    (
        0,
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    ),
    (
        1,
        "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    ),
    (
        1023,
        "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
    ),
    (
        1024,
        "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
    ),
    (
        1025,
        "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    ),
];

/// The bytes of [`VECTORS`].
pub fn vector(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index % 251) as u8).collect()
}

/// The digest of `bytes`.
pub fn digest(bytes: &[u8]) -> ContentHash {
    ContentHash(*blake3::hash(bytes).as_bytes())
}

/// The suite, for one kind of store.
pub struct Conformance<'a> {
    make: Box<dyn Fn() -> Box<dyn BlobStore> + 'a>,
    largest: usize,
    many: usize,
    rounds: usize,
}

impl<'a> Conformance<'a> {
    /// A suite for the stores that `make` makes, each of them new and empty.
    pub fn new(make: impl Fn() -> Box<dyn BlobStore> + 'a) -> Self {
        Conformance {
            make: Box::new(make),
            largest: 64 << 20,
            many: 2_000,
            rounds: 200,
        }
    }

    /// Sets how many bytes the largest blob has; 64 MiB otherwise.
    pub fn largest(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// Sets how many small blobs there are at once, and how often each thread does something in a
    /// race; 2,000 and 200 otherwise.
    pub fn many(mut self, blobs: usize, rounds: usize) -> Self {
        (self.many, self.rounds) = (blobs, rounds);
        self
    }

    /// Runs all of it.
    ///
    /// # Panics
    ///
    /// Where the store does not do what it has to.
    pub fn run(&self) {
        self.vectors();
        self.boundaries();
        self.damaged_lengths_are_repaired();
        self.readers();
        self.many_blobs();
        self.same_blob_from_many_threads();
        self.races();
        self.verified();
        self.large();
    }

    fn vectors(&self) {
        let store = (self.make)();
        for (len, hex) in VECTORS {
            let digest = ContentHash::from_hex(hex.as_bytes()).expect("it is hex");
            store.put(&digest, &vector(len)).expect("there is room");
        }
        let mut listed = list(&*store).into_keys().map(|digest| digest.to_string());
        for (_, hex) in sorted(VECTORS) {
            assert_eq!(listed.next().as_deref(), Some(hex));
        }
        assert_eq!(listed.next(), None);
        for (len, hex) in VECTORS {
            let digest = ContentHash::from_hex(hex.as_bytes()).expect("it is hex");
            let bytes = store.get(&digest).expect("it can be read");
            assert_eq!(bytes, Some(vector(len)), "{len}");
        }
    }

    /// Every call in order, for sizes at which something may change.
    fn boundaries(&self) {
        let store = (self.make)();
        let mut random = Random::new(1);
        let mut sizes = vec![0, 1, 100_000];
        // The chunk of BLAKE3, Git's look for a NUL, a disk's block, buffers, chunks in databases.
        for edge in [
            1 << 10,
            4 << 10,
            8_000,
            8 << 10,
            64 << 10,
            256 << 10,
            1 << 20,
        ] {
            sizes.extend([edge - 1, edge, edge + 1]);
        }
        for size in sizes {
            for bytes in [vector(size), random.bytes(size)] {
                life(&*store, &bytes);
            }
        }
        assert!(list(&*store).is_empty());
    }

    fn damaged_lengths_are_repaired(&self) {
        let store = (self.make)();
        for bytes in [&b"short"[..], &vector(70_000)] {
            let name = digest(bytes);
            for wrong in [&b""[..], &bytes[1..], &vector(2_000_000)] {
                store.put(&name, wrong).expect("there is room");
                assert_eq!(store.put(&name, bytes).expect("there is room"), Put::New);
                assert_eq!(
                    store.get(&name).expect("it is whole").as_deref(),
                    Some(bytes)
                );
                assert_eq!(
                    store.size(&name).expect("it is whole"),
                    Some(bytes.len() as u64)
                );
                let listed = list(&*store);
                assert_eq!(listed.get(&name), Some(&(bytes.len() as u64)));
            }
        }
    }

    fn readers(&self) {
        let store = (self.make)();
        for bytes in [vector(3_000_000), Random::new(2).bytes(300_000), Vec::new()] {
            let name = digest(&bytes);
            store.put(&name, &bytes).expect("there is room");
            read_in_pieces(&*store, &name, &bytes);
            read_from_anywhere(&*store, &name, &bytes);
            // Through a wrapper that hashes as well.
            let verified = Verified::new(&store);
            read_in_pieces(&verified, &name, &bytes);
            read_from_anywhere(&verified, &name, &bytes);
        }
    }

    fn many_blobs(&self) {
        let store = (self.make)();
        let blobs: Vec<Vec<u8>> = (0..self.many).map(|n| n.to_string().into_bytes()).collect();
        for bytes in &blobs {
            assert_eq!(
                store.put(&digest(bytes), bytes).expect("there is room"),
                Put::New
            );
        }
        let expected: BTreeMap<ContentHash, u64> = blobs
            .iter()
            .map(|bytes| (digest(bytes), bytes.len() as u64))
            .collect();
        assert_eq!(list(&*store), expected);
        // Removing what an iterator has just given must not confuse it.
        let mut removed = 0;
        for blob in store.iter().expect("it can be listed") {
            let blob = blob.expect("all are whole");
            assert!(store.remove(&blob.digest).expect("it can be removed"));
            removed += 1;
        }
        assert_eq!(removed, blobs.len());
        assert!(list(&*store).is_empty());
    }

    fn same_blob_from_many_threads(&self) {
        for size in [5, 100_000] {
            let store = (self.make)();
            let bytes = Random::new(3).bytes(size);
            let name = digest(&bytes);
            let new = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..5 {
                            if store.put(&name, &bytes).expect("there is room") == Put::New {
                                new.fetch_add(1, Ordering::Relaxed);
                            }
                            let read = store.get(&name).expect("it is whole");
                            assert_eq!(read.as_deref(), Some(&bytes[..]));
                        }
                    });
                }
            });
            let new = new.into_inner();
            assert!((1..=8).contains(&new), "{new}");
            assert_eq!(list(&*store), BTreeMap::from([(name, size as u64)]));
        }
    }

    /// Puts, removals, reads and listings of the same blobs at once: whatever is seen is whole.
    fn races(&self) {
        let store = (self.make)();
        let mut random = Random::new(4);
        let blobs: Vec<Vec<u8>> = (0..12)
            .map(|n| random.bytes([0, 3, 5_000, 70_000][n % 4] + n))
            .collect();
        let names: Vec<ContentHash> = blobs.iter().map(|bytes| digest(bytes)).collect();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    let mut seen = Vec::new();
                    for blob in store.iter().expect("it can be listed") {
                        let blob = blob.expect("all are whole");
                        let index = names.iter().position(|name| *name == blob.digest);
                        let index = index.expect("only these are put");
                        assert_eq!(blob.size, blobs[index].len() as u64);
                        assert!(!seen.contains(&index), "listed twice");
                        seen.push(index);
                    }
                }
            });
            let workers: Vec<_> = (0..6)
                .map(|seed| {
                    let (store, blobs, names) = (&store, &blobs, &names);
                    let rounds = self.rounds;
                    scope.spawn(move || {
                        let mut random = Random::new(100 + seed);
                        for _ in 0..rounds {
                            let index = random.below(blobs.len());
                            let (name, bytes) = (&names[index], &blobs[index]);
                            match random.below(5) {
                                0 => {
                                    store.remove(name).expect("it can be removed");
                                }
                                1 | 2 => {
                                    store.put(name, bytes).expect("there is room");
                                }
                                3 => {
                                    let read = store.get(name).expect("what is there is whole");
                                    assert!(read.is_none_or(|read| read == *bytes));
                                }
                                _ => {
                                    let size = store.size(name).expect("what is there is whole");
                                    assert!(size.is_none_or(|size| size == bytes.len() as u64));
                                }
                            }
                        }
                    })
                })
                .collect();
            let failed = workers
                .into_iter()
                .filter_map(|worker| worker.join().err())
                .count();
            done.store(true, Ordering::Release);
            assert_eq!(failed, 0);
        });
        for (name, bytes) in names.iter().zip(&blobs) {
            store.put(name, bytes).expect("there is room");
            assert_eq!(store.get(name).expect("it is whole").as_ref(), Some(bytes));
        }
        assert_eq!(list(&*store).len(), blobs.len());
        store.sync().expect("it can be made durable");
    }

    /// Bytes under a name that is not theirs.
    fn verified(&self) {
        let store = (self.make)();
        for bytes in [vector(10), vector(2_500_000)] {
            let name = digest(b"something else");
            let verified = Verified::new(&store);
            let error = verified
                .put(&name, &bytes)
                .expect_err("the digest is another");
            assert_eq!(error.kind(), ErrorKind::CorruptObject, "{error}");
            assert_eq!(error.digest(), Some(name));
            assert!(
                error.to_string().contains(&digest(&bytes).to_string()),
                "{error}"
            );
            assert!(!store.contains(&name).expect("nothing is wrong"));

            store.put(&name, &bytes).expect("it is trusted");
            let is_right = |error: Error| {
                assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
                assert_eq!(error.digest(), Some(name));
                assert_eq!(error.file().map(Into::into), store.file(&name));
                assert!(error.advice().is_some());
            };
            is_right(verified.get(&name).expect_err("the digest is another"));
            let open = || {
                let reader = verified.reader(&name).expect("it is there");
                reader.expect("it is there")
            };
            let mut read = Vec::new();
            let error = open().read_to_end(&mut read).expect_err("it is another");
            is_right(Error::from_io(error).expect("it is one of ours"));
            let error = open().seek(SeekFrom::End(-1)).expect_err("it is another");
            is_right(Error::from_io(error).expect("it is one of ours"));
            assert!(verified.remove(&name).expect("it is there"));
        }
    }

    fn large(&self) {
        let store = (self.make)();
        let mut bytes = vector(self.largest);
        let mut random = Random::new(5);
        for chunk in bytes.chunks_mut(1 << 12).step_by(3) {
            chunk[0] = random.byte();
        }
        life(&*store, &bytes);
    }
}

/// Puts a blob that is not there, asks for everything, and removes it.
fn life(store: &dyn BlobStore, bytes: &[u8]) {
    let size = bytes.len() as u64;
    let name = digest(bytes);
    let absent = || {
        assert!(!store.contains(&name).expect("nothing is wrong"), "{size}");
        assert_eq!(store.size(&name).expect("nothing is wrong"), None);
        assert!(store.get(&name).expect("nothing is wrong").is_none());
        assert!(store.reader(&name).expect("nothing is wrong").is_none());
        assert!(!store.remove(&name).expect("nothing is wrong"));
    };
    absent();
    for put in [Put::New, Put::Present, Put::Present] {
        assert_eq!(
            store.put(&name, bytes).expect("there is room"),
            put,
            "{size}"
        );
        assert!(store.contains(&name).expect("it is there"));
        assert_eq!(store.size(&name).expect("it is there"), Some(size));
    }
    let read = store.get(&name).expect("it is whole").expect("it is there");
    assert!(read == bytes, "{size}");
    drop(read);
    let mut reader = store
        .reader(&name)
        .expect("it is whole")
        .expect("it is there");
    let (mut buffer, mut done) = (vec![0; 300_000], 0);
    loop {
        let count = reader.read(&mut buffer).expect("it is whole");
        if count == 0 {
            break;
        }
        assert!(
            buffer[..count] == bytes[done..done + count],
            "{size}, {done}"
        );
        done += count;
    }
    assert_eq!(done as u64, size);
    drop(reader);
    assert_eq!(list(store).get(&name), Some(&size));
    store.sync().expect("it can be made durable");
    assert!(store.remove(&name).expect("it is there"));
    absent();
}

/// All blobs, each of which must come once.
pub fn list(store: &dyn BlobStore) -> BTreeMap<ContentHash, u64> {
    let mut all = BTreeMap::new();
    for blob in store.iter().expect("it can be listed") {
        let blob = blob.expect("all are whole");
        assert_eq!(
            all.insert(blob.digest, blob.size),
            None,
            "{} twice",
            blob.digest
        );
    }
    all
}

fn read_in_pieces(store: &dyn BlobStore, name: &ContentHash, bytes: &[u8]) {
    let open = || {
        store
            .reader(name)
            .expect("it is whole")
            .expect("it is there")
    };
    let (mut first, mut second) = (open(), open());
    let mut random = Random::new(6);
    let mut read = Vec::new();
    loop {
        let mut piece = vec![0; 1 + random.below(50_000)];
        let count = first.read(&mut piece).expect("it is whole");
        if count == 0 {
            break;
        }
        read.extend_from_slice(&piece[..count]);
    }
    assert!(read == bytes);
    assert_eq!(
        first.read(&mut [0; 10]).expect("it is whole"),
        0,
        "the end stays the end"
    );
    // Another one of the same blob is at its own place, and may be read by another thread.
    let whole = std::thread::spawn(move || {
        let mut whole = Vec::new();
        second.read_to_end(&mut whole).map(|_| whole)
    });
    let whole = whole
        .join()
        .expect("it does not panic")
        .expect("it is whole");
    assert!(whole == bytes);
    // One that is not read to its end is no trouble.
    let mut third = open();
    let mut piece = [0; 10];
    let count = third.read(&mut piece).expect("it is whole");
    assert_eq!(piece[..count], bytes[..count]);
}

fn read_from_anywhere(store: &dyn BlobStore, name: &ContentHash, bytes: &[u8]) {
    let mut reader = store
        .reader(name)
        .expect("it is whole")
        .expect("it is there");
    let len = bytes.len() as u64;
    let mut random = Random::new(7);
    assert_eq!(reader.seek(SeekFrom::End(0)).expect("it is whole"), len);
    for _ in 0..30 {
        let position = random.below(bytes.len() + 1) as u64;
        let here = reader.stream_position().expect("it is somewhere");
        let target = match random.below(3) {
            0 => SeekFrom::Start(position),
            1 => SeekFrom::End(position as i64 - len as i64),
            _ => SeekFrom::Current(position as i64 - here as i64),
        };
        assert_eq!(
            reader.seek(target).expect("it is inside"),
            position,
            "{target:?}"
        );
        let want = random.below(20_000).min(bytes.len() - position as usize);
        let mut piece = vec![0; want];
        reader.read_exact(&mut piece).expect("it is inside");
        assert!(piece == bytes[position as usize..][..want], "{target:?}");
    }
    let before = reader.stream_position().expect("it is somewhere");
    assert!(
        reader.seek(SeekFrom::End(-(len as i64) - 1)).is_err(),
        "before the start"
    );
    assert_eq!(reader.stream_position().expect("it is somewhere"), before);
    assert_eq!(
        reader.seek(SeekFrom::Start(len + 5)).expect("as for files"),
        len + 5
    );
    assert_eq!(reader.read(&mut [0; 10]).expect("it is behind the end"), 0);
    reader.rewind().expect("the start is there");
    let mut whole = Vec::new();
    reader.read_to_end(&mut whole).expect("it is whole");
    assert!(whole == bytes);
}

fn sorted<const N: usize>(mut vectors: [(usize, &str); N]) -> [(usize, &str); N] {
    vectors.sort_by_key(|&(_, hex)| hex);
    vectors
}
