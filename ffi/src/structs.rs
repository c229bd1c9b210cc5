//! Structs that grow from version to version.

use crate::boundary::Failure;
use crate::text::null;

/// Bytes of the largest struct that is believed; a larger size is memory that was not set.
const MAX_SIZE: usize = 4096;

/// A struct of C that begins with its own size.
///
/// # Safety
///
/// The type is `repr(C)`, its first field is the `usize` of its size, and all bits are a value of it.
pub(crate) unsafe trait Versioned: Copy {
    /// Bytes of the first version.
    const FIRST: usize = size_of::<Self>();
    /// The name, for messages.
    const NAME: &'static str;
}

fn told_size<T: Versioned>(data: *const T) -> Result<usize, Failure> {
    // SAFETY: every version of the struct begins with its size, and the header asks for a struct.
    let size = unsafe { data.cast::<usize>().read() };
    if !(T::FIRST..=MAX_SIZE).contains(&size) {
        return Err(Failure::argument(format!(
            "struct_size of {} is {size}, and not {}",
            T::NAME,
            size_of::<T>()
        )));
    }
    Ok(size)
}

/// Copies a struct of the host, of whatever version; `None` for NULL.
///
/// Fields that the host does not know yet are 0. Fields that this library does not know yet must
/// be 0, as with Linux's `copy_struct_from_user`.
pub(crate) fn read<T: Versioned>(data: *const T) -> Result<Option<T>, Failure> {
    if data.is_null() {
        return Ok(None);
    }
    let size = told_size(data)?;
    let known = size.min(size_of::<T>());
    let mut value = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: the host's struct has `size` bytes and ours has `size_of::<T>()`, so both have
    // `known`; ours is new, so they do not overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(data.cast::<u8>(), value.as_mut_ptr().cast::<u8>(), known);
    }
    // SAFETY: the host's struct has `size` bytes, which is not less than `known`.
    let rest = unsafe { std::slice::from_raw_parts(data.cast::<u8>().add(known), size - known) };
    if rest.iter().any(|&byte| byte != 0) {
        return Err(Failure::argument(format!(
            "{} sets fields that this version of gitlade does not have",
            T::NAME
        )));
    }
    // SAFETY: all bits are a value of a `Versioned` type.
    Ok(Some(unsafe { value.assume_init() }))
}

/// Checks that a struct of the host can be written.
pub(crate) fn place<T: Versioned>(name: &str, data: *mut T) -> Result<StructPlace<T>, Failure> {
    if data.is_null() {
        return Err(null(name));
    }
    Ok(StructPlace {
        size: told_size(data)?,
        data,
    })
}

/// The host's place for a struct.
pub(crate) struct StructPlace<T> {
    data: *mut T,
    size: usize,
}

impl<T: Versioned> StructPlace<T> {
    /// Writes `value`, of which the host gets the fields that it knows. The size stays the host's,
    /// and fields that this library does not know become 0.
    pub(crate) fn write(self, value: &T) {
        let from = std::ptr::from_ref(value).cast::<u8>();
        let to = self.data.cast::<u8>();
        let skip = size_of::<usize>();
        let known = self.size.min(size_of::<T>());
        // SAFETY: the host's struct has `size` bytes and ours has `size_of::<T>()`; what is written
        // begins behind the size, ends within the host's struct, and does not overlap with ours.
        unsafe {
            std::ptr::copy_nonoverlapping(from.add(skip), to.add(skip), known - skip);
            std::ptr::write_bytes(to.add(known), 0, self.size - known);
        }
    }
}

/// The number that is a choice of its own where 0 is the default.
const NONE: u32 = u32::MAX;

/// Sets a field of the engine to a number of the host, for which 0 is what the field has already, and
/// `GITLADE_NONE` is 0.
pub(crate) fn set_number<T: TryFrom<u32>>(field: &mut T, given: u32) {
    let chosen = match given {
        0 => return,
        NONE => 0,
        number => number,
    };
    if let Ok(chosen) = T::try_from(chosen) {
        *field = chosen;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct New {
        struct_size: usize,
        old: u64,
        new: u64,
    }

    // SAFETY: it is `repr(C)`, begins with its size, and has integers only.
    unsafe impl Versioned for New {
        const FIRST: usize = 16;
        const NAME: &'static str = "new";
    }

    fn read_of(words: &[u64]) -> Result<Option<New>, Failure> {
        read(words.as_ptr().cast::<New>())
    }

    #[test]
    fn older_and_newer_hosts_are_understood() {
        let old = read_of(&[16, 7, u64::MAX]).unwrap().unwrap();
        assert_eq!((old.old, old.new), (7, 0));
        let same = read_of(&[24, 7, 8]).unwrap().unwrap();
        assert_eq!((same.old, same.new), (7, 8));
        let newer = read_of(&[32, 7, 8, 0]).unwrap().unwrap();
        assert_eq!((newer.old, newer.new), (7, 8));
        assert!(read_of(&[32, 7, 8, 1]).is_err());
        for size in [0, 8, 15, 4097, u64::MAX] {
            assert!(read_of(&[size, 7, 8, 0]).is_err(), "{size}");
        }
        assert_eq!(read::<New>(std::ptr::null()).unwrap(), None);
    }

    #[test]
    fn hosts_get_the_fields_that_they_know() {
        for (size, expected) in [
            (16_u64, [16_u64, 1, 9, 9]),
            (24, [24, 1, 2, 9]),
            (32, [32, 1, 2, 0]),
        ] {
            let mut words = [size, 9, 9, 9];
            let value = New {
                struct_size: 24,
                old: 1,
                new: 2,
            };
            place("out", words.as_mut_ptr().cast::<New>())
                .unwrap()
                .write(&value);
            assert_eq!(words, expected);
        }
    }
}
