//! Where progress is shown: standard error, as a bar or as lines.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::{JSON_INTERVAL, PLAIN_INTERVAL, When};

/// What `--progress` leads to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Nothing,
    Bar,
    /// Lines for people, now and then.
    Plain,
    /// Lines for programs, more often.
    Json,
}

impl When {
    /// The form that standard error takes.
    pub(crate) fn form(self) -> Form {
        let is_terminal = io::stderr().is_terminal() && !is_dumb();
        match self {
            When::Auto | When::Always if is_terminal => Form::Bar,
            When::Never | When::Auto => Form::Nothing,
            When::Always => Form::Plain,
            When::Json => Form::Json,
        }
    }
}

/// Some terminals cannot move back to the beginning of a line.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line is a host, and this is its terminal"
)]
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|name| name == "dumb")
}

/// Prints one line, which has no line break yet.
pub(crate) fn print(line: &str) {
    // Nobody may be listening any more, which is no reason to stop the work.
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// A bar that is drawn over and over, and gone in the end.
pub(crate) struct Bar {
    bar: ProgressBar,
    has_whole: Option<bool>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(20);
        Bar {
            bar: ProgressBar::with_draw_target(Some(100), target),
            has_whole: None,
        }
    }

    pub(crate) fn draw(&mut self, percent: Option<u8>, message: String) {
        if self.has_whole != Some(percent.is_some()) {
            self.has_whole = Some(percent.is_some());
            let template = match percent {
                Some(_) => "[{bar:24}] {percent:>3}% {wide_msg}",
                None => "{spinner} {wide_msg}",
            };
            let style = ProgressStyle::with_template(template)
                .expect("because the templates are right")
                .progress_chars("=> ");
            self.bar.set_style(style);
        }
        self.bar.set_message(message);
        match percent {
            Some(percent) => self.bar.set_position(percent.into()),
            None => self.bar.tick(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Shows what it is told as often as that makes sense.
pub(crate) struct Screen {
    form: Form,
    bar: Option<Bar>,
    last: Option<Duration>,
}

impl Screen {
    pub(crate) fn new(when: When) -> Self {
        let form = when.form();
        Screen {
            form,
            bar: (form == Form::Bar).then(Bar::new),
            last: None,
        }
    }

    /// Shows how far the work is at the time `now`, counted from any moment; what `is_new` does not
    /// wait for its time.
    pub(crate) fn show(
        &mut self,
        now: Duration,
        is_new: bool,
        percent: Option<u8>,
        sentence: impl FnOnce() -> String,
        json: impl FnOnce() -> String,
    ) {
        let interval = match self.form {
            Form::Nothing => return,
            Form::Bar => Duration::ZERO,
            Form::Plain => PLAIN_INTERVAL,
            Form::Json => JSON_INTERVAL,
        };
        let is_due = self
            .last
            .is_none_or(|last| now.saturating_sub(last) >= interval);
        if !is_new && !is_due {
            return;
        }
        self.last = Some(now);
        match (&mut self.bar, self.form) {
            (Some(bar), _) => bar.draw(percent, sentence()),
            (None, Form::Json) => print(json().trim_end()),
            (None, _) => {
                let percent = percent.map(|percent| format!(", {percent}%"));
                print(&format!("{}{}", sentence(), percent.unwrap_or_default()));
            }
        }
    }

    /// Says the last word, to programs alone.
    pub(crate) fn end(&mut self, json: impl FnOnce() -> String) {
        if let Some(bar) = &mut self.bar {
            bar.clear();
        }
        if self.form == Form::Json {
            print(json().trim_end());
        }
    }
}
