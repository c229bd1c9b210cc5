//! Where there is a program with an opinion, ours is the same.
//!
//! Each test looks at the seeds of a fuzz target, at what broke a promise once, and at mutations of
//! both. `GITLADE_FUZZ_ROUNDS` makes that many times more mutations, and `GITLADE_FUZZ_CORPUS` adds
//! the inputs that `fuzz/run` has collected in that folder.

#![allow(
    clippy::disallowed_methods,
    reason = "the library does not read the environment; these tests do, to run for longer"
)]

mod attributes;
mod decoding;
mod packs;
mod patterns;
mod python;
mod submodules;
mod trees;

use std::path::Path;

use gitlade_tests::random::Random;
use gitlade_tests::seeds::{files, mutate, regressions, seeds};

/// The largest input: a corpus has some that make a test slow and not better.
const MAX: usize = 4 << 10;

/// Inputs of `target`, and `mutations` of each; those of a corpus, which are mutations, as they are.
fn inputs(target: &str, mutations: usize) -> Vec<Vec<u8>> {
    let rounds = std::env::var("GITLADE_FUZZ_ROUNDS");
    let rounds: usize = rounds.map_or(1, |rounds| rounds.parse().expect("because it is a number"));
    let mut inputs = seeds(target);
    inputs.extend(regressions(target));
    inputs.retain(|input| input.len() <= MAX);
    assert!(!inputs.is_empty(), "{target} has no seeds");
    let mut random = Random::new(target.len() as u64);
    for position in 0..inputs.len() {
        for _ in 0..mutations * rounds {
            let mutated = mutate(&inputs[position], &mut random);
            inputs.push(mutated);
        }
    }
    if let Some(corpus) = std::env::var_os("GITLADE_FUZZ_CORPUS") {
        let mut corpus = files(&Path::new(&corpus).join(target));
        corpus.retain(|input| input.len() <= MAX);
        inputs.extend(corpus);
    }
    inputs
}
