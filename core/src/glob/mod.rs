//! Git's path patterns, as `.gitattributes` and `.gitignore` use them.
//!
//! A pattern that comes from a repository is hostile, so matching takes time in proportion to
//! pattern times path at worst, never more, and is counted (see [`MatchCounter`]). That is why
//! `gix_glob` is not used: it recurses, and gives up without a word at 64 wildcards.

mod bracket;
mod counter;
mod pattern;
mod positions;
mod wildmatch;

pub(crate) use counter::MatchCounter;
pub(crate) use pattern::{Pattern, Target};
