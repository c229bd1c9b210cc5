//! What a host does when it is called back: it takes, and fails when it was told to.

use std::ffi::c_void;
use std::hint::black_box;

use gitlade_abi::*;

/// A host that fails at its call with a number, and hands out bytes.
pub(super) struct Host<'a> {
    pub(super) left: std::sync::atomic::AtomicI64,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) step: usize,
    /// What a reader claims beyond what it wrote.
    pub(super) lie: i64,
}

impl<'a> Host<'a> {
    /// Fails at call number `fails_at`, counted from 0.
    pub(super) fn new(fails_at: u8, bytes: &'a [u8]) -> Self {
        Host {
            left: i64::from(fails_at).into(),
            bytes,
            at: 0,
            step: 1,
            lie: 0,
        }
    }

    pub(super) fn context(&mut self) -> *mut c_void {
        std::ptr::from_mut(self).cast()
    }

    fn fails(&self) -> bool {
        self.left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) == 0
    }
}

/// The host behind a context.
///
/// # Safety
///
/// The context is that of a host that lives.
unsafe fn host<'a>(context: *mut c_void) -> &'a Host<'a> {
    // SAFETY: the caller says so.
    unsafe { &*context.cast::<Host<'a>>() }
}

/// Reads all bytes.
///
/// # Safety
///
/// There are as many.
unsafe fn sum(bytes: *const u8, len: usize) {
    assert!(!bytes.is_null());
    // SAFETY: the caller says so.
    let bytes = unsafe { std::slice::from_raw_parts(bytes, len) };
    black_box(bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
}

pub(super) unsafe extern "C" fn write(context: *mut c_void, bytes: *const u8, len: usize) -> i32 {
    // SAFETY: the library hands over the context and bytes that there are.
    unsafe {
        sum(bytes, len);
        i32::from(host(context).fails())
    }
}

pub(super) unsafe extern "C" fn read(context: *mut c_void, out: *mut u8, capacity: usize) -> i64 {
    // SAFETY: the library hands over the context, and calls from one thread.
    let host = unsafe { &mut *context.cast::<Host<'_>>() };
    if host.fails() {
        return -7;
    }
    let rest = &host.bytes[host.at..];
    let count = rest.len().min(capacity).min(host.step.max(1));
    // SAFETY: there is room for `capacity` bytes.
    unsafe { std::ptr::copy_nonoverlapping(rest.as_ptr(), out, count) };
    host.at += count;
    if host.lie != 0 && count > 0 {
        return (capacity as i64).wrapping_add(host.lie);
    }
    count as i64
}

pub(super) unsafe extern "C" fn put(
    context: *mut c_void,
    info: *const gitlade_blob_info,
    bytes: *const u8,
    len: usize,
) -> i32 {
    // SAFETY: the library hands over the context, and bytes and facts that there are.
    unsafe {
        sum(bytes, len);
        assert_eq!((*info).size, len as u64);
        super::machine::look_at((*info).encoding);
        super::machine::look_at((*info).mime);
        i32::from(host(context).fails())
    }
}

pub(super) unsafe extern "C" fn progress(
    context: *mut c_void,
    progress: *const gitlade_progress,
) -> bool {
    // SAFETY: the library hands over the context, and a snapshot.
    unsafe {
        assert!((*progress).percent <= 100);
        assert!((*progress).message.contains(&0));
        !host(context).fails()
    }
}

pub(super) unsafe extern "C" fn allow(_: *mut c_void, _: *const gitlade_destination) -> bool {
    true
}
