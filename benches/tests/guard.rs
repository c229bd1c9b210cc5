//! Counts the instructions of fixed workloads and holds them against `baselines`; `benches/guard`
//! runs this.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program and not the library: it has a terminal"
)]

use std::path::Path;
use std::process::ExitCode;

use gitlade_benches::git::Result;
use gitlade_benches::guard::{self, Workload};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match arguments[..] {
        [] => guard::run(&baselines(), false),
        ["--bless"] => guard::run(&baselines(), true),
        ["--features"] => {
            println!("{}", guard::features());
            Ok(true)
        }
        ["--workload", name, folder] => run_workload(name, Path::new(folder)).map(|()| true),
        _ => Err("usage: guard [--bless]".into()),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("guard: {error}");
            ExitCode::FAILURE
        }
    }
}

fn baselines() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines")
}

fn run_workload(name: &str, folder: &Path) -> Result<()> {
    Workload::named(name).ok_or("no such workload")?.run(folder)
}
