//! A host's own store for blobs.

use std::ffi::c_void;
use std::sync::Arc;

use gitlade::{BlobInfo, BlobSink, BlobStore, Error, StoreSink};

use crate::blobs::gitlade_blobs;
use crate::boundary::Failure;
use crate::callback;
use crate::entry::id_bytes;
use crate::facts::{Facts, gitlade_content};
use crate::structs::{self, Versioned};
use crate::text::{gitlade_str, null};

/// What is known of a blob by its bytes alone. Texts are constants.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_blob_info {
    /// `sizeof(gitlade_blob_info)` of the library.
    pub struct_size: usize,
    /// The name that Git has for it.
    pub object_id: [u8; 32],
    /// BLAKE3 of the bytes.
    pub digest: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// Lines of a text; a last one without a line end counts.
    pub lines: u64,
    /// The encoding of a text, such as `utf-8`; NULL for binary content.
    pub encoding: gitlade_str,
    /// The type of binary content, or NULL if it is not known.
    pub mime: gitlade_str,
    /// Bytes of `object_id`: 20 or 32.
    pub object_id_len: u32,
    /// `TEXT` or `BINARY`. Attributes may say otherwise for some of the paths, which the manifest tells.
    pub content: gitlade_content,
}

/// Takes the content of an import while it runs: each distinct blob once, in no order, before the
/// manifest is there.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_sink {
    /// `sizeof(gitlade_sink)`.
    pub struct_size: usize,
    /// Handed to the callback. Must live until the import has ended.
    pub context: *mut c_void,
    /// Takes one blob, and returns 0; anything else ends the import with `GITLADE_STATUS_HOST`, and the
    /// number stands in the error's cause. Called from several threads at once. `info` and `bytes` live
    /// as long as it runs; `bytes` is never NULL.
    pub put: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            info: *const gitlade_blob_info,
            bytes: *const u8,
            len: usize,
        ) -> i32,
    >,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_sink {
    const NAME: &'static str = "gitlade_sink";
}

/// The host's table of callbacks, as the import sees it.
pub(crate) struct HostSink {
    put: unsafe extern "C" fn(*mut c_void, *const gitlade_blob_info, *const u8, usize) -> i32,
    context: *mut c_void,
}

// SAFETY: the header says that the callback is called from several threads at once.
unsafe impl Send for HostSink {}
// SAFETY: the header says that the callback is called from several threads at once.
unsafe impl Sync for HostSink {}

impl HostSink {
    /// What the host handed in; `None` for NULL.
    fn read(data: *const gitlade_sink) -> Result<Option<Self>, Failure> {
        let Some(given) = structs::read(data)? else {
            return Ok(None);
        };
        Ok(Some(HostSink {
            put: given.put.ok_or_else(|| null("put of gitlade_sink"))?,
            context: given.context,
        }))
    }
}

/// Where the blobs of an import go.
pub(crate) enum Sink {
    Host(HostSink),
    Blobs(Arc<dyn BlobStore>),
}

impl Sink {
    /// What the host handed in; `None` for NULL and NULL.
    pub(crate) fn read(
        sink: *const gitlade_sink,
        blobs: *const gitlade_blobs,
    ) -> Result<Option<Self>, Failure> {
        // SAFETY: the header asks for NULL or a store that lives during the call.
        match (HostSink::read(sink)?, unsafe { blobs.as_ref() }) {
            (None, None) => Ok(None),
            (Some(sink), None) => Ok(Some(Sink::Host(sink))),
            (None, Some(blobs)) => Ok(Some(Sink::Blobs(Arc::clone(&blobs.0)))),
            (Some(_), Some(_)) => Err(Failure::argument("sink and blobs exclude each other")),
        }
    }
}

impl BlobSink for Sink {
    fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Sink::Host(sink) => sink.put(blob, bytes),
            Sink::Blobs(blobs) => StoreSink::new(blobs).put(blob, bytes),
        }
    }
}

impl BlobSink for HostSink {
    fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
        let (object_id, object_id_len) = id_bytes(&blob.id);
        let facts = Facts::of(&blob.content);
        let info = gitlade_blob_info {
            struct_size: size_of::<gitlade_blob_info>(),
            object_id,
            digest: blob.digest.0,
            size: blob.size,
            lines: facts.lines,
            encoding: facts.encoding,
            mime: facts.mime,
            object_id_len,
            content: facts.content,
        };
        // SAFETY: the header asks for a function of this type that takes the context.
        let code = callback::call(|| unsafe {
            (self.put)(self.context, &raw const info, bytes.as_ptr(), bytes.len())
        });
        match code {
            0 => Ok(()),
            code => Err(Error::host(format!("the sink returned {code}"))),
        }
    }
}
