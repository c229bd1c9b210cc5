//! Names of encodings.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::facts::{Bom, Encoding};

/// All encodings by name: those of the WHATWG Encoding Standard without `replacement`, which is
/// none, and UTF-32.
const NAMES: [&str; 41] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "utf-32le",
    "utf-32be",
    "windows-1252",
    "big5",
    "euc-jp",
    "euc-kr",
    "gb18030",
    "gbk",
    "ibm866",
    "iso-2022-jp",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "shift_jis",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "x-mac-cyrillic",
    "x-user-defined",
];

impl Encoding {
    /// UTF-8.
    pub const UTF_8: Encoding = Encoding(0);
    /// UTF-16, little end first.
    pub const UTF_16LE: Encoding = Encoding(1);
    /// UTF-16, big end first.
    pub const UTF_16BE: Encoding = Encoding(2);
    /// UTF-32, little end first.
    pub const UTF_32LE: Encoding = Encoding(3);
    /// UTF-32, big end first.
    pub const UTF_32BE: Encoding = Encoding(4);
    /// Windows-1252, the encoding of Western Europe, which has a meaning for every byte.
    pub const WINDOWS_1252: Encoding = Encoding(5);

    /// The name in lower case, as in manifests.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// The encoding with this number, which means the same within one version of the rules.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < NAMES.len()).then_some(Encoding(number))
    }

    /// The encoding with this name, in either case; aliases are not understood.
    pub fn from_name(name: &str) -> Option<Self> {
        let index = NAMES
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))?;
        Some(Encoding(index as u8))
    }

    /// All encodings that have a name here.
    pub fn all() -> impl Iterator<Item = Encoding> {
        (0..NAMES.len() as u8).map(Encoding)
    }

    /// The decoder's encoding; `None` for UTF-32, which is decoded by [`decode`](super::decode()).
    pub(super) fn whatwg(self) -> Option<&'static encoding_rs::Encoding> {
        encoding_rs::Encoding::for_label(self.name().as_bytes())
    }

    pub(super) fn from_whatwg(encoding: &'static encoding_rs::Encoding) -> Option<Self> {
        Self::from_name(encoding.name())
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Encoding::from_name(&name)
            .ok_or_else(|| serde::de::Error::custom(format_args!("unknown encoding {name:?}")))
    }
}

impl Bom {
    /// The mark that `bytes` begin with, if any.
    ///
    /// `FF FE 00 00` is taken for UTF-32, since a UTF-16 text does not begin with a NUL.
    pub fn of(bytes: &[u8]) -> Option<Bom> {
        match bytes {
            [0xef, 0xbb, 0xbf, ..] => Some(Bom::Utf8),
            [0xff, 0xfe, 0, 0, ..] => Some(Bom::Utf32Le),
            [0, 0, 0xfe, 0xff, ..] => Some(Bom::Utf32Be),
            [0xff, 0xfe, ..] => Some(Bom::Utf16Le),
            [0xfe, 0xff, ..] => Some(Bom::Utf16Be),
            _ => None,
        }
    }

    /// How many bytes it has.
    pub fn length(self) -> usize {
        match self {
            Bom::Utf8 => 3,
            Bom::Utf16Le | Bom::Utf16Be => 2,
            Bom::Utf32Le | Bom::Utf32Be => 4,
        }
    }

    /// The encoding that it marks.
    pub fn encoding(self) -> Encoding {
        match self {
            Bom::Utf8 => Encoding::UTF_8,
            Bom::Utf16Le => Encoding::UTF_16LE,
            Bom::Utf16Be => Encoding::UTF_16BE,
            Bom::Utf32Le => Encoding::UTF_32LE,
            Bom::Utf32Be => Encoding::UTF_32BE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_for_its_encoding() {
        for encoding in Encoding::all() {
            assert_eq!(Encoding::from_name(encoding.name()), Some(encoding));
            let utf_32 = encoding.name().starts_with("utf-32");
            match encoding.whatwg() {
                Some(whatwg) => assert_eq!(whatwg.name().to_ascii_lowercase(), encoding.name()),
                None => assert!(utf_32, "{encoding}"),
            }
        }
    }

    #[test]
    fn constants_have_their_names() {
        for (encoding, name) in [
            (Encoding::UTF_8, "utf-8"),
            (Encoding::UTF_16LE, "utf-16le"),
            (Encoding::UTF_16BE, "utf-16be"),
            (Encoding::UTF_32LE, "utf-32le"),
            (Encoding::UTF_32BE, "utf-32be"),
            (Encoding::WINDOWS_1252, "windows-1252"),
        ] {
            assert_eq!(encoding.name(), name);
            assert_eq!(
                serde_json::to_string(&encoding).unwrap(),
                format!("\"{name}\"")
            );
        }
        assert!(serde_json::from_str::<Encoding>("\"latin-9\"").is_err());
    }
}
