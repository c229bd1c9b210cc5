//! The names of one folder, one after the other.

use super::digest::FolderSum;
use super::error::Fault;
use super::order;
use crate::tree::is_dotgit;

/// What came so far in one folder.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub(super) sum: FolderSum,
    last: Vec<u8>,
    last_is_folder: bool,
    /// Lengths of those files' names that the last name begins with.
    prefixes: Vec<usize>,
}

impl Level {
    /// Takes the next name, which has to come after all others and not be there yet.
    pub(super) fn next(&mut self, name: &[u8], is_folder: bool) -> Result<(), Fault> {
        check_name(name)?;
        if self.last == name {
            return Err(Fault::Duplicate);
        }
        if order::compare(&self.last, self.last_is_folder, name, is_folder).is_ge() {
            return Err(Fault::Order);
        }
        // A file `a` and a folder `a` do not have to be neighbours: `a-b` comes between them. A
        // name in between begins with `a`, though. Git's fsck does the same (`verify_ordered`).
        if !self.last_is_folder && !self.last.is_empty() {
            self.prefixes.push(self.last.len());
        }
        let same = name
            .iter()
            .zip(&self.last)
            .take_while(|(one, other)| one == other)
            .count();
        while self.prefixes.last().is_some_and(|&len| len > same) {
            self.prefixes.pop();
        }
        if is_folder && self.prefixes.last() == Some(&name.len()) {
            return Err(Fault::Duplicate);
        }
        self.last.clear();
        self.last.extend_from_slice(name);
        self.last_is_folder = is_folder;
        Ok(())
    }
}

/// Refuses names that no tree can have, and those that lead elsewhere.
fn check_name(name: &[u8]) -> Result<(), Fault> {
    if name.is_empty() || name == b"." || name == b".." || is_dotgit(name) {
        return Err(Fault::Path);
    }
    if name.contains(&0) {
        return Err(Fault::Path);
    }
    if name.contains(&b'/') {
        return Err(Fault::NoFolder);
    }
    Ok(())
}
