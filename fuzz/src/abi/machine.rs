//! The handles of a sequence, and how each call is made and judged.

use std::ffi::c_char;
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::path::PathBuf;
use std::ptr::null_mut;

use gitlade_abi::*;
use tempfile::TempDir;

/// What the sequences work on: made once, and only read.
pub(super) struct World {
    pub(super) repository: PathBuf,
    pub(super) store: PathBuf,
    pub(super) ndjson: Vec<u8>,
    _folder: TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let folder = crate::store::made();
        let store = folder.path().join("store");
        let mut ndjson = Vec::new();
        gitlade::Store::open(&store)
            .and_then(|store| store.manifest(gitlade::ImportId(1)))
            .and_then(|manifest| manifest.write_ndjson(&mut ndjson))
            .expect("because the store was just made");
        World {
            repository: folder.path().join("repository"),
            store,
            ndjson,
            _folder: folder,
        }
    }
}

/// Handles of each type.
const SLOTS: usize = 3;

/// A few handles of one type; NULL where there is none.
pub(super) struct Slots<T>([*mut T; SLOTS], unsafe extern "C" fn(*mut T));

impl<T> Slots<T> {
    fn new(free: extern "C" fn(*mut T)) -> Self {
        Slots([null_mut(); SLOTS], free)
    }

    fn free(&mut self, index: usize) {
        let handle = std::mem::replace(&mut self.0[index % SLOTS], null_mut());
        // SAFETY: it is NULL, or a handle of this type that was not freed.
        unsafe { (self.1)(handle) };
    }

    pub(super) fn get(&self, index: u8) -> Option<&T> {
        // SAFETY: it is NULL, or a handle that was not freed.
        unsafe { self.0[usize::from(index) % SLOTS].as_ref() }
    }

    pub(super) fn get_mut(&mut self, index: u8) -> Option<&mut T> {
        // SAFETY: it is NULL, or a handle that was not freed, and `self` is borrowed for it.
        unsafe { self.0[usize::from(index) % SLOTS].as_mut() }
    }

    pub(super) fn put(&mut self, index: u8, handle: *mut T) {
        self.free(usize::from(index));
        self.0[usize::from(index) % SLOTS] = handle;
    }
}

macro_rules! handles {
    ($($field:ident: $type:ident, $free:ident;)*) => {
        /// One sequence of calls.
        pub(super) struct Machine<'a> {
            pub(super) world: &'a World,
            rest: &'a [u8],
            /// Calls that take long are made once.
            pub(super) may_import: bool,
            pub(super) may_open: bool,
            $(pub(super) $field: Slots<$type>,)*
        }

        impl<'a> Machine<'a> {
            pub(super) fn new(world: &'a World, rest: &'a [u8]) -> Self {
                Machine {
                    world,
                    rest,
                    may_import: true,
                    may_open: true,
                    $($field: Slots::new($free),)*
                }
            }

            /// Frees one handle of the type that has this number.
            pub(super) fn free(&mut self, number: usize) {
                let index = usize::from(self.byte());
                let frees: &[fn(&mut Self, usize)] =
                    &[$(|machine, index| machine.$field.free(index)),*];
                frees[number % frees.len()](self, index);
            }

            /// Frees everything.
            pub(super) fn free_all(&mut self) {
                for index in 0..SLOTS {
                    $(self.$field.free(index);)*
                }
            }
        }
    };
}

handles! {
    sources: gitlade_source, gitlade_source_free;
    limits: gitlade_limits, gitlade_limits_free;
    policies: gitlade_policy, gitlade_policy_free;
    credentials: gitlade_credentials, gitlade_credentials_free;
    controls: gitlade_control, gitlade_control_free;
    imports: gitlade_import, gitlade_import_free;
    manifests: gitlade_manifest, gitlade_manifest_free;
    entries: gitlade_entries, gitlade_entries_free;
    buffers: gitlade_buffer, gitlade_buffer_free;
    readers: gitlade_reader, gitlade_reader_free;
    stores: gitlade_store, gitlade_store_free;
    records: gitlade_records, gitlade_records_free;
}

/// Where a call puts its error.
pub(super) type ErrorPlace<'a> = Option<&'a mut MaybeUninit<*mut gitlade_error>>;

/// Where a call puts a handle.
pub(super) type HandlePlace<'a, T> = Option<&'a mut MaybeUninit<*mut T>>;

impl<'a> Machine<'a> {
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        first
    }

    /// A number that is small as often as not.
    pub(super) fn number(&mut self) -> u64 {
        match self.byte() {
            small @ ..0xf0 => u64::from(small),
            0xf0..0xf8 => u64::MAX,
            _ => {
                let bytes = self.text();
                let mut number = [0; 8];
                let count = bytes.len().min(8);
                number[..count].copy_from_slice(&bytes[..count]);
                u64::from_le_bytes(number)
            }
        }
    }

    /// A text of up to 63 bytes.
    pub(super) fn text(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte() & 0x3f).min(self.rest.len());
        let (text, rest) = self.rest.split_at(count);
        self.rest = rest;
        text
    }

    /// Makes a call, and holds it to what the header says of status and error.
    pub(super) fn call(&mut self, call: impl FnOnce(&mut Self, ErrorPlace<'_>) -> gitlade_status) {
        let untouched = std::ptr::dangling_mut::<gitlade_error>();
        let mut error = MaybeUninit::new(untouched);
        let wanted = self.byte() & 1 == 0;
        let status = call(self, wanted.then_some(&mut error));
        assert!(status != gitlade_status::Internal, "a defect");
        // SAFETY: it was set before the call.
        let error = unsafe { error.assume_init() };
        let quiet = matches!(
            status,
            gitlade_status::Ok | gitlade_status::End | gitlade_status::Pending
        );
        assert_eq!(error == untouched, quiet || !wanted, "{status:?}");
        if error != untouched {
            // SAFETY: it was just handed out.
            unsafe { look_at_error(error, status) };
        }
    }

    /// Makes a call that hands out a handle.
    pub(super) fn make<T>(
        &mut self,
        slots: fn(&mut Self) -> &mut Slots<T>,
        call: impl FnOnce(&mut Self, HandlePlace<'_, T>, ErrorPlace<'_>) -> gitlade_status,
    ) {
        let index = self.byte();
        let untouched = std::ptr::dangling_mut::<T>();
        let mut place = MaybeUninit::new(untouched);
        self.call(|machine, error| {
            let out = (index & 0x80 == 0).then_some(&mut place);
            let is_null = out.is_none();
            let status = call(machine, out, error);
            assert!(!is_null || status != gitlade_status::Ok, "written to NULL");
            // SAFETY: it was set before the call.
            let handle = unsafe { place.assume_init() };
            assert_eq!(handle != untouched, status == gitlade_status::Ok);
            if handle != untouched {
                slots(machine).put(index, handle);
            }
            status
        });
    }
}

/// Reads all of an error and frees it.
///
/// # Safety
///
/// It is an error that was not freed.
unsafe fn look_at_error(error: *mut gitlade_error, status: gitlade_status) {
    // SAFETY: the caller says so.
    let told = unsafe { error.as_ref() };
    assert_eq!(gitlade_error_status(told), status);
    for text in [
        gitlade_error_message,
        gitlade_error_advice,
        gitlade_error_file,
        gitlade_error_path,
        gitlade_error_url,
        gitlade_error_object_id,
        gitlade_error_limit,
    ] {
        look_at(text(told));
    }
    let message = look_at(gitlade_error_message(told)).expect("an error has a message");
    let message = std::str::from_utf8(message).expect("a message is UTF-8");
    assert!(!message.chars().any(char::is_control), "{message:?}");
    for index in 0..=gitlade_error_cause_count(told) {
        look_at(gitlade_error_cause(told, index));
    }
    gitlade_error_free(error);
}

/// Reads all of a text that the library handed out.
pub(super) fn look_at<'t>(text: gitlade_str) -> Option<&'t [u8]> {
    if text.data.is_null() {
        assert_eq!(text.len, 0);
        return None;
    }
    // SAFETY: the header says that so many bytes are there as long as what they came from, which the
    // caller keeps.
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.len) };
    black_box(bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
    Some(bytes)
}

/// A text as C hands it in.
pub(super) fn given(text: &[u8]) -> (*const c_char, usize) {
    (text.as_ptr().cast(), text.len())
}

/// The same in a struct.
pub(super) fn given_str(text: &[u8]) -> gitlade_str {
    let (data, len) = given(text);
    gitlade_str { data, len }
}

/// A struct of C with all fields 0 but its size, which is sometimes a lie.
pub(super) fn sized<T>(size: usize) -> MaybeUninit<[T; 2]> {
    let mut place = MaybeUninit::<[T; 2]>::zeroed();
    // SAFETY: each struct begins with its size, and there is room for two of them.
    unsafe { place.as_mut_ptr().cast::<usize>().write(size) };
    place
}
