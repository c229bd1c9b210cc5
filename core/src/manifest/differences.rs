//! Comparing two manifests.

use std::cmp::Ordering;
use std::iter::FusedIterator;

use serde::Serialize;

use super::Manifest;
use super::entry::Entry;
use super::iter::Entries;
use super::order;

/// What became of one path from one manifest to another.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference<'a> {
    /// The other manifest has it, this one does not.
    Added(Entry<'a>),
    /// This manifest has it, the other does not.
    Removed(Entry<'a>),
    /// Both have it, and something about it differs: mode, object, content, verdict or flags.
    Changed {
        /// As this manifest has it.
        before: Entry<'a>,
        /// As the other has it.
        after: Entry<'a>,
    },
}

/// The differences between two manifests, in order; see [`Manifest::differences`].
#[derive(Clone, Debug)]
pub struct Differences<'a> {
    before: std::iter::Peekable<Entries<'a>>,
    after: std::iter::Peekable<Entries<'a>>,
}

impl Manifest {
    /// What is different in `other`, path by path, in Git's tree order.
    ///
    /// Headers and trailers are not compared. Where a folder became something else, or something
    /// else a folder, the one is removed and the other added. It takes one pass over both.
    pub fn differences<'a>(&'a self, other: &'a Manifest) -> Differences<'a> {
        Differences {
            before: self.entries().peekable(),
            after: other.entries().peekable(),
        }
    }
}

impl<'a> Difference<'a> {
    /// The path that it is about.
    pub fn path(&self) -> &'a [u8] {
        match self {
            Difference::Added(entry) | Difference::Removed(entry) => entry.path(),
            Difference::Changed { after, .. } => after.path(),
        }
    }
}

impl<'a> Iterator for Differences<'a> {
    type Item = Difference<'a>;

    fn next(&mut self) -> Option<Difference<'a>> {
        loop {
            let (before, after) = match (self.before.peek(), self.after.peek()) {
                (Some(before), Some(after)) => (*before, *after),
                (Some(_), None) => return self.before.next().map(Difference::Removed),
                (None, _) => return self.after.next().map(Difference::Added),
            };
            match order::compare(
                before.path(),
                before.is_folder(),
                after.path(),
                after.is_folder(),
            ) {
                Ordering::Less => return self.before.next().map(Difference::Removed),
                Ordering::Greater => return self.after.next().map(Difference::Added),
                Ordering::Equal => {
                    self.before.next();
                    self.after.next();
                }
            }
            if before.mode() != after.mode()
                || before.flags() != after.flags()
                || before.kind() != after.kind()
            {
                return Some(Difference::Changed { before, after });
            }
        }
    }
}

impl FusedIterator for Differences<'_> {}
