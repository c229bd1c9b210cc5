//! Finding entries.

use super::Manifest;
use super::entry::Entry;
use super::iter::Children;
use super::order;

impl Manifest {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The entry at a place, from 0.
    pub fn entry(&self, index: usize) -> Option<Entry<'_>> {
        (index < self.rows.len()).then_some(Entry {
            manifest: self,
            index: index as u32,
        })
    }

    /// The entry with this path, which has no slash at its ends.
    ///
    /// It takes as many comparisons as a binary search over all entries does.
    pub fn get(&self, path: &[u8]) -> Option<Entry<'_>> {
        self.find(path, false).or_else(|| self.find(path, true))
    }

    /// The entries that lie directly in the folder with this path, in order; the empty path is the
    /// root. `None` if there is no such folder.
    pub fn children(&self, path: &[u8]) -> Option<Children<'_>> {
        if path.is_empty() {
            return Some(Children::of_root(self));
        }
        Some(self.find(path, true)?.children())
    }

    fn find(&self, path: &[u8], is_folder: bool) -> Option<Entry<'_>> {
        // Such a path would compare equal to the folder without the slash.
        if path.ends_with(b"/") {
            return None;
        }
        // All paths are in one order, because that of `git ls-tree -r -t` is the order of the
        // paths' bytes when each folder has a slash at its end.
        let (mut low, mut high) = (0, self.rows.len() as u32);
        while low < high {
            let index = low + (high - low) / 2;
            let entry = Entry {
                manifest: self,
                index,
            };
            match order::compare(entry.path(), entry.is_folder(), path, is_folder) {
                std::cmp::Ordering::Less => low = index + 1,
                std::cmp::Ordering::Greater => high = index,
                std::cmp::Ordering::Equal => return Some(entry),
            }
        }
        None
    }
}
