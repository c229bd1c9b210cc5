//! Putting blobs into stores and reading them, by shape.

use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gitlade::{
    BlobStore, ContentHash, Durability, FolderBlobs, FolderOptions, MemoryBlobs, Put, SqliteBlobs,
    SqliteOptions,
};
use gitlade_benches::shapes::Random;

type Blobs = Vec<(ContentHash, Vec<u8>)>;
type Make = fn(&Path) -> Box<dyn BlobStore>;

fn shapes() -> [(&'static str, Blobs); 2] {
    let mut random = Random::new(1);
    let named = |bytes: Vec<u8>| (ContentHash(*blake3::hash(&bytes).as_bytes()), bytes);
    let tiny = (0..2_000).map(|_| {
        let len = 200 + random.below(8_000);
        named(random.text(len))
    });
    let tiny = tiny.collect();
    let huge = vec![named(Random::new(2).binary(64 << 20))];
    [("many-tiny", tiny), ("one-huge", huge)]
}

/// A new store of each kind, with the folder that it is in.
fn stores() -> [(&'static str, Make); 5] {
    const ROOM: &str = "there is room";
    [
        ("memory", |_| Box::new(MemoryBlobs::new())),
        ("folder", |path| {
            Box::new(FolderBlobs::open(path.join("blobs")).expect(ROOM))
        }),
        ("folder-zstd", |path| {
            let options = FolderOptions::default().compress(3);
            Box::new(FolderBlobs::open_with(path.join("blobs"), &options).expect(ROOM))
        }),
        ("sqlite", |path| {
            Box::new(SqliteBlobs::open(path.join("blobs.db")).expect(ROOM))
        }),
        ("sqlite-none", |path| {
            let options = SqliteOptions::default().durability(Durability::None);
            Box::new(SqliteBlobs::open_with(path.join("blobs.db"), &options).expect(ROOM))
        }),
    ]
}

fn blobs(criterion: &mut Criterion) {
    for (shape, blobs) in shapes() {
        let bytes = blobs.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let mut group = criterion.benchmark_group(format!("blobs/{shape}"));
        group.throughput(Throughput::Bytes(bytes)).sample_size(10);
        for (name, make) in stores() {
            let fresh = || {
                let folder = tempfile::tempdir().expect("there is room");
                (make(folder.path()), folder)
            };
            group.bench_function(format!("put/{name}"), |bencher| {
                bencher.iter_batched(
                    fresh,
                    |(store, folder)| {
                        for (digest, bytes) in &blobs {
                            let put = store.put(digest, bytes).expect("there is room");
                            assert_eq!(put, Put::New);
                        }
                        store.sync().expect("there is room");
                        (store, folder)
                    },
                    BatchSize::PerIteration,
                );
            });
            let (store, _folder) = fresh();
            for (digest, bytes) in &blobs {
                store.put(digest, bytes).expect("there is room");
            }
            group.bench_function(format!("get/{name}"), |bencher| {
                bencher.iter(|| {
                    for (digest, bytes) in &blobs {
                        let read = store.get(digest).expect("it is whole");
                        assert_eq!(read.map(|read| read.len()), Some(bytes.len()));
                    }
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, blobs);
criterion_main!(benches);
