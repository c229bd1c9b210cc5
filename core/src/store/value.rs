//! Values as SQLite has them, without loss.

use std::path::{Path, PathBuf};

use rusqlite::Row;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::error::{StoreError, db};
use crate::error::Error;
use crate::id::{ContentHash, ObjectId};

/// Bytes as TEXT if they are valid UTF-8, else as a BLOB.
pub(super) fn text_or_blob(bytes: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match std::str::from_utf8(bytes) {
        Ok(_) => ValueRef::Text(bytes),
        Err(_) => ValueRef::Blob(bytes),
    })
}

/// An unsigned number as the signed one of the same bits. What is over 2^63 - 1, as only a lie of a
/// repository can be, is negative in the database.
pub(super) fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// A column's value, or what is wrong with it.
pub(super) fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, index: usize) -> Result<T, Error> {
    row.get(index).map_err(db("be understood"))
}

/// An unsigned number, see [`signed`].
pub(super) fn unsigned(row: &Row<'_>, index: usize) -> Result<u64, Error> {
    column::<i64>(row, index).map(i64::cast_unsigned)
}

/// The bytes of a TEXT or a BLOB.
pub(super) fn bytes<'a>(row: &'a Row<'_>, index: usize) -> Result<Option<&'a [u8]>, Error> {
    match row.get_ref(index).map_err(db("be understood"))? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Some(bytes)),
        ValueRef::Integer(_) | ValueRef::Real(_) => {
            Err(StoreError::Nonsense("a number in place of a text").into())
        }
    }
}

/// Bytes that have to be there.
pub(super) fn some_bytes<'a>(row: &'a Row<'_>, index: usize) -> Result<&'a [u8], Error> {
    Ok(bytes(row, index)?.ok_or(StoreError::Nonsense("a value is missing"))?)
}

/// An object id.
pub(super) fn object_id(bytes: &[u8]) -> Result<ObjectId, Error> {
    Ok(ObjectId::from_bytes(bytes)
        .ok_or(StoreError::Nonsense("an object id of no known length"))?)
}

/// A digest.
pub(super) fn digest(bytes: &[u8]) -> Result<ContentHash, Error> {
    let digest = bytes
        .try_into()
        .map_err(|_| StoreError::Nonsense("a digest of another length than 32"))?;
    Ok(ContentHash(digest))
}

/// Checks that rows come in their order, so that going on behind the last one comes to an end: those
/// of a damaged table need not.
pub(super) fn in_order<T: PartialOrd + ?Sized>(before: &T, then: &T) -> Result<(), Error> {
    if before < then {
        return Ok(());
    }
    Err(StoreError::Nonsense("rows that are not in their order").into())
}

/// The bytes of a path of this machine.
pub(super) fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

/// The path of this machine that has these bytes.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// The path of this machine that has these bytes.
#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}
