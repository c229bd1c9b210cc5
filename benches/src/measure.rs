//! One run of one process: time, CPU, memory.

use std::fs;
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use wait4::Wait4;

/// How often the memory of a process is looked at. Shorter peaks can be missed; the other figure for
/// memory, which the kernel keeps, misses none.
const POLL: Duration = Duration::from_millis(5);

/// What one run of a process, with all processes that it started, took.
#[derive(Clone, Debug)]
pub struct Run {
    /// How it ended.
    pub status: ExitStatus,
    /// When it was started.
    pub started: Instant,
    /// When it was seen to have ended.
    pub ended: Instant,
    /// User and system time of all processes that were waited for.
    pub cpu: Duration,
    /// The most anonymous memory (`RssAnon`) that all processes together were seen with, in bytes.
    pub peak_anonymous: u64,
    /// The largest resident set of any one process (`ru_maxrss`), in bytes. Has mapped files in it.
    pub peak_resident: u64,
    /// What it wrote to its standard output.
    pub output: Vec<u8>,
    /// Whether it was ended because it took too long.
    pub was_ended: bool,
}

impl Run {
    /// From start to end.
    pub fn wall(&self) -> Duration {
        self.ended - self.started
    }
}

/// Runs `command` to its end, and watches it meanwhile. Its standard input is empty, its standard
/// error that of this process. After `patience`, if there is any, it is ended with all that it started.
///
/// # Errors
///
/// If it cannot be started or waited for; that it fails is in [`Run::status`].
pub fn run(command: &mut Command, patience: Option<Duration>) -> io::Result<Run> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn()?;
    let pid = child.id();
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| watch(pid, patience.map(|time| started + time), &ended));
        let waited = read_and_wait(&mut child);
        let ended_at = Instant::now();
        ended.store(true, Ordering::Release);
        watch.thread().unpark();
        let (peak_anonymous, was_ended) = watch.join().expect("because watching does not panic");
        let (output, usage) = waited?;
        Ok(Run {
            status: usage.status,
            started,
            ended: ended_at,
            cpu: usage.rusage.utime + usage.rusage.stime,
            peak_anonymous,
            peak_resident: usage.rusage.maxrss,
            output,
            was_ended,
        })
    })
}

fn read_and_wait(child: &mut Child) -> io::Result<(Vec<u8>, wait4::ResUse)> {
    let mut output = Vec::new();
    let mut stdout = child.stdout.take().expect("because it was piped");
    let read = io::copy(&mut stdout, &mut output);
    let usage = child.wait4()?;
    read?;
    Ok((output, usage))
}

/// The most anonymous memory that the process `pid` and its descendants had until `ended`, and whether
/// they were still there at `until`, and ended then.
fn watch(pid: u32, until: Option<Instant>, ended: &AtomicBool) -> (u64, bool) {
    let (mut peak, mut was_ended) = (0, false);
    while !ended.load(Ordering::Acquire) {
        let (family, anonymous) = family(pid);
        peak = peak.max(anonymous);
        if until.is_some_and(|until| Instant::now() >= until) {
            was_ended = true;
            for pid in family {
                end(pid);
            }
        }
        thread::park_timeout(POLL);
    }
    (peak, was_ended)
}

/// Ends a process; one that is gone is no error.
fn end(pid: u32) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

/// A process and its descendants, and their bytes of anonymous memory; what has ended counts as 0.
fn family(pid: u32) -> (Vec<u32>, u64) {
    let mut sum = 0;
    let mut family = vec![pid];
    let mut seen = 0;
    while let Some(&pid) = family.get(seen) {
        seen += 1;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        sum += parse_rss_anon(&status).unwrap_or(0);
        // Every thread has its own list of the processes that it started.
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
            continue;
        };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family.extend(
                children
                    .split_ascii_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
    }
    (family, sum)
}

/// The line `RssAnon:  1234 kB` of `/proc/PID/status`, in bytes; see `proc_pid_status(5)`.
fn parse_rss_anon(status: &str) -> Option<u64> {
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anonymous_memory_stands_in_the_status() {
        let status = "Name:\tgit\nVmHWM:\t  9999 kB\nRssAnon:\t    1536 kB\nRssFile:\t 8 kB\n";
        assert_eq!(parse_rss_anon(status), Some(1_536 * 1_024));
        assert_eq!(parse_rss_anon("Name:\tgit\n"), None);
        assert!(family(std::process::id()).1 > 0);
    }

    #[test]
    fn processes_that_a_process_starts_count() {
        // The inner process holds 64 MiB for a moment; the outer one only waits for it.
        let program = "x = bytearray(64 << 20); x[::4096] = b'a' * (64 << 8); \
                       import time; time.sleep(0.3); print(len(x))";
        let mut command = Command::new("sh");
        command.args(["-c", "python3 -c \"$1\"; exit 3", "sh", program]);
        let run = run(&mut command, None).unwrap();
        assert_eq!(run.output, b"67108864\n");
        assert_eq!(run.status.code(), Some(3));
        assert!(run.peak_anonymous >= 64 << 20, "{}", run.peak_anonymous);
        assert!(run.peak_resident >= 64 << 20, "{}", run.peak_resident);
        assert!(run.wall() >= Duration::from_millis(300));
        assert!(run.cpu > Duration::ZERO);
    }

    #[test]
    fn what_takes_too_long_is_ended_with_all_that_it_started() {
        let mut command = Command::new("sh");
        // The output ends when the inner process does, too.
        command.args(["-c", "sleep 600 & wait"]);
        let run = run(&mut command, Some(Duration::from_millis(50))).unwrap();
        assert!(run.was_ended && !run.status.success());
        assert!(run.wall() < Duration::from_secs(300));
    }
}
