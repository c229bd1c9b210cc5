//! Applying deltas, by what they are made of.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gitlade::internals;
use gitlade_benches::shapes::Random;

/// Bytes of the base, and of each result.
const SIZE: usize = 1 << 20;

/// A size as a delta's header has it: seven bits a byte, the lowest first.
fn push_size(delta: &mut Vec<u8>, mut size: usize) {
    while size >= 0x80 {
        delta.push(size as u8 | 0x80);
        size >>= 7;
    }
    delta.push(size as u8);
}

/// A copy with all bytes of offset and size; see `gitformat-pack`.
fn push_copy(delta: &mut Vec<u8>, offset: usize, size: usize) {
    delta.push(0xff);
    delta.extend_from_slice(&(offset as u32).to_le_bytes());
    delta.extend_from_slice(&(size as u32).to_le_bytes()[..3]);
}

/// A delta that copies `copied` bytes and inserts `inserted` ones by turns, with its result.
fn delta(base: &[u8], copied: usize, inserted: usize) -> (Vec<u8>, Vec<u8>) {
    let mut random = Random::new(7);
    let mut delta = Vec::new();
    push_size(&mut delta, base.len());
    push_size(&mut delta, SIZE);
    let mut result = Vec::with_capacity(SIZE);
    while result.len() < SIZE {
        let copy = copied.min(SIZE - result.len());
        if copy > 0 {
            let offset = random.below(base.len() - copy + 1);
            push_copy(&mut delta, offset, copy);
            result.extend_from_slice(&base[offset..offset + copy]);
        }
        let insert = inserted.min(SIZE - result.len());
        if insert > 0 {
            let bytes = random.text(insert);
            delta.push(insert as u8);
            delta.extend_from_slice(&bytes);
            result.extend_from_slice(&bytes);
        }
    }
    (delta, result)
}

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
        let (delta, result) = delta(&base, copied, inserted);
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
