//! Counting by callgrind.

use std::env::consts::ARCH;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Workload;
use crate::git::{self, Result};

/// Where callgrind writes to, in the folder of the inputs.
const OUT: &str = "--callgrind-out-file=callgrind.out";

/// Instructions of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Of the program itself, with all that is linked into it.
    pub own: u64,
    /// Of the libraries that it finds on the machine: the C library, foremost its copying and its
    /// allocator, which differ by version and by processor.
    pub system: u64,
}

/// Names what the number of own instructions depends on besides the source: architecture, compiler, and
/// the vector instructions that valgrind passes on, which are fewer than the processor has.
///
/// # Errors
///
/// If the compiler does not say which it is, or valgrind is missing.
pub(super) fn toolchain() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = git::line(Command::new(rustc).arg("--version"))?;
    let version = version.split(' ').nth(1).unwrap_or("unknown");
    let features = valgrind(&["--tool=none"], &["--features"], Path::new("/"))?;
    Ok(format!("{ARCH} {features}, rustc {version}"))
}

/// The vector instructions that this process may use, by which libraries choose among their ways.
#[must_use]
pub fn features() -> String {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
        (
            "pclmulqdq",
            std::arch::is_x86_feature_detected!("pclmulqdq"),
        ),
        ("sha", std::arch::is_x86_feature_detected!("sha")),
        ("sse4.2", std::arch::is_x86_feature_detected!("sse4.2")),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let found: [(&str, bool); 0] = [];
    let names = found.iter().filter(|(_, is_there)| *is_there);
    names.map(|(name, _)| *name).collect::<Vec<_>>().join("+")
}

/// Counts the instructions of a process that does `workload` once with what was prepared in `inputs`.
/// It is started again from this very program; see [`Workload::run`].
///
/// # Errors
///
/// If valgrind is missing, or the process fails.
pub fn instructions(workload: Workload, inputs: &Path) -> Result<Count> {
    let plain = ["--compress-strings=no", "--compress-pos=no"];
    valgrind(
        &["--tool=callgrind", OUT, plain[0], plain[1]],
        &["--workload", workload.name(), "."],
        inputs,
    )
    .map_err(|error| format!("{}: {error}", workload.name()))?;
    let program = std::env::current_exe()?;
    count(
        &std::fs::read_to_string(inputs.join("callgrind.out"))?,
        &program.to_string_lossy(),
    )
    .ok_or_else(|| format!("callgrind counted nothing of {}", workload.name()).into())
}

/// Runs this program under valgrind in `folder`, and returns the line that it writes.
fn valgrind(options: &[&str], arguments: &[&str], folder: &Path) -> Result<String> {
    let mut command = Command::new("valgrind");
    // The environment lies on the stack and moves what lies below; it could also say to the C library
    // which processor it is to work for.
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin");
    // Seen from inside, the folder has a name of one letter wherever it is.
    command.current_dir(folder);
    command.arg("--quiet").args(options);
    let output = command
        .arg(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start valgrind: {error}"))?;
    if !output.status.success() {
        return Err(format!("valgrind ended with {}", output.status).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

/// Sums up what callgrind wrote, by the objects that functions are in; see "Callgrind Format
/// Specification". `None` if there is nothing.
fn count(profile: &str, program: &str) -> Option<Count> {
    let mut count = Count::default();
    let (mut is_own, mut is_call) = (false, false);
    for line in profile.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            is_own = object == program;
        } else if line.starts_with("calls=") {
            // The next line has the cost of the function that is called, which counts there.
            is_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            let cost = line.split(' ').nth(1)?.parse::<u64>().ok()?;
            if !std::mem::take(&mut is_call) {
                *(if is_own {
                    &mut count.own
                } else {
                    &mut count.system
                }) += cost;
            }
        }
    }
    (count.own > 0).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_count_where_their_function_is() {
        let profile = "version: 1\nevents: Ir\nsummary: 112\n\nob=/bin/guard\nfl=a.rs\nfn=main\n1 7\n\
                       cob=/lib/libc.so.6\ncfi=???\ncfn=memcpy\ncalls=3 0 \n2 100\n3 5\n\n\
                       ob=/lib/libc.so.6\nfl=???\nfn=memcpy\n0 100\n\ntotals: 112\n";
        let expected = Count {
            own: 12,
            system: 100,
        };
        assert_eq!(count(profile, "/bin/guard"), Some(expected));
        assert_eq!(count(profile, "/bin/other"), None);
        assert_eq!(count("", "/bin/guard"), None);
    }
}
