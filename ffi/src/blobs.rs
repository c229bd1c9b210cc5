//! Stores of content that is named by its digest, without a registry.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use gitlade::{
    BlobStore, ContentHash, FolderBlobs, FolderOptions, Put, SqliteBlobs, SqliteOptions, Verified,
};

use crate::boundary::{self, Failure};
use crate::buffer::{Bytes, gitlade_buffer};
use crate::callback;
use crate::error::gitlade_error;
use crate::give;
use crate::remote;
use crate::status::gitlade_status;
use crate::store;
use crate::stream::gitlade_reader;
use crate::structs::{self, Versioned};
use crate::text::{self, gitlade_str, null};

/// Keeps contents by their BLAKE3 digests: in a folder, in a database, or in an object store. What stands
/// where is in the manifest. May be used from several threads at once, and by several processes.
pub struct gitlade_blobs(pub(crate) Arc<dyn BlobStore>);

/// How a store of blobs is opened. 0 and NULL are the defaults of all fields; one that has no meaning for
/// the kind of store must be left so.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_blobs_options {
    /// `sizeof(gitlade_blobs_options)`.
    pub struct_size: usize,
    /// Of a database: the table, in ASCII letters, digits and underscores; a second one has `_chunks`
    /// after this name. Default: `blobs`.
    pub table: gitlade_str,
    /// Of an object store: names and values of the settings of the crate `object_store`, in turn, such
    /// as `aws_region`. The environment is not read.
    pub settings: *const gitlade_str,
    /// How many texts `settings` has: twice the number of settings.
    pub settings_count: usize,
    /// Of a database: milliseconds to wait for others that write. Default: 60,000.
    pub busy_timeout_ms: u64,
    /// When a blob survives a crash of the machine: a `gitlade_durability`, where `DEFERRED` is at the
    /// next `gitlade_blobs_sync`.
    pub durability: u32,
    /// Of a folder: the zstd level, 1 to 22, that blobs are compressed with. Default: not compressed.
    pub compress: u32,
    /// Of a folder or a database: not 0: nothing is made, written or removed.
    pub read_only: u8,
    /// Not 0: all content that goes in or comes out is checked by its digest.
    pub verify: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_blobs_options {
    const NAME: &'static str = "gitlade_blobs_options";
}

/// Sees one blob of a store; false ends the listing. `digest` has 32 bytes.
pub type gitlade_blobs_visitor =
    Option<unsafe extern "C" fn(context: *mut c_void, digest: *const u8, size: u64) -> bool>;

/// What the host handed in.
struct Given(gitlade_blobs_options);

impl Given {
    fn read(data: *const gitlade_blobs_options) -> Result<Self, Failure> {
        // SAFETY: all bits are a value of a `Versioned` type, and all of them 0 are the defaults.
        let defaults = || unsafe { MaybeUninit::<gitlade_blobs_options>::zeroed().assume_init() };
        Ok(Given(structs::read(data)?.unwrap_or_else(defaults)))
    }

    /// Refuses options that have no meaning for this kind of store.
    fn only(&self, kind: &str, is_unused: bool) -> Result<(), Failure> {
        if is_unused {
            return Ok(());
        }
        Err(Failure::argument(format!(
            "an option of gitlade_blobs_options has no meaning for {kind}"
        )))
    }

    fn has_no_settings(&self) -> bool {
        self.0.settings_count == 0
    }

    fn has_no_database(&self) -> bool {
        self.0.table.data.is_null() && self.0.busy_timeout_ms == 0
    }

    fn give(
        &self,
        out: give::Place<'_, gitlade_blobs>,
        blobs: impl BlobStore + 'static,
    ) -> Result<(), Failure> {
        out.give(gitlade_blobs(match self.0.verify {
            0 => Arc::new(blobs),
            _ => Arc::new(Verified::new(blobs)),
        }));
        Ok(())
    }
}

/// Opens the store of blobs in a folder, and makes it if there is none: a file for each, whose path is what
/// `b3sum` prints of it with a slash after two digits.
///
/// `options` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_open_folder(
    path: *const c_char,
    path_len: usize,
    options: *const gitlade_blobs_options,
    out: Option<&mut MaybeUninit<*mut gitlade_blobs>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let path = text::path(text::required("path", path, path_len)?)?;
        let given = Given::read(options)?;
        let out = give::place("out", out)?;
        given.only(
            "a folder",
            given.has_no_settings() && given.has_no_database(),
        )?;
        let options = FolderOptions::default()
            .durability(store::durability(given.0.durability)?)
            .compress(store::compress(given.0.compress))
            .read_only(given.0.read_only != 0);
        given.give(out, FolderBlobs::open_with(path, &options)?)
    })
}

/// Opens the store of blobs in a table of a SQLite database, and makes either if there is none.
///
/// `options` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_open_sqlite(
    path: *const c_char,
    path_len: usize,
    options: *const gitlade_blobs_options,
    out: Option<&mut MaybeUninit<*mut gitlade_blobs>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let path = text::path(text::required("path", path, path_len)?)?;
        let given = Given::read(options)?;
        let out = give::place("out", out)?;
        given.only(
            "a database",
            given.has_no_settings() && given.0.compress == 0,
        )?;
        let mut options = SqliteOptions::default()
            .durability(store::durability(given.0.durability)?)
            .read_only(given.0.read_only != 0);
        if let Some(table) = given.0.table.text("table")? {
            options = options.table(table);
        }
        if given.0.busy_timeout_ms != 0 {
            let timeout = Duration::from_millis(given.0.busy_timeout_ms).min(remote::LONGEST);
            options = options.busy_timeout(timeout);
        }
        given.give(out, SqliteBlobs::open_with(path, &options)?)
    })
}

/// Opens the store of blobs at a URL of an object store: `s3://BUCKET/PATH`, `gs://BUCKET/PATH`,
/// `az://CONTAINER/PATH`, the `https` URLs of these services, or `file:///FOLDER`. Nothing is asked of the
/// service yet.
///
/// Needs the feature `object-store`; without it `GITLADE_STATUS_INVALID_OPTIONS`. `options` may be NULL,
/// which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_open_object(
    url: *const c_char,
    url_len: usize,
    options: *const gitlade_blobs_options,
    out: Option<&mut MaybeUninit<*mut gitlade_blobs>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let url = text::required_text("url", url, url_len)?;
        let given = Given::read(options)?;
        let out = give::place("out", out)?;
        let is_unused = given.has_no_database() && given.0.compress == 0 && given.0.read_only == 0;
        given.only("an object store", is_unused)?;
        let texts = remote::texts("settings", given.0.settings, given.0.settings_count)?;
        let mut settings = Vec::new();
        for pair in texts.chunks(2) {
            let [name, value] = pair else {
                return Err(Failure::argument("a setting has no value"));
            };
            let text = |text: &gitlade_str| {
                text.text("settings")?
                    .ok_or_else(|| null("one of settings"))
            };
            settings.push((text(name)?, text(value)?));
        }
        object(&given, url, &settings, out)
    })
}

#[cfg(feature = "object-store")]
fn object(
    given: &Given,
    url: &str,
    settings: &[(&str, &str)],
    out: give::Place<'_, gitlade_blobs>,
) -> Result<(), Failure> {
    use gitlade::{ObjectBlobs, ObjectOptions};
    let durability = store::durability(given.0.durability)?;
    let options = ObjectOptions::default().durability(durability);
    given.give(out, ObjectBlobs::open_with(url, settings, &options)?)
}

#[cfg(not(feature = "object-store"))]
fn object(
    given: &Given,
    _: &str,
    _: &[(&str, &str)],
    _: give::Place<'_, gitlade_blobs>,
) -> Result<(), Failure> {
    store::durability(given.0.durability)?;
    Err(Failure::Told {
        status: gitlade_status::InvalidOptions,
        message: "this gitlade was built without the feature object-store".to_owned(),
        advice: "build it with --features object-store",
    })
}

/// The digest at a place of the host.
fn digest_at(data: *const u8) -> Result<ContentHash, Failure> {
    if data.is_null() {
        return Err(null("digest"));
    }
    // SAFETY: it is not NULL, and the header asks for 32 readable bytes; bytes have no alignment.
    Ok(ContentHash(unsafe { data.cast::<[u8; 32]>().read() }))
}

/// Keeps bytes under their digest, which is computed here and written to the 32 bytes at `digest`. It is
/// there as a whole or not at all; putting it again changes nothing. `*is_new` says whether it was not there
/// before.
///
/// `digest` and `is_new` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_put(
    blobs: Option<&gitlade_blobs>,
    bytes: *const c_char,
    bytes_len: usize,
    digest: *mut u8,
    is_new: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let blobs = give::required("blobs", blobs)?;
        let bytes = text::required("bytes", bytes, bytes_len)?;
        let hash = ContentHash::of(bytes);
        let put = blobs.0.put(&hash, bytes)?;
        if !digest.is_null() {
            // SAFETY: it is not NULL, and the header asks for 32 writable bytes.
            unsafe { digest.cast::<[u8; 32]>().write(hash.0) };
        }
        if let Some(place) = is_new {
            place.write(put == Put::New);
        }
        Ok(())
    })
}

/// Reads the content with a digest of 32 bytes; `GITLADE_STATUS_END` if it is not there.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_get(
    blobs: Option<&gitlade_blobs>,
    digest: *const u8,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let blobs = give::required("blobs", blobs)?;
        let digest = digest_at(digest)?;
        let out = give::place("out", out)?;
        let bytes = blobs.0.get(&digest)?.ok_or(Failure::End)?;
        out.give(gitlade_buffer(Bytes::Memory(bytes)));
        Ok(())
    })
}

/// Makes a reader of the content with a digest of 32 bytes; `GITLADE_STATUS_END` if it is not there.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_reader(
    blobs: Option<&gitlade_blobs>,
    digest: *const u8,
    out: Option<&mut MaybeUninit<*mut gitlade_reader>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let blobs = give::required("blobs", blobs)?;
        let digest = digest_at(digest)?;
        let out = give::place("out", out)?;
        let reader = blobs.0.reader(&digest)?.ok_or(Failure::End)?;
        out.give(gitlade_reader::new(reader));
        Ok(())
    })
}

/// Tells the bytes of the content with a digest of 32 bytes; `GITLADE_STATUS_END` if it is not there.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_size(
    blobs: Option<&gitlade_blobs>,
    digest: *const u8,
    out: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let blobs = give::required("blobs", blobs)?;
        let digest = digest_at(digest)?;
        let out = give::value("out", out)?;
        out.write(blobs.0.size(&digest)?.ok_or(Failure::End)?);
        Ok(())
    })
}

/// Removes the content with a digest of 32 bytes. `*removed` says whether it was there.
///
/// `removed` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_remove(
    blobs: Option<&gitlade_blobs>,
    digest: *const u8,
    removed: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let blobs = give::required("blobs", blobs)?;
        let any = blobs.0.remove(&digest_at(digest)?)?;
        if let Some(place) = removed {
            place.write(any);
        }
        Ok(())
    })
}

/// Shows all blobs to `visitor`, each once, in no order. One that comes or goes meanwhile may or may not be
/// among them. What cannot be read is left out; then the first error comes at the end.
///
/// `context` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_list(
    blobs: Option<&gitlade_blobs>,
    visitor: gitlade_blobs_visitor,
    context: *mut c_void,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let blobs = give::required("blobs", blobs)?;
        let visitor = visitor.ok_or_else(|| null("visitor"))?;
        let mut first = Ok(());
        for blob in blobs.0.iter()? {
            match blob {
                Ok(blob) => {
                    let digest = blob.digest.0;
                    // SAFETY: the header asks for a function of this type that takes the context.
                    let goes_on =
                        callback::call(|| unsafe { visitor(context, digest.as_ptr(), blob.size) });
                    if !goes_on {
                        return Ok(());
                    }
                }
                Err(error) if first.is_ok() => first = Err(error),
                Err(_) => {}
            }
        }
        Ok(first?)
    })
}

/// Makes all durable that was put before.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_sync(
    blobs: Option<&gitlade_blobs>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || Ok(give::required("blobs", blobs)?.0.sync()?))
}

/// Closes a store of blobs. Imports that use it and readers of it live on.
///
/// `blobs` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_blobs_free(blobs: *mut gitlade_blobs) {
    boundary::value((), || give::free(blobs));
}
