//! Caps on everything that a repository controls.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, LimitError};

macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident = $default:expr;)*) => {
        /// Caps on what one import may read, build and store.
        ///
        /// The defaults suit a stranger's repository and let Linux (87,000 files), Chromium
        /// (500,000) and a monorepo of a million files pass. A cap is checked before the work that
        /// it bounds; an import that goes over one ends in [`ErrorKind::LimitExceeded`], with the
        /// cap's name, except for [`max_blob`](Limits::max_blob), which only skips the file.
        ///
        /// ```
        /// let limits = gitlade::Limits::default().max_entries(10_000).max_blob(10 << 20);
        /// assert_eq!(limits.max_entries, 10_000);
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[doc = $doc])* pub $name: u64,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Limits { $($name: $default,)* }
            }
        }

        impl Limits {
            /// Names of all caps, in the order of their declaration.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// No caps at all, for repositories that the host made itself.
            pub fn unlimited() -> Self {
                Limits { $($name: u64::MAX,)* }
            }

            $(
                #[doc = concat!("Sets [`", stringify!($name), "`](Limits#structfield.", stringify!($name), ").")]
                pub fn $name(mut self, value: u64) -> Self {
                    self.$name = value;
                    self
                }
            )*

            /// The value of the cap called `name`, if there is such a cap.
            pub fn get(&self, name: &str) -> Option<u64> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            /// What the cap called `name` bounds, and its default: the text of this documentation.
            /// Caps on bytes begin with "Bytes".
            pub fn description(name: &str) -> Option<&'static str> {
                match name {
                    $(stringify!($name) => Some(concat!($($doc),*).trim_start()),)*
                    _ => None,
                }
            }

            /// Sets the cap called `name`.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::InvalidOptions`] if there is no such cap.
            pub fn set(&mut self, name: &str, value: u64) -> Result<(), Error> {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => {
                        return Err(Error::message(
                            ErrorKind::InvalidOptions,
                            format!("there is no limit called {name:?}"),
                        ));
                    }
                }
                Ok(())
            }
        }
    };
}

limits! {
    /// Bytes of one file; a larger one is in the manifest as skipped, `too_large`. Default 1 GiB.
    max_blob = 1 << 30;
    /// Entries walked, folders included and filtered ones too. Default 2,000,000.
    max_entries = 2_000_000;
    /// Folders inside each other. Default 2,048, which is Git's `core.maxTreeDepth`.
    max_depth = 2_048;
    /// Bytes of one path. Default 4,096, which is Linux's `PATH_MAX`.
    max_path = 4_096;
    /// Bytes of all paths together, which the manifest keeps in memory. Default 512 MiB.
    max_path_bytes = 512 << 20;
    /// Bytes of all files together, each counted as often as a path names it. Default 64 GiB.
    max_total_bytes = 64 << 30;
    /// Bytes of all distinct tree objects together, which are kept in memory, and 256 bytes of
    /// bookkeeping for each. Default 256 MiB.
    max_tree_bytes = 256 << 20;
    /// How many times larger than their stored form the distinct objects may be, counted over all
    /// of them once they exceed 64 MiB. Default 10,000: zlib alone reaches 1,032, honest deltas
    /// some thousands.
    max_inflate_ratio = 10_000;
    /// Bytes of one `.gitmodules` file, and of the `.gitattributes` files that apply to one path
    /// together. Default 4 MiB.
    max_attributes = 4 << 20;
    /// Pattern comparisons while attributes and filters are applied to paths. Default 200
    /// million, which is some seconds.
    max_pattern_matches = 200_000_000;
    /// Deltas on the way from an object to one that is stored whole. Default 10,000; Git makes
    /// chains of 50, and of 4,095 at most.
    max_delta_depth = 10_000;
    /// Refs that a server may announce. Default 2,000,000.
    max_refs = 2_000_000;
    /// Bytes of all refs that a server announces. Default 256 MiB.
    max_ref_bytes = 256 << 20;
    /// Bytes of messages, and of packets that only keep the connection alive, that a server may send
    /// with a pack. Default 4 MiB.
    max_sideband_bytes = 4 << 20;
    /// Bytes of a pack that is received. Default 16 GiB.
    max_pack_bytes = 16 << 30;
    /// Bytes of the headers of one HTTP answer. Default 64 KiB; more than 1 MiB is taken for 1 MiB.
    max_header_bytes = 64 << 10;
    /// HTTP requests, redirects included, that find out what is at a URL where no Git server answers.
    /// Of each answer 16 KiB are read at most. Default 24.
    max_probes = 24;
    /// Objects of a pack that is received. Default 20 million.
    max_objects = 20_000_000;
    /// Bytes of temporary files. Default 16 GiB.
    max_spool = 16 << 30;
    /// Bytes of one record, which is one line, of a manifest that is read; only a manifest with
    /// texts has long ones. Default 256 MiB.
    max_record = 256 << 20;
}

/// Below this many bytes [`Limits::max_inflate_ratio`] is not applied.
pub(crate) const INFLATE_RATIO_FLOOR: u64 = 64 << 20;

/// Fails if `actual` is over the cap; `name` is the cap's field.
pub(crate) fn check(name: &'static str, limit: u64, actual: u64) -> Result<(), LimitError> {
    if actual > limit {
        return Err(LimitError::new(name, limit).actual(actual));
    }
    Ok(())
}
