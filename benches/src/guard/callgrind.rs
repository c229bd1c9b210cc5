//! Counting by callgrind.

use std::env::consts::ARCH;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Workload;
use crate::git::{self, Result};

/// Names what the number of instructions depends on besides the source: architecture, vector
/// instructions (which valgrind passes on up to AVX2), and compiler.
///
/// # Errors
///
/// If the compiler does not say which it is.
pub(super) fn toolchain() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = git::line(Command::new(rustc).arg("--version"))?;
    let mut words = version.split(' ');
    let version = words.nth(1).unwrap_or("unknown").to_owned();
    Ok(format!("{ARCH}{}, rustc {version}", vectors()))
}

#[cfg(target_arch = "x86_64")]
fn vectors() -> &'static str {
    if std::arch::is_x86_feature_detected!("avx2") {
        " avx2"
    } else {
        ""
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> &'static str {
    ""
}

/// Counts the instructions of a process that does `workload` once with what was prepared in `inputs`.
/// It is started again from this very program; see [`Workload::run`].
///
/// # Errors
///
/// If valgrind is missing, or the process fails.
pub fn instructions(workload: Workload, inputs: &Path) -> Result<u64> {
    let counts = inputs.join("callgrind.out");
    let mut command = Command::new("valgrind");
    // The environment lies on the stack and moves what lies below.
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(std::env::current_exe()?)
        .args(["--workload", workload.name()])
        .arg(inputs);
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("cannot start valgrind: {error}"))?;
    if !status.success() {
        return Err(format!("{} under valgrind ended with {status}", workload.name()).into());
    }
    total(&std::fs::read_to_string(counts)?)
        .ok_or_else(|| format!("callgrind counted nothing of {}", workload.name()).into())
}

/// The sum over all functions and threads, which callgrind writes last.
fn total(counts: &str) -> Option<u64> {
    let of = |name: &str| {
        counts
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix(name))
    };
    of("totals: ")
        .or_else(|| of("summary: "))?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_stands_at_the_end() {
        let counts = "version: 1\nevents: Ir\nsummary: 12\n\nfn=(1) main\n1 7\n\ntotals: 12\n";
        assert_eq!(total(counts), Some(12));
        assert_eq!(total("summary: 9\n"), Some(9));
        assert_eq!(total("totals: \n"), None);
        assert_eq!(total(""), None);
    }
}
