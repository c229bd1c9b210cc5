//! Text and bytes that cross the border.

use std::ffi::{CStr, c_char};

use crate::boundary::Failure;

/// Bytes that belong to somebody else, with their length.
///
/// `data` is NULL where there is nothing, which is not the same as no bytes. There is no NUL at the
/// end unless a function says so. Paths, targets and names of a repository are bytes that need not be
/// UTF-8; everything else is UTF-8.
///
/// Where the host hands one in, a length of `GITLADE_NTS` means that the text ends at its first
/// NUL.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct gitlade_str {
    /// The first byte, or NULL.
    pub data: *const c_char,
    /// How many bytes there are.
    pub len: usize,
}

/// The length that means: up to the first NUL.
const NTS: usize = usize::MAX;

impl gitlade_str {
    /// Nothing.
    pub(crate) const NONE: gitlade_str = gitlade_str {
        data: std::ptr::null(),
        len: 0,
    };

    pub(crate) fn of(bytes: &[u8]) -> Self {
        gitlade_str {
            data: bytes.as_ptr().cast(),
            len: bytes.len(),
        }
    }

    pub(crate) fn of_option<T: AsRef<[u8]> + ?Sized>(bytes: Option<&T>) -> Self {
        bytes.map_or(Self::NONE, |bytes| Self::of(bytes.as_ref()))
    }

    /// What the host handed in; `None` for NULL.
    pub(crate) fn bytes<'a>(self, name: &str) -> Result<Option<&'a [u8]>, Failure> {
        optional(name, self.data, self.len)
    }

    /// The same as text.
    pub(crate) fn text<'a>(self, name: &str) -> Result<Option<&'a str>, Failure> {
        self.bytes(name)?.map(|bytes| utf8(name, bytes)).transpose()
    }
}

/// Bytes that may be missing; NULL is `None`.
pub(crate) fn optional<'a>(
    name: &str,
    data: *const c_char,
    len: usize,
) -> Result<Option<&'a [u8]>, Failure> {
    if data.is_null() {
        return match len {
            0 | NTS => Ok(None),
            _ => Err(Failure::argument(format!(
                "{name} is NULL and has a length"
            ))),
        };
    }
    if len == NTS {
        // SAFETY: the header asks for a NUL at the end of a text that comes without a length.
        return Ok(Some(unsafe { CStr::from_ptr(data) }.to_bytes()));
    }
    if isize::try_from(len).is_err() {
        return Err(Failure::argument(format!(
            "the length of {name} is no length"
        )));
    }
    // SAFETY: it is not NULL, and the header asks for as many readable bytes as `len` says, which
    // nobody changes during the call.
    Ok(Some(unsafe {
        std::slice::from_raw_parts(data.cast::<u8>(), len)
    }))
}

/// Bytes that must be there.
pub(crate) fn required<'a>(
    name: &str,
    data: *const c_char,
    len: usize,
) -> Result<&'a [u8], Failure> {
    optional(name, data, len)?.ok_or_else(|| null(name))
}

/// Text that must be there.
pub(crate) fn required_text<'a>(
    name: &str,
    data: *const c_char,
    len: usize,
) -> Result<&'a str, Failure> {
    utf8(name, required(name, data, len)?)
}

/// A path of the host's disk.
#[cfg(unix)]
pub(crate) fn path(bytes: &[u8]) -> Result<std::path::PathBuf, Failure> {
    use std::os::unix::ffi::OsStrExt;
    Ok(std::ffi::OsStr::from_bytes(bytes).into())
}

/// A path of the host's disk, which is UTF-8 where paths are not bytes.
#[cfg(not(unix))]
pub(crate) fn path(bytes: &[u8]) -> Result<std::path::PathBuf, Failure> {
    Ok(utf8("the path", bytes)?.into())
}

pub(crate) fn utf8<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Failure> {
    std::str::from_utf8(bytes).map_err(|_| Failure::argument(format!("{name} is not UTF-8")))
}

pub(crate) fn null(name: &str) -> Failure {
    Failure::argument(format!("{name} is NULL"))
}

/// Copies `text` into the host's buffer as C strings go: as much as fits, at a boundary of
/// characters, with a NUL. Returns the length of the whole without the NUL.
pub(crate) fn copy_out(text: &str, buffer: *mut c_char, capacity: usize) -> usize {
    if buffer.is_null() || capacity == 0 {
        return text.len();
    }
    let fits = text.floor_char_boundary_of(capacity - 1);
    // SAFETY: the header asks for `capacity` writable bytes at `buffer`, and `fits` is less than
    // that; the host's buffer is not ours, so the two do not overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast::<u8>(), fits);
        buffer.add(fits).write(0);
    }
    text.len()
}

trait Boundary {
    fn floor_char_boundary_of(&self, index: usize) -> usize;
}

impl Boundary for str {
    fn floor_char_boundary_of(&self, index: usize) -> usize {
        (0..=index.min(self.len()))
            .rev()
            .find(|&index| self.is_char_boundary(index))
            .unwrap_or(0)
    }
}
