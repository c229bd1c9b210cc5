//! Bytes that come and go in pieces.

use std::ffi::c_void;
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;

use crate::boundary::{self, Failure};
use crate::callback;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::null;

/// Reads content piece by piece. For one thread at a time.
pub struct gitlade_reader(Box<dyn Read + Send>);

impl gitlade_reader {
    pub(crate) fn new(reader: impl Read + Send + 'static) -> Self {
        gitlade_reader(Box::new(reader))
    }
}

/// Reads at most `capacity` bytes into `buffer`, and writes their number to `*read`: 0 at the end, or
/// if there is no room.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_reader_read(
    reader: Option<&mut gitlade_reader>,
    buffer: *mut u8,
    capacity: usize,
    read: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let reader = give::required_mut("reader", reader)?;
        let read = give::value("read", read)?;
        if buffer.is_null() {
            return Err(null("buffer"));
        }
        let capacity = capacity.min(isize::MAX as usize);
        // A reader of Rust may look at its buffer, so what the host did not write yet is not shown.
        // SAFETY: the header asks for `capacity` writable bytes, and nobody else has them during the
        // call.
        let buffer = unsafe {
            std::ptr::write_bytes(buffer, 0, capacity);
            std::slice::from_raw_parts_mut(buffer, capacity)
        };
        let count = loop {
            match reader.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result.map_err(of_io)?,
            }
        };
        read.write(count);
        Ok(())
    })
}

/// What a reader failed with; an error of the engine may be inside.
fn of_io(error: io::Error) -> Failure {
    let error = match gitlade::Error::from_io(error) {
        Ok(error) => return Failure::Core(error),
        Err(error) => error,
    };
    let status = match error.kind() {
        io::ErrorKind::InvalidData => gitlade_status::NotText,
        _ => gitlade_status::of(gitlade::ErrorKind::of_io(&error)),
    };
    Failure::Told {
        status,
        message: format!("cannot read the content: {error}"),
        advice: "",
    }
}

/// Frees a reader.
///
/// `reader` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_reader_free(reader: *mut gitlade_reader) {
    boundary::value((), || give::free(reader));
}

/// Takes bytes in pieces.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_writer {
    /// `sizeof(gitlade_writer)`.
    pub struct_size: usize,
    /// Handed to the callback.
    pub context: *mut c_void,
    /// Takes all `len` bytes, and returns 0; anything else ends the work with
    /// `GITLADE_STATUS_HOST`. Called from the thread that called the function.
    pub write:
        Option<unsafe extern "C" fn(context: *mut c_void, bytes: *const u8, len: usize) -> i32>,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_writer {
    const NAME: &'static str = "gitlade_writer";
}

/// The host's callback as a writer, which remembers what it returned.
pub(crate) struct HostWriter {
    write: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32,
    context: *mut c_void,
    /// What the callback returned when it failed.
    pub(crate) failed: i32,
}

impl HostWriter {
    /// What the host handed in, which must be there.
    pub(crate) fn read(data: *const gitlade_writer) -> Result<Self, Failure> {
        let given = structs::read(data)?.ok_or_else(|| null("writer"))?;
        Ok(HostWriter {
            write: given.write.ok_or_else(|| null("write of gitlade_writer"))?,
            context: given.context,
            failed: 0,
        })
    }
}

impl Write for HostWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: the header asks for a function of this type that takes the context.
        let code =
            callback::call(|| unsafe { (self.write)(self.context, bytes.as_ptr(), bytes.len()) });
        if code != 0 {
            self.failed = code;
            return Err(io::Error::other(format!("the writer returned {code}")));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives bytes in pieces.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_input {
    /// `sizeof(gitlade_input)`.
    pub struct_size: usize,
    /// Handed to the callback.
    pub context: *mut c_void,
    /// Writes at most `capacity` bytes to `buffer` and returns their number: 0 at the end, less than
    /// 0 if it failed, which ends the work with `GITLADE_STATUS_HOST`. Called from the thread that
    /// called the function.
    pub read:
        Option<unsafe extern "C" fn(context: *mut c_void, buffer: *mut u8, capacity: usize) -> i64>,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_input {
    const NAME: &'static str = "gitlade_input";
}

/// The host's callback as a reader, which remembers what it returned.
pub(crate) struct HostInput {
    read: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> i64,
    context: *mut c_void,
    /// What the callback returned when it failed.
    pub(crate) failed: i64,
}

impl HostInput {
    /// What the host handed in, which must be there.
    pub(crate) fn read(data: *const gitlade_input) -> Result<Self, Failure> {
        let given = structs::read(data)?.ok_or_else(|| null("input"))?;
        Ok(HostInput {
            read: given.read.ok_or_else(|| null("read of gitlade_input"))?,
            context: given.context,
            failed: 0,
        })
    }
}

impl Read for HostInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the header asks for a function of this type that takes the context.
        let count = callback::call(|| unsafe {
            (self.read)(self.context, buffer.as_mut_ptr(), buffer.len())
        });
        match usize::try_from(count) {
            Ok(count) if count <= buffer.len() => Ok(count),
            _ => {
                self.failed = count;
                Err(io::Error::other(format!("the input returned {count}")))
            }
        }
    }
}
