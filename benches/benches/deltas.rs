//! Applying deltas, by what they are made of.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gitlade::internals;
use gitlade_benches::delta;
use gitlade_benches::shapes::Random;

/// Bytes of the base, and of each result.
const SIZE: usize = 1 << 20;

fn deltas(criterion: &mut Criterion) {
    let base = Random::new(1).text(SIZE);
    let mut group = criterion.benchmark_group("deltas");
    group.throughput(Throughput::Bytes(SIZE as u64));
    for (name, copied, inserted) in [
        ("long-copies", 60_000, 20),
        ("short-copies", 16, 0),
        ("by-turns", 200, 20),
        ("inserts", 0, 127),
    ] {
        let (delta, result) = delta::make(&base, SIZE, copied, inserted);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let applied = internals::apply_delta(&base, &delta).expect("it is well formed");
                assert_eq!(applied.len(), result.len());
                applied
            });
        });
        assert_eq!(internals::apply_delta(&base, &delta), Some(result));
    }
    group.finish();
}

criterion_group!(benches, deltas);
criterion_main!(benches);
