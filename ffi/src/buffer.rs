//! Bytes that belong to the host.

use gitlade::Blob;

use crate::boundary;
use crate::give;
use crate::text::gitlade_str;

/// Bytes that were handed over: a file's content, a text, a manifest. It never changes, and may be
/// used from several threads at once.
pub struct gitlade_buffer(pub(crate) Bytes);

pub(crate) enum Bytes {
    Memory(Vec<u8>),
    /// In memory or, if the budget does not suffice, in a temporary file.
    Blob(Blob),
}

impl Bytes {
    pub(crate) fn text(text: String) -> Self {
        Bytes::Memory(text.into_bytes())
    }
}

/// The bytes, never NULL. They live as long as the buffer.
///
/// `buffer` may be NULL, which has none: NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_buffer_bytes(buffer: Option<&gitlade_buffer>) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || match buffer {
        None => gitlade_str::NONE,
        Some(gitlade_buffer(Bytes::Memory(bytes))) => gitlade_str::of(bytes),
        Some(gitlade_buffer(Bytes::Blob(blob))) => gitlade_str::of(blob),
    })
}

/// Frees a buffer.
///
/// `buffer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_buffer_free(buffer: *mut gitlade_buffer) {
    boundary::value((), || give::free(buffer));
}
