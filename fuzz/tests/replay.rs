//! Each target over its seeds, what was found before, and mutations of both.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use gitlade_fuzz::{TARGETS, Target};
use gitlade_tests::random::Random;
use gitlade_tests::seeds::{mutate, regressions, seeds};

/// Mutations of each input.
fn mutations(target: &str) -> usize {
    match target {
        // Each is a store that is opened, checked and repaired.
        "store" => 15,
        "rows" => 100,
        _ => 200,
    }
}

/// Says with which input a promise is broken.
fn run(target: Target, input: &[u8]) {
    let result = catch_unwind(AssertUnwindSafe(|| target(input)));
    assert!(result.is_ok(), "it was b\"{}\"", input.escape_ascii());
}

fn replay(name: &str, target: Target) {
    let mut inputs = seeds(name);
    assert!(!inputs.is_empty(), "{name} has no seeds");
    inputs.extend(regressions(name));
    inputs.push(Vec::new());
    let mut random = Random::new(name.len() as u64);
    for input in &inputs {
        run(target, input);
        for _ in 0..mutations(name) {
            run(target, &mutate(input, &mut random));
        }
    }
}

macro_rules! replay {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name), gitlade_fuzz::$name);
        })*

        #[test]
        fn no_target_is_forgotten() {
            let replayed = [$(stringify!($name)),*];
            let all: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(replayed[..], all[..]);
            for name in all {
                let file = format!("{}/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
                assert!(Path::new(&file).is_file(), "{file}");
            }
        }
    };
}

replay! {
    abi
    attributes content delta inflate manifest pack patterns peel rows source store submodules trees wire
}
