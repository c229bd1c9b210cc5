//! Showing how far the work is, on standard error.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use gitlade::{Progress, Snapshot, Step};
use serde::Serialize;

use crate::describe;
use crate::pace::Pace;
use crate::screen::{Bar, Form, print};

/// How often the counters are looked at.
const INTERVAL: Duration = Duration::from_millis(100);
/// How often they are told as JSON while the step stays the same.
pub(crate) const JSON_INTERVAL: Duration = Duration::from_millis(250);
/// How often they are told as plain lines while the step stays the same.
pub(crate) const PLAIN_INTERVAL: Duration = Duration::from_secs(2);

/// When progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// As a bar, if standard error is a terminal
    #[default]
    Auto,
    /// As a bar on a terminal, and as plain lines elsewhere
    Always,
    /// Not at all
    Never,
    /// As one JSON object a line, four times a second and at each step
    Json,
}

/// A thread that looks at the counters and shows them, until it is dropped.
pub(crate) struct Display {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

trait Show: Send {
    fn show(&mut self, snapshot: &Snapshot, rate: Option<u64>, elapsed: Duration);
    fn end(&mut self) {}
}

impl Display {
    /// Begins to show; does nothing where nothing is to be shown.
    pub(crate) fn start(when: When, progress: &Progress) -> Self {
        let none = Display {
            stop: None,
            thread: None,
        };
        let show: Box<dyn Show> = match when.form() {
            Form::Nothing => return none,
            Form::Bar => Box::new(Bar::new()),
            Form::Plain => Box::new(Lines::new(PLAIN_INTERVAL, plain)),
            Form::Json => Box::new(Lines::new(JSON_INTERVAL, json)),
        };
        let (stop, stopped) = mpsc::channel();
        let progress = progress.clone();
        let thread = std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || watch(&progress, &stopped, show))
            .ok();
        Display {
            stop: Some(stop),
            thread,
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(progress: &Progress, stopped: &mpsc::Receiver<()>, mut show: Box<dyn Show>) {
    let started = Instant::now();
    let mut pace = Pace::default();
    loop {
        let stop = stopped.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout);
        let (snapshot, elapsed) = (progress.snapshot(), started.elapsed());
        pace.look(elapsed, moved(&snapshot));
        show.show(&snapshot, pace.per_second(), elapsed);
        if stop {
            return show.end();
        }
    }
}

/// The bytes whose pace is told: those on the line while there is one, else those that were read.
fn moved(snapshot: &Snapshot) -> u64 {
    if snapshot.step <= Step::Receiving || snapshot.step == Step::Detecting {
        snapshot.received_bytes
    } else {
        snapshot.bytes
    }
}

/// What a snapshot says, on one line. The server's message has no control characters.
fn sentence(snapshot: &Snapshot, rate: Option<u64>) -> String {
    let mut text = snapshot.step.to_string();
    match (snapshot.objects, snapshot.objects_total) {
        (0, 0) => {}
        (done, 0) => text += &format!("  {}", describe::counted(done, "object")),
        (done, total) => {
            text += &format!(
                "  {}/{} objects",
                describe::count(done),
                describe::count(total)
            );
        }
    }
    let bytes = moved(snapshot);
    if bytes > 0 {
        text += &format!(", {}", describe::bytes(bytes));
    }
    if let Some(rate) = rate.filter(|&rate| rate > 0) {
        text += &format!(", {}/s", describe::bytes(rate));
    }
    if !snapshot.message.is_empty() && snapshot.step <= Step::Receiving {
        text += &format!("  ({})", snapshot.message);
    }
    text
}

impl Show for Bar {
    fn show(&mut self, snapshot: &Snapshot, rate: Option<u64>, _: Duration) {
        self.draw(snapshot.percent(), sentence(snapshot, rate));
    }

    fn end(&mut self) {
        self.clear();
    }
}

/// Lines for programs and logs, at each step and every so often.
struct Lines<F> {
    interval: Duration,
    format: F,
    last: Option<(Step, Duration)>,
    latest: Option<String>,
}

impl<F> Lines<F> {
    fn new(interval: Duration, format: F) -> Self {
        Lines {
            interval,
            format,
            last: None,
            latest: None,
        }
    }
}

impl<F: Fn(&Snapshot, Option<u64>, Duration) -> String + Send> Show for Lines<F> {
    fn show(&mut self, snapshot: &Snapshot, rate: Option<u64>, elapsed: Duration) {
        let line = (self.format)(snapshot, rate, elapsed);
        let is_due = self.last.is_none_or(|(step, then)| {
            step != snapshot.step || elapsed.saturating_sub(then) >= self.interval
        });
        if is_due {
            self.last = Some((snapshot.step, elapsed));
            self.latest = None;
            print(&line);
        } else {
            self.latest = Some(line);
        }
    }

    /// The last word is always told.
    fn end(&mut self) {
        if let Some(line) = self.latest.take() {
            print(&line);
        }
    }
}

fn plain(snapshot: &Snapshot, rate: Option<u64>, _: Duration) -> String {
    let text = sentence(snapshot, rate);
    match snapshot.percent() {
        Some(percent) => format!("{text}, {percent}%"),
        None => text,
    }
}

fn json(snapshot: &Snapshot, rate: Option<u64>, elapsed: Duration) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        #[serde(flatten)]
        snapshot: &'a Snapshot,
        percent: Option<u8>,
        bytes_per_second: Option<u64>,
        elapsed_ms: u64,
    }
    serde_json::to_string(&Line {
        snapshot,
        percent: snapshot.percent(),
        bytes_per_second: rate,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    })
    .expect("because all keys are text")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.step = Step::Reading;
        snapshot.objects = 1500;
        snapshot.objects_total = 3000;
        snapshot.bytes = 3 << 20;
        snapshot
    }

    #[test]
    fn sentences_say_what_is_known() {
        assert_eq!(sentence(&Snapshot::default(), None), "waiting");
        let text = sentence(&snapshot(), Some(2 << 20));
        assert_eq!(text, "reading  1,500/3,000 objects, 3.00 MiB, 2.00 MiB/s");
        assert_eq!(
            plain(&snapshot(), None, INTERVAL).split(", ").last(),
            Some("50%")
        );
    }

    #[test]
    fn json_lines_have_the_counters_and_what_follows_from_them() {
        let line = json(&snapshot(), Some(7), Duration::from_millis(1234));
        let value: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
        assert_eq!(value["step"], "reading");
        assert_eq!(value["objects_total"], 3000);
        assert_eq!(value["percent"], 50);
        assert_eq!(value["bytes_per_second"], 7);
        assert_eq!(value["elapsed_ms"], 1234);
        assert!(!line.contains('\n'));
    }
}
