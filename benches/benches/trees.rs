//! Checking folders and putting what is in them in order.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gitlade::internals;
use gitlade_benches::fixture::Fixture;
use gitlade_benches::shapes::Shape;

fn trees(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trees");
    for shape in [Shape::ManyTiny, Shape::Deep, Shape::Duplicates] {
        let fixture = Fixture::new(shape).expect("git is here");
        group.throughput(Throughput::Elements(fixture.entries));
        group.bench_function(shape.name(), |bencher| {
            bencher.iter(|| {
                let entries = internals::outline(fixture.root, &fixture.trees);
                assert_eq!(entries.expect("the trees are sound"), fixture.entries);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, trees);
criterion_main!(benches);
