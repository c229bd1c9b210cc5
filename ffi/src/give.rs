//! Handles that go to the host and come back.

use std::mem::MaybeUninit;

use crate::boundary::Failure;
use crate::text::null;

/// Where a host wants a handle.
pub(crate) type Out<'a, T> = Option<&'a mut MaybeUninit<*mut T>>;

/// The place for a handle; checked before the work, written after it.
pub(crate) struct Place<'a, T>(&'a mut MaybeUninit<*mut T>);

/// Checks that there is a place for a handle.
pub(crate) fn place<'a, T>(name: &str, out: Out<'a, T>) -> Result<Place<'a, T>, Failure> {
    out.map(Place).ok_or_else(|| null(name))
}

impl<T> Place<'_, T> {
    /// Hands the handle over; the host frees it.
    pub(crate) fn give(self, value: T) {
        self.0.write(handle(value));
    }
}

/// Makes a handle, which the host frees.
pub(crate) fn handle<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Takes a handle back; NULL is nothing.
pub(crate) fn take<T>(handle: *mut T) -> Option<Box<T>> {
    // SAFETY: the header asks that it is a handle of this type that was made by `handle` and not
    // freed before, so this is the box that was made there.
    (!handle.is_null()).then(|| unsafe { Box::from_raw(handle) })
}

/// Takes a handle back and drops it; NULL is nothing.
pub(crate) fn free<T>(handle: *mut T) {
    drop(take(handle));
}

/// A handle that must be there.
pub(crate) fn required<'a, T>(name: &str, handle: Option<&'a T>) -> Result<&'a T, Failure> {
    handle.ok_or_else(|| null(name))
}

/// A handle to be changed that must be there.
pub(crate) fn required_mut<'a, T>(
    name: &str,
    handle: Option<&'a mut T>,
) -> Result<&'a mut T, Failure> {
    handle.ok_or_else(|| null(name))
}

/// A value that is written to a place of the host.
pub(crate) fn value<'a, T>(
    name: &str,
    out: Option<&'a mut MaybeUninit<T>>,
) -> Result<&'a mut MaybeUninit<T>, Failure> {
    out.ok_or_else(|| null(name))
}
