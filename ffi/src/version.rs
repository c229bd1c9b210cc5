//! Which gitlade this is.

use std::ffi::c_char;

use crate::boundary;
use crate::text::{self, gitlade_str};

/// The version of the library, such as `0.1.0`: a constant that ends in a NUL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_version() -> *const c_char {
    boundary::value(c"".as_ptr(), || {
        concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
    })
}

/// The version of the ABI that the library has. It is `GITLADE_ABI_VERSION` of the header that it
/// was built with, and is raised when a program that was built before would break; additions do not
/// raise it.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_abi_version() -> u32 {
    boundary::value(0, || ABI_VERSION)
}

/// What `GITLADE_ABI_VERSION` of the header must be.
pub(crate) const ABI_VERSION: u32 = 1;

/// What was compiled in, by name.
const FEATURES: &[&str] = &[
    #[cfg(feature = "arrow")]
    "arrow",
    #[cfg(feature = "object-store")]
    "object-store",
];

/// The name of a feature that was compiled in, by number from 0, or NULL behind the last: `arrow`,
/// `object-store`.
/// A function whose feature is missing is there, and returns `GITLADE_STATUS_INVALID_OPTIONS`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_feature(index: usize) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        gitlade_str::of_option(FEATURES.get(index).copied())
    })
}

/// Whether the feature called `name` was compiled in.
///
/// `name` may be NULL, which is none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_has_feature(name: *const c_char, name_len: usize) -> bool {
    boundary::value(false, || {
        matches!(
            text::optional("name", name, name_len),
            Ok(Some(name)) if FEATURES.iter().any(|feature| feature.as_bytes() == name)
        )
    })
}

/// Writes `len` bytes as lowercase hex, with a NUL behind, into `buffer` of `capacity` bytes, which
/// must be at least 2 `len` + 1. Object ids and digests are shown so.
///
/// Returns the number of digits, or 0 if there is no room; then nothing is written. `bytes` and
/// `buffer` may be NULL, which is no room.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_hex(
    bytes: *const u8,
    len: usize,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    boundary::value(0, || {
        let digits = match len.checked_mul(2) {
            Some(digits) if digits < capacity => digits,
            _ => return 0,
        };
        if bytes.is_null() || buffer.is_null() {
            return 0;
        }
        for index in 0..len {
            // SAFETY: the header asks for `len` bytes at `bytes` and `capacity` at `buffer`, and
            // 2 `len` is less than `capacity`.
            unsafe {
                let byte = *bytes.add(index);
                let high = DIGITS[usize::from(byte >> 4)];
                let low = DIGITS[usize::from(byte & 15)];
                buffer.add(2 * index).write(high as c_char);
                buffer.add(2 * index + 1).write(low as c_char);
            }
        }
        // SAFETY: as above.
        unsafe { buffer.add(digits).write(0) };
        digits
    })
}
