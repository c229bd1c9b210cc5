//! Writing a manifest as NDJSON, and reading it back with all checks.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gitlade::{Control, Limits, Manifest, Options};
use gitlade_benches::fixture::Fixture;
use gitlade_benches::shapes::Shape;

fn manifest(criterion: &mut Criterion) {
    for shape in [Shape::ManyTiny, Shape::Deep, Shape::Duplicates] {
        let fixture = Fixture::new(shape).expect("git is here");
        let import = gitlade::import_path(&fixture.path, &Options::default(), &Control::new());
        let manifest = import.expect("the repository is sound").into_manifest();
        let mut text = Vec::new();
        manifest.write_ndjson(&mut text).expect("memory takes it");
        let lines = text.iter().filter(|&&byte| byte == b'\n').count() as u64;
        assert_eq!(lines, fixture.entries + 2);

        let mut group = criterion.benchmark_group(format!("manifest/{}", shape.name()));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("write", |bencher| {
            let mut out = Vec::with_capacity(text.len());
            bencher.iter(|| {
                out.clear();
                manifest.write_ndjson(&mut out).expect("memory takes it");
                assert_eq!(out.len(), text.len());
            });
        });
        group.bench_function("read", |bencher| {
            bencher.iter(|| {
                let read = Manifest::read_ndjson(&text[..], &Limits::default());
                assert_eq!(read.expect("it is whole").root(), manifest.root());
            });
        });
        group.finish();
    }
}

criterion_group!(benches, manifest);
criterion_main!(benches);
