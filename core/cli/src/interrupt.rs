//! Ctrl-C: the first ends the work cleanly, the second at once.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gitlade::{Cancel, Control};

use crate::failure::INTERRUPTED;

/// The work's switch, tied to SIGINT, SIGTERM and SIGHUP.
pub(crate) struct Interrupt {
    cancel: Cancel,
    partial: Partial,
}

/// The file that is half written, if there is one.
#[derive(Clone, Default)]
pub(crate) struct Partial(Arc<Mutex<Option<PathBuf>>>);

impl Interrupt {
    /// Takes over the signals.
    pub(crate) fn install() -> Self {
        let interrupt = Interrupt {
            cancel: Cancel::new(),
            partial: Partial::default(),
        };
        let (cancel, partial) = (interrupt.cancel.clone(), interrupt.partial.clone());
        // Without the handler Ctrl-C ends the program as it ends any other.
        let _ = ctrlc::set_handler(move || {
            if cancel.is_cancelled() {
                partial.remove();
                std::process::exit(INTERRUPTED.into());
            }
            cancel.cancel();
        });
        interrupt
    }

    /// The strings of one import, with the switch among them.
    pub(crate) fn control(&self) -> Control {
        let mut control = Control::new();
        control.cancel = self.cancel.clone();
        control
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// What the second Ctrl-C removes.
    pub(crate) fn partial(&self) -> &Partial {
        &self.partial
    }

    /// Makes a stream fail once the switch is on.
    pub(crate) fn watch<S>(&self, stream: S) -> Watched<S> {
        Watched {
            stream,
            cancel: self.cancel.clone(),
        }
    }
}

impl Partial {
    pub(crate) fn set(&self, file: &Path) {
        *self.lock() = Some(file.to_owned());
    }

    pub(crate) fn clear(&self) {
        *self.lock() = None;
    }

    fn remove(&self) {
        if let Some(file) = self.lock().take() {
            let _ = std::fs::remove_file(file);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that fails once the switch is on.
pub(crate) struct Watched<S> {
    stream: S,
    cancel: Cancel,
}

impl<S> Watched<S> {
    /// `Interrupted` would not do, since that means to try again.
    fn check(&self) -> io::Result<()> {
        if self.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        Ok(())
    }
}

impl<S: Read> Read for Watched<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.stream.read(buffer)
    }
}

impl<S: Write> Write for Watched<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        self.stream.flush()
    }
}
