//! The Arrow C stream interface, as its specification has it:
//! <https://arrow.apache.org/docs/format/CStreamInterface.html>.

use std::ffi::{c_char, c_int, c_void};
use std::mem::MaybeUninit;

use gitlade_abi::ArrowArrayStream;

/// `struct ArrowArrayStream`.
#[repr(C)]
pub(super) struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

/// `struct ArrowSchema`.
#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

/// `struct ArrowArray`.
#[repr(C)]
struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *const *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

impl Stream {
    /// One that was not filled.
    pub(super) fn empty() -> Self {
        // SAFETY: NULL is a value of all fields.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }

    pub(super) fn place(&mut self) -> *mut ArrowArrayStream {
        std::ptr::from_mut(self).cast()
    }

    /// Reads all batches, or only the first, and releases the stream if it was filled.
    pub(super) fn read_to_end(&mut self, all: bool) {
        let Some(release) = self.release else {
            return;
        };
        let stream = std::ptr::from_mut(self);
        let (get_schema, get_next) = self
            .get_schema
            .zip(self.get_next)
            .expect("because the specification says so");
        // SAFETY: the functions are called as the specification says: each structure is new, and is
        // released once where it was filled.
        unsafe {
            let mut schema: Schema = MaybeUninit::zeroed().assume_init();
            if get_schema(stream, &raw mut schema) == 0 {
                let release = schema.release.expect("because it was filled");
                assert!(schema.n_children > 0);
                release(&raw mut schema);
            }
            loop {
                let mut batch: Array = MaybeUninit::zeroed().assume_init();
                if get_next(stream, &raw mut batch) != 0 {
                    let told = self.get_last_error.map(|told| told(stream));
                    assert!(told.is_some_and(|told| !told.is_null()));
                    break;
                }
                let Some(release) = batch.release else {
                    break;
                };
                assert!(batch.length >= 0 && batch.n_children > 0);
                release(&raw mut batch);
                if !all {
                    break;
                }
            }
            release(stream);
        }
        assert!(self.release.is_none(), "a released stream says so");
    }
}
