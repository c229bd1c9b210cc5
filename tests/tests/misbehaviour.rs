//! Servers that misbehave at each stage: each import ends in the right typed error, soon.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gitlade::{Control, ErrorKind, Options, RemoteOptions, Source, Timeouts, import};
use gitlade_tests::patience::{assert_within, is_late};
use gitlade_tests::server::{impatient, misbehaviours, sample_repository, small_limits};

use crate::importing::remote;
use crate::shown::assert_harmless;

/// Longer than any case may take, on a machine that has other things to do.
const SOON: Duration = Duration::from_secs(30);

/// Calls `judge` with each number below `count`, so many of them at once, and fails with all that it
/// says.
pub(crate) fn all(at_once: usize, count: usize, judge: impl Fn(usize) -> Option<String> + Sync) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    if let Some(fault) = judge(number) {
                        wrong.lock().expect("nobody panics").push(fault);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong with how an import from `url` has ended, if anything is; no kinds mean that it has
/// to succeed.
pub(crate) fn fault(
    name: &str,
    url: &str,
    options: &Options,
    expected: &[ErrorKind],
) -> Option<String> {
    let begun = Instant::now();
    let result = remote(url, options);
    let fault = match result {
        _ if is_late(SOON, begun.elapsed()) => "takes too long".to_owned(),
        Ok(_) if expected.is_empty() => return None,
        Ok(_) => "succeeds".to_owned(),
        Err(error) => {
            assert_harmless(&error, name);
            if expected.contains(&error.kind()) {
                return None;
            }
            format!("{}: {error}", error.kind())
        }
    };
    Some(format!("{name}: {fault}, expected {expected:?}"))
}

fn options(remote: RemoteOptions) -> Options {
    Options::default().remote(remote).limits(small_limits())
}

#[test]
fn every_lie_ends_in_the_right_error() {
    let folder = tempfile::tempdir().expect("there is room");
    let spool = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let cases = misbehaviours();
    assert!(cases.len() > 500, "{}", cases.len());
    let options = options(impatient()).spool_dir(spool.path()).threads(2);
    all(8, cases.len(), |number| {
        let case = &cases[number];
        let server = case.serve(&repository);
        fault(&case.name, &server.url(), &options, case.expected)
    });
    let left = std::fs::read_dir(spool.path()).expect("it is there");
    assert_eq!(left.count(), 0, "something is left in the spool");
    println!("{} misbehaviours", cases.len());
}

/// Whatever a server keeps an import waiting for, cancel ends it within a second (P5).
#[test]
fn cancel_ends_every_silence() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let silences = misbehaviours()
        .into_iter()
        .filter(|case| case.name.contains("silence"));
    let mut count = 0;
    for case in silences {
        count += 1;
        let server = case.serve(&repository);
        let source = Source::parse(server.url()).expect("it is a URL");
        // The defaults: a minute of silence.
        let options = options(impatient().timeouts(Timeouts::default()));
        let control = Control::new();
        let switch = control.cancel.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            switch.cancel();
            Instant::now()
        });
        let result = import(&source, &options, &control);
        let ended = Instant::now();
        let cancelled = thread.join().expect("it does not panic");
        let error = result.map(|_| ()).expect_err("the server is silent");
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{}", case.name);
        let took = ended.saturating_duration_since(cancelled);
        assert_within(Duration::from_secs(1), took, &case.name);
    }
    assert!(count >= 40, "{count}");
}
