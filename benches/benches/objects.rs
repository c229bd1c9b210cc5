//! Reading the objects of a pack: inflated, and then hashed and classified.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gitlade::{Verify, internals};
use gitlade_benches::fixture::Fixture;
use gitlade_benches::shapes::Shape;

fn objects(criterion: &mut Criterion) {
    for shape in Shape::ALL {
        let fixture = Fixture::new(shape).expect("git is here");
        let mut group = criterion.benchmark_group(format!("objects/{}", shape.name()));
        group.throughput(Throughput::Bytes(fixture.blob_bytes));
        group.sample_size(20);
        for threads in [1, 2] {
            group.bench_function(format!("inflate/{threads}"), |bencher| {
                bencher.iter(|| {
                    let ids = &fixture.blobs;
                    let bytes =
                        internals::inflate_only(&fixture.path, ids, threads, Verify::Checksums);
                    assert_eq!(bytes.expect("they are there"), fixture.blob_bytes);
                });
            });
            group.bench_function(format!("inflate+examine/{threads}"), |bencher| {
                let texts = match shape {
                    Shape::Binary => 0,
                    _ => fixture.blobs.len() as u64,
                };
                bencher.iter(|| {
                    let ids = &fixture.blobs;
                    let found = internals::inflate_and_examine(&fixture.path, ids, threads);
                    assert_eq!(found.expect("they are there"), (fixture.blob_bytes, texts));
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, objects);
criterion_main!(benches);
