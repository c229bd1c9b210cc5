//! On what the figures were taken.

use std::fs;

use serde::Serialize;

use crate::git;

/// The machine and its programs, as far as figures depend on them.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// What the processor calls itself.
    pub processor: String,
    /// How many threads the contenders may run at once.
    pub threads: usize,
    /// The kernel's name and number.
    pub kernel: String,
    /// What `git --version` says.
    pub git: String,
    /// The compiler that is here now.
    pub rustc: String,
    /// Bytes of memory.
    pub memory: u64,
    /// Processes that wanted to run in the minute before the first round.
    pub load: f64,
}

/// From this load on, figures are not worth much.
const BUSY: f64 = 0.5;

impl Machine {
    /// Whether other work disturbs the figures.
    pub fn is_busy(&self) -> bool {
        self.load > BUSY
    }

    /// Looks around.
    pub fn look() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let processor = read("/proc/cpuinfo")
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1))
            .unwrap_or("unknown")
            .to_owned();
        let load = read("/proc/loadavg");
        Machine {
            processor,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: kernel(&read("/proc/version")),
            git: git::line(git::git().arg("--version")).unwrap_or_default(),
            rustc: git::line(std::process::Command::new("rustc").arg("--version"))
                .unwrap_or_default(),
            memory: memory(&read("/proc/meminfo")).unwrap_or(0),
            load: load
                .split(' ')
                .next()
                .and_then(|load| load.parse().ok())
                .unwrap_or(0.0),
        }
    }
}

/// The name and number in a line such as `Linux version 6.12.1-1-cloud (who built it) …`: the rest is
/// about those who built it.
fn kernel(version: &str) -> String {
    let mut words = version.split(' ');
    let name = words.next().unwrap_or_default();
    let number = words.nth(1).unwrap_or_default();
    let number = number.split('-').next().unwrap_or_default();
    format!("{name} {number}").trim().to_owned()
}

/// The line `MemTotal: 1234 kB`, in bytes; see `proc_meminfo(5)`.
fn memory(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(test)]
#[test]
fn kernels_have_a_number() {
    let version = "Linux version 6.12.1-1-cloud (who@where) (gcc 1) #1 SMP";
    assert_eq!(kernel(version), "Linux 6.12.1");
    assert_eq!(kernel(""), "");
}

#[cfg(test)]
#[test]
fn memory_is_in_bytes() {
    assert_eq!(memory("A: 1 kB\nMemTotal:       2048 kB\n"), Some(2 << 20));
    assert_eq!(memory(""), None);
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}, {} threads, {}, load {:.2}",
            self.processor, self.threads, self.git, self.load
        )?;
        if self.is_busy() {
            write!(
                f,
                "\nthe machine is busy with other work: only the ratios say something"
            )?;
        }
        Ok(())
    }
}
