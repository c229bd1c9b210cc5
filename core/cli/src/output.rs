//! Where results go: standard output, or a file that is whole or not there at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gitlade::Error;
use tempfile::NamedTempFile;

use crate::failure::{Failure, quoted};
use crate::interrupt::Partial;

/// Where results go.
///
/// A file is written beside its place under another name, flushed to the disk and then renamed; what
/// stood there before stays until that moment. Dropped before [`finish`](Output::finish), it leaves
/// nothing behind. What is no regular file, such as a pipe or `/dev/null`, is written to directly.
pub(crate) struct Output {
    place: Place,
    written: u64,
    /// Whether who reads has gone.
    closed: bool,
}

enum Place {
    Stream {
        file: File,
        name: String,
    },
    Whole {
        temporary: Box<NamedTempFile>,
        target: PathBuf,
        partial: Partial,
    },
}

impl Output {
    /// Standard output, without a buffer: results come in large pieces.
    pub(crate) fn stdout() -> Result<Self, Failure> {
        let name = "standard output".to_owned();
        let file = duplicate_stdout()
            .map_err(|error| Failure::of_file("write to", Path::new(&name), &error))?;
        Ok(Output::new(Place::Stream { file, name }))
    }

    /// The file at `path`, or standard output for `-`.
    ///
    /// It is begun at once, so that a folder that cannot be written to is noticed before the work.
    pub(crate) fn create(path: &Path, partial: &Partial) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Output::stdout();
        }
        let failed = |error| Failure::of_file("write to", path, &error);
        let existing = match fs::metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if existing.as_ref().is_some_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            let name = quoted(path);
            return Ok(Output::new(Place::Stream { file, name }));
        }
        // A symlink stays, and its target is replaced.
        let target = match &existing {
            Some(_) => path.canonicalize().map_err(failed)?,
            None => path.to_owned(),
        };
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".gitlade-").suffix(".partial");
        let permissions = existing.map_or_else(new_file_permissions, |found| found.permissions());
        builder.permissions(permissions.clone());
        let temporary = builder.tempfile_in(folder).map_err(failed)?;
        partial.set(temporary.path());
        // The umask has been taken off once already from those of the file that is replaced.
        if target.exists() {
            temporary
                .as_file()
                .set_permissions(permissions)
                .map_err(failed)?;
        }
        Ok(Output::new(Place::Whole {
            temporary: Box::new(temporary),
            target,
            partial: partial.clone(),
        }))
    }

    fn new(place: Place) -> Self {
        Output {
            place,
            written: 0,
            closed: false,
        }
    }

    /// Puts the file in its place.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let (temporary, target, partial) = match self.place {
            Place::Stream { .. } => return Ok(()),
            Place::Whole {
                temporary,
                target,
                partial,
            } => (temporary, target, partial),
        };
        let failed = |error: &io::Error| Failure::of_file("write to", &target, error);
        temporary.as_file().sync_all().map_err(|e| failed(&e))?;
        temporary.persist(&target).map_err(|e| failed(&e.error))?;
        partial.clear();
        // Not every file system can do this for a folder, and the file itself is safe.
        if let Some(folder) = target.parent()
            && let Ok(folder) = File::open(folder)
        {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// What a failed writing means: nothing, if who reads has seen enough.
    pub(crate) fn failed(&self, error: Error) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        Err(error.into())
    }

    /// Writes bytes that are at hand.
    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self.write_all(bytes) {
            Err(error) if !self.closed => {
                let name = match &self.place {
                    Place::Stream { name, .. } => name.clone(),
                    Place::Whole { target, .. } => quoted(target),
                };
                let kind = gitlade::ErrorKind::of_io(&error);
                Err(Failure::new(
                    kind,
                    format!("cannot write to {name}: {error}"),
                ))
            }
            _ => Ok(()),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = match &mut self.place {
            Place::Stream { file, .. } => file.write(bytes),
            Place::Whole { temporary, .. } => temporary.as_file_mut().write(bytes),
        };
        match &result {
            Ok(count) => self.written += *count as u64,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(_) => {}
        }
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
fn duplicate_stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
fn duplicate_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

/// What files get that are new, before the umask; temporary files get less.
#[cfg(unix)]
fn new_file_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666)
}
