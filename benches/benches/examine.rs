//! Hashing and classifying contents by their kind.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gitlade::internals;
use gitlade_benches::shapes::Random;

/// Of one content: about the median of what matters in a repository, and large enough to be far from
/// fixed costs.
const SIZES: [usize; 2] = [8 << 10, 1 << 20];

fn kinds(size: usize) -> [(&'static str, Vec<u8>, bool); 7] {
    let ascii = Random::new(1).text(size);
    let as_text = String::from_utf8(ascii.clone()).expect("it is ASCII");
    let utf8 = as_text.replace("ret", "größe").into_bytes();
    let latin1: Vec<u8> = as_text
        .replace("ret", "größe")
        .chars()
        .map(|letter| letter as u8)
        .collect();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(as_text.encode_utf16().take(size / 2))
        .flat_map(u16::to_le_bytes)
        .collect();
    let crlf = as_text.replace('\n', "\r\n").into_bytes();
    let mut late = ascii.clone();
    late[size - 1] = 0;
    [
        ("ascii", ascii, true),
        ("utf-8", utf8, true),
        ("latin-1", latin1, true),
        ("utf-16", utf16, true),
        ("crlf", crlf, true),
        ("late-nul", late, false),
        ("binary", Random::new(2).binary(size), false),
    ]
}

fn examine(criterion: &mut Criterion) {
    for size in SIZES {
        let mut group = criterion.benchmark_group(format!("examine/{}K", size >> 10));
        for (name, content, is_text) in kinds(size) {
            let digest = *blake3::hash(&content).as_bytes();
            group.throughput(Throughput::Bytes(content.len() as u64));
            group.bench_function(format!("whole/{name}"), |bencher| {
                bencher.iter(|| {
                    let found = internals::examine(&content);
                    assert_eq!((found.0.as_bytes(), found.1), (&digest, is_text));
                });
            });
            group.bench_function(format!("pieces/{name}"), |bencher| {
                bencher.iter(|| {
                    let found = internals::examine_pieces(content.chunks(64 << 10));
                    assert_eq!((found.0.as_bytes(), found.1), (&digest, is_text));
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, examine);
criterion_main!(benches);
