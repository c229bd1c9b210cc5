//! Stands in for the verdict and the tables of names until the content module brings its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::facts::{Basis, Bom, Encoding, Eol, LfsId, Mime};
use crate::id::ContentHash;

/// Whether a file is text or binary, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    #[non_exhaustive]
    Text {
        /// Its encoding.
        encoding: Encoding,
        /// Its byte order mark.
        bom: Option<Bom>,
        /// Its line endings.
        eol: Eol,
        /// Its lines.
        lines: u64,
        /// How that was found.
        basis: Basis,
    },
    /// Binary.
    #[non_exhaustive]
    Binary {
        /// Its MIME type, where that is known.
        mime: Option<&'static str>,
        /// How that was found.
        basis: Basis,
    },
}

const ENCODINGS: &[&str] = &["utf-8", "utf-16le", "utf-16be", "windows-1252", "shift_jis"];
const MIMES: &[&str] = &["image/png", "application/zip", "application/gzip"];

impl Encoding {
    /// Its name.
    pub fn name(self) -> &'static str {
        ENCODINGS[usize::from(self.0)]
    }

    /// The encoding with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let index = ENCODINGS.iter().position(|&known| known == name)?;
        Some(Encoding(index as u8))
    }
}

impl Mime {
    pub(crate) fn name(self) -> &'static str {
        MIMES[usize::from(self.0)]
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let index = MIMES.iter().position(|&known| known == name)?;
        Some(Mime(index as u16))
    }
}

impl fmt::Display for LfsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ContentHash(self.0).fmt(f)
    }
}

impl Serialize for LfsId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LfsId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        ContentHash::from_str(&hex)
            .map(|hash| LfsId(hash.0))
            .map_err(serde::de::Error::custom)
    }
}
