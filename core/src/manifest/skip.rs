//! Why an entry's content was not read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why the content of a file or symlink was not read; the names never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkipReason {
    /// It is larger than [`Limits::max_blob`](crate::Limits::max_blob).
    TooLarge,
    /// The repository does not have the object: it is a partial clone, or the caller allows it.
    Missing,
}

impl SkipReason {
    /// The name in `snake_case`, as it stands in the manifest.
    pub const fn name(self) -> &'static str {
        match self {
            SkipReason::TooLarge => "too_large",
            SkipReason::Missing => "missing",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many files and symlinks were skipped, by reason.
///
/// As JSON it has the reasons that occurred, in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Skipped {
    /// Those with [`SkipReason::TooLarge`].
    #[serde(skip_serializing_if = "is_zero")]
    pub too_large: u64,
    /// Those with [`SkipReason::Missing`].
    #[serde(skip_serializing_if = "is_zero")]
    pub missing: u64,
    /// Those that a filter left out, which are not in the manifest; a folder that was left out
    /// counts as one, whatever it holds.
    #[serde(skip_serializing_if = "is_zero")]
    pub excluded: u64,
}

impl Skipped {
    pub(super) fn count(&mut self, reason: SkipReason) {
        match reason {
            SkipReason::TooLarge => self.too_large += 1,
            SkipReason::Missing => self.missing += 1,
        }
    }

    /// Whether nothing was skipped.
    pub fn is_empty(&self) -> bool {
        *self == Skipped::default()
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
