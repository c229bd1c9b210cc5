//! Servers that misbehave at each stage: each import ends in the right typed error, soon.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use gitlade::{Control, ErrorKind, Options, RemoteOptions, Source, Timeouts, import};
use gitlade_tests::server::{impatient, misbehaviours, sample_repository, small_limits};

/// Longer than any case may take, on a machine that has other things to do.
const SOON: Duration = Duration::from_secs(30);

fn options(remote: RemoteOptions) -> Options {
    Options::default().remote(remote).limits(small_limits())
}

#[test]
fn every_lie_ends_in_the_right_error() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let cases = misbehaviours();
    assert!(cases.len() > 500, "{}", cases.len());
    let next = Mutex::new(cases.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(case) = next.lock().map(|mut cases| cases.next()).unwrap_or(None) {
                    let begun = Instant::now();
                    let server = case.serve(&repository);
                    let source = Source::parse(server.url()).expect("it is a URL");
                    let result = import(&source, &options(impatient()), &Control::new());
                    let fault = match &result {
                        _ if begun.elapsed() > SOON => "takes too long".to_owned(),
                        Ok(_) => "succeeds".to_owned(),
                        Err(error) if error.to_string().chars().any(char::is_control) => {
                            format!("holds control characters: {error:?}")
                        }
                        Err(error) if case.expected.contains(&error.kind()) => continue,
                        Err(error) => format!("{}: {error}", error.kind()),
                    };
                    let name = &case.name;
                    let expected = case.expected;
                    let line = format!("{name}: {fault}, expected {expected:?}");
                    wrong.lock().expect("nobody panics").push(line);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics");
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
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
        assert!(took < Duration::from_secs(1), "{}: {took:?}", case.name);
    }
    assert!(count >= 40, "{count}");
}
