//! What is odd about an entry, without being harmful.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        /// What is odd about an entry: a set of marks, each with a name.
        ///
        /// A marked entry is imported all the same; what could harm a host is an error instead
        /// ([`ErrorKind::HostileTree`](crate::ErrorKind::HostileTree)). As text it is a list of
        /// names.
        ///
        /// ```
        /// use gitlade::Flags;
        /// let flags = Flags::ODD_MODE | Flags::NOT_UTF8;
        /// assert!(flags.contains(Flags::NOT_UTF8));
        /// assert_eq!(flags.names().collect::<Vec<_>>(), ["odd_mode", "not_utf8"]);
        /// ```
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct Flags(u16);

        impl Flags {
            $($(#[$doc])* pub const $name: Flags = Flags(1 << $bit);)*

            /// All marks with their names, in the order in which they are told.
            const TABLE: &'static [(Flags, &'static str)] = &[$((Flags::$name, $text)),*];
        }
    };
}

flags! {
    /// The mode is none that Git writes today, such as 100664.
    ODD_MODE = 0, "odd_mode";
    /// The mode is written with leading zeros, which Git's fsck calls `zeroPaddedFilemode`.
    ZERO_PADDED_MODE = 1, "zero_padded_mode";
    /// The name is not valid UTF-8.
    NOT_UTF8 = 2, "not_utf8";
    /// The name holds control characters: C0, DEL or C1.
    CONTROL_CHARACTERS = 3, "control_characters";
    /// The name holds characters that are invisible or reorder the text around them on a screen.
    INVISIBLE_CHARACTERS = 4, "invisible_characters";
    /// The name is over 255 bytes long, more than common file systems take.
    LONG_NAME = 5, "long_name";
    /// On Windows the name stands for a device, such as `CON` or `nul.txt`.
    WINDOWS_RESERVED = 6, "windows_reserved";
    /// Windows forbids the name: one of `<>:"|?*\`, a control character, or a dot or space at the
    /// end.
    WINDOWS_INVALID = 7, "windows_invalid";
    /// Another entry of the same folder has this name in other letter case.
    CASE_COLLISION = 8, "case_collision";
    /// Another entry of the same folder has this name in another Unicode normalisation.
    NORMALIZATION_COLLISION = 9, "normalization_collision";
    /// On NTFS or HFS+ the name means one of Git's own files (`.gitmodules`, `.gitattributes`,
    /// `.gitignore`, `.mailmap`) and is spelled differently.
    GIT_FILE_ALIAS = 10, "git_file_alias";
    /// A `.gitattributes` that is a symlink, which Git does not follow.
    GITATTRIBUTES_SYMLINK = 11, "gitattributes_symlink";
    /// A `.gitignore` that is a symlink, which Git does not follow.
    GITIGNORE_SYMLINK = 12, "gitignore_symlink";
    /// A `.mailmap` that is a symlink, which Git does not follow.
    MAILMAP_SYMLINK = 13, "mailmap_symlink";
    /// A submodule whose URL is not known because `.gitmodules` is malformed or too large.
    GITMODULES_UNREADABLE = 14, "gitmodules_unreadable";
}

impl Flags {
    /// No mark.
    pub const NONE: Flags = Flags(0);

    /// Whether there is no mark.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all marks of `other` are here.
    pub const fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// The marks as bits; which bit means what never changes.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Makes a set from its bits; bits without a meaning are dropped.
    pub fn from_bits(bits: u16) -> Flags {
        let known = Self::TABLE
            .iter()
            .fold(0, |known, (flag, _)| known | flag.0);
        Flags(bits & known)
    }

    /// The names of the marks, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::TABLE
            .iter()
            .filter(move |(flag, _)| self.contains(*flag))
            .map(|(_, name)| *name)
    }

    /// The mark with this name.
    pub fn from_name(name: &str) -> Option<Flags> {
        Self::TABLE
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(flag, _)| *flag)
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.count_ones() as usize))?;
        for name in self.names() {
            list.serialize_element(name)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Flags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = Flags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of flag names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Flags, A::Error> {
                let mut flags = Flags::NONE;
                while let Some(name) = list.next_element::<std::borrow::Cow<'de, str>>()? {
                    flags |= Flags::from_name(&name).ok_or_else(|| {
                        serde::de::Error::custom(format_args!("unknown flag {name:?}"))
                    })?;
                }
                Ok(flags)
            }
        }

        deserializer.deserialize_seq(Names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_names_are_unique_and_come_back() {
        let mut all = Flags::NONE;
        for (flag, name) in Flags::TABLE {
            assert_eq!(flag.bits().count_ones(), 1);
            assert!(!all.contains(*flag), "{name} shares its bit");
            assert_eq!(Flags::from_name(name), Some(*flag));
            all |= *flag;
        }
        assert_eq!(Flags::from_bits(u16::MAX), all);
        assert_eq!(all.names().count(), Flags::TABLE.len());
    }

    #[test]
    fn text_form_is_a_list_of_names() {
        let flags = Flags::CASE_COLLISION | Flags::ODD_MODE;
        let json = serde_json::to_string(&flags).unwrap();
        assert_eq!(json, r#"["odd_mode","case_collision"]"#);
        assert_eq!(serde_json::from_str::<Flags>(&json).unwrap(), flags);
        assert_eq!(serde_json::from_str::<Flags>("[]").unwrap(), Flags::NONE);
        assert!(serde_json::from_str::<Flags>(r#"["evil"]"#).is_err());
    }
}
