//! A running ssh as a connection.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStderr, ChildStdout, Command};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{SshError, explain};
use super::input::Input;
use crate::printable::Printable;
use crate::remote::fetch::error::FetchError;
use crate::remote::watch::Pace;
use crate::remote::{Endpoint, RemoteError, Waited, Watch};

/// Bytes that are read from ssh at once.
const CHUNK: usize = 64 << 10;
/// Chunks that wait for the reader at most.
const CHUNKS: usize = 4;
/// Bytes of standard error that are kept.
const MAX_ERRORS: u64 = 16 << 10;
/// How long ssh may take to end after it has closed its output.
const FAREWELL: Duration = Duration::from_secs(2);

/// A child process whose output is read with the timeouts of the [`Watch`], and which ends with it.
///
/// Pipes cannot be read with a timeout everywhere, so a thread reads each of them.
pub(super) struct Process {
    child: Running,
    input: Input,
    chunks: Receiver<io::Result<Vec<u8>>>,
    errors: Receiver<Vec<u8>>,
    chunk: io::Cursor<Vec<u8>>,
    pace: Pace,
    endpoint: Endpoint,
    watch: Watch,
    ended: bool,
}

impl Process {
    pub(super) fn start(
        mut command: Command,
        endpoint: &Endpoint,
        watch: &Watch,
    ) -> Result<Self, FetchError> {
        let program = Printable(command.get_program().as_encoded_bytes()).to_string();
        let cannot = |source| SshError::Program {
            program: program.clone(),
            source,
        };
        let (input, theirs) = Input::new().map_err(cannot)?;
        command.stdin(theirs);
        // From here on the child is ended by drop, whatever fails.
        let mut child = Running(command.spawn().map_err(cannot)?);
        // The command keeps the child's end open as long as it lives, which would hide its end.
        drop(command);
        let input = input.attach(&mut child.0);
        let output = child.0.stdout.take();
        let output = output.expect("because it was asked to be piped");
        let errors = child.0.stderr.take();
        let errors = errors.expect("because it was asked to be piped");
        Ok(Process {
            child,
            input,
            chunks: read_output(output).map_err(cannot)?,
            errors: read_errors(errors).map_err(cannot)?,
            chunk: io::Cursor::default(),
            pace: Pace::default(),
            endpoint: endpoint.clone(),
            watch: watch.clone(),
            ended: false,
        })
    }

    /// Waits until there is something to read, or the reason why there will not be.
    pub(super) fn wait(&mut self) -> Result<(), FetchError> {
        if !self.next_chunk()? {
            self.ended = true;
            self.farewell()?;
        }
        Ok(())
    }

    fn next_chunk(&mut self) -> Result<bool, FetchError> {
        let stall = self.watch.timeouts().stall;
        let begun = Instant::now();
        let received = self
            .watch
            .receive(&self.chunks, stall, Waited::Stall(stall))?;
        let Some(chunk) = received else {
            return Ok(false);
        };
        let chunk = chunk.map_err(FetchError::from_io)?;
        let count = chunk.len() as u64;
        self.watch.progress().received(count);
        self.pace
            .note(begun.elapsed(), count, self.watch.timeouts())?;
        self.chunk = io::Cursor::new(chunk);
        Ok(true)
    }

    /// Why the output has ended, if it is for a reason.
    fn farewell(&mut self) -> Result<(), FetchError> {
        let begun = Instant::now();
        let status = loop {
            match self.child.0.try_wait() {
                Ok(Some(status)) => break status.code(),
                Ok(None) if begun.elapsed() < FAREWELL => {
                    self.watch.sleep(Duration::from_millis(10))?;
                }
                // It lives on without output, or nothing is known about it: its words have to do.
                Ok(None) | Err(_) => break None,
            }
        };
        let errors = match self
            .errors
            .recv_timeout(FAREWELL.saturating_sub(begun.elapsed()))
        {
            Ok(errors) => errors,
            Err(_) => return Ok(()),
        };
        match explain(&self.endpoint, self.watch.timeouts(), status, &errors) {
            Some(reason) if status != Some(0) => Err(reason),
            _ => Ok(()),
        }
    }
}

impl Read for Process {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.chunk.read(out)?;
            if count > 0 || out.is_empty() || self.ended {
                return Ok(count);
            }
            self.wait().map_err(FetchError::into_io)?;
        }
    }
}

impl Write for Process {
    /// Never blocks: what is sent in one session is smaller than the buffer of the pipe.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watch.check().map_err(RemoteError::into_io)?;
        self.input.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A child that does not outlive its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read_output(mut output: ChildStdout) -> io::Result<Receiver<io::Result<Vec<u8>>>> {
    let (sender, receiver) = mpsc::sync_channel(CHUNKS);
    thread::Builder::new()
        .name("gitlade-ssh".into())
        .spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let result = match output.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(count) => {
                        chunk.truncate(count);
                        Ok(chunk)
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let failed = result.is_err();
                if sender.send(result).is_err() || failed {
                    return;
                }
            }
        })?;
    Ok(receiver)
}

fn read_errors(mut errors: ChildStderr) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("gitlade-ssh-errors".into())
        .spawn(move || {
            let mut kept = Vec::new();
            // What is not kept is read all the same, so that ssh does not wait. An error ends the
            // text, and what came before it is what there is.
            let _ = errors.by_ref().take(MAX_ERRORS).read_to_end(&mut kept);
            let _ = io::copy(&mut errors, &mut io::sink());
            let _ = sender.send(kept);
        })?;
    Ok(receiver)
}
