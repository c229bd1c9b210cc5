//! Entries and records for serde.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::entry::Entry;
use super::fields::{Fields, describe};
use super::flags::Flags;
use super::kind::EntryKind;
use super::record::Record;
use crate::id::push_hex;

/// Takes members for serde.
pub(super) struct Map<M>(pub(super) M);

impl<M: SerializeMap> Fields for Map<M> {
    type Error = M::Error;

    fn string(&mut self, key: &'static str, value: &str) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }

    fn word(&mut self, key: &'static str, value: &str) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }

    fn hex(&mut self, key: &'static str, bytes: &[u8]) -> Result<(), M::Error> {
        let mut hex = Vec::with_capacity(64);
        push_hex(&mut hex, bytes);
        let hex = std::str::from_utf8(&hex).expect("because hex digits are ASCII");
        self.0.serialize_entry(key, hex)
    }

    fn number(&mut self, key: &'static str, value: u64) -> Result<(), M::Error> {
        self.0.serialize_entry(key, &value)
    }

    fn value<T: Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }
}

/// Has the members of the entry's record in the manifest.
impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (path, mode, flags) = (self.path(), self.mode(), self.flags());
        serialize_record(serializer, path, mode, flags, &self.kind(), None)
    }
}

/// Has the members that the record was read from.
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (path, mode, flags) = (self.path(), self.mode(), self.flags());
        serialize_record(serializer, path, mode, flags, &self.kind(), self.text())
    }
}

fn serialize_record<S: Serializer>(
    serializer: S,
    path: &[u8],
    mode: u32,
    flags: Flags,
    kind: &EntryKind<'_>,
    text: Option<&str>,
) -> Result<S::Ok, S::Error> {
    let mut map = Map(serializer.serialize_map(None)?);
    describe(&mut map, path, mode, flags, kind)?;
    if let Some(text) = text {
        map.string("text", text)?;
    }
    map.0.end()
}
