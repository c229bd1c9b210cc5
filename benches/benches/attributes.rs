//! Attributes of all paths of a tree.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gitlade::internals;
use gitlade_benches::shapes::Shape;

/// What Linux has, more or less.
const FEW: &str = "*.c diff=cpp\n*.h diff=cpp\n*.dts diff=dts\n*.rs diff=rust\n*.json -diff\n";

fn attributes(criterion: &mut Criterion) {
    let names = Shape::ManyTiny.files(10_000).map(|(path, _)| path);
    let shallow: Vec<Vec<u8>> = names.map(String::into_bytes).collect();
    let mut deep: Vec<Vec<u8>> = Shape::Deep
        .files(3_000)
        .map(|(path, _)| path.into_bytes())
        .collect();
    deep.sort_unstable();
    // A thousand rules, of which a hundredth is for any one folder.
    let anchored: String = (0..1_000)
        .map(|rule| format!("/00/{:02}/{:02}.c -text\n", rule % 100, rule / 100))
        .collect();
    let by_name: String = (0..100)
        .map(|rule| format!("{rule:02}.c -text\n"))
        .collect();
    let cases = [
        ("many-tiny/none", String::new(), &shallow, 0),
        ("many-tiny/few", FEW.to_owned(), &shallow, 0),
        ("many-tiny/anchored", anchored, &shallow, 1_000),
        ("many-tiny/by-name", by_name, &shallow, 10_000),
        ("deep/few", FEW.to_owned(), &deep, 0),
        (
            "deep/everywhere",
            "**/d/*.c -text\n".to_owned(),
            &deep,
            2_990,
        ),
    ];
    let mut group = criterion.benchmark_group("attributes");
    for (name, file, paths, expected) in cases {
        group.throughput(Throughput::Elements(paths.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let unset = internals::attributes(file.as_bytes(), paths);
                assert_eq!(unset.expect("the rules are few"), expected);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, attributes);
criterion_main!(benches);
