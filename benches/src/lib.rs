//! Benchmarks of gitlade against its floor and its peers.
//!
//! The runner (`benches/run`) makes corpora, starts every contender as a process of its own, turn by
//! turn, checks that all of them gave the same answer, and says which promises are kept. What
//! Criterion measures, stage by stage, is under `benches/benches`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program and not the library: it has a terminal and an environment"
)]

pub mod child;
pub mod corpus;
pub mod delta;
pub mod fixture;
mod forge;
pub mod git;
pub mod guard;
mod http;
mod installed;
pub mod local;
pub mod machine;
pub mod measure;
mod page;
pub mod plot;
pub mod promise;
pub mod promised;
pub mod remote;
pub mod replay;
pub mod report;
pub mod rounds;
pub mod shapes;
pub mod stats;
pub mod store;
pub mod suite;
pub mod table;
