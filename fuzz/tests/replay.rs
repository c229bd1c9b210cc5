//! Each target over its seeds, what was found before, and mutations of both.

use std::fs;
use std::path::Path;

use gitlade_fuzz::{TARGETS, Target};
use gitlade_tests::random::Random;
use gitlade_tests::seeds::seeds;

/// Mutations of each input.
const MUTATIONS: u64 = 200;

/// Inputs that broke a promise once: `regressions/TARGET/NAME`.
fn regressions(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let Ok(files) = fs::read_dir(folder.join(target)) else {
        return Vec::new();
    };
    files
        .map(|file| {
            let file = file.expect("because the folder can be read");
            fs::read(file.path()).expect("because the file can be read")
        })
        .collect()
}

/// Changes a few bytes, cuts, doubles.
fn mutate(input: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return vec![random.byte()];
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] = random.byte(),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.insert(at, random.byte()),
            3 => {
                bytes.remove(at);
            }
            4 => bytes.truncate(at),
            _ => {
                let end = at + random.below(bytes.len() - at).min(64);
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

fn replay(name: &str, target: Target) {
    let mut inputs = seeds(name);
    assert!(!inputs.is_empty(), "{name} has no seeds");
    inputs.extend(regressions(name));
    inputs.push(Vec::new());
    let mut random = Random::new(name.len() as u64);
    for input in &inputs {
        target(input);
        for _ in 0..MUTATIONS {
            target(&mutate(input, &mut random));
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

replay! { attributes content delta inflate manifest pack patterns peel source submodules trees wire }
