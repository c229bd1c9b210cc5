//! Finds a folder or file by its path.

use crate::error::Error;
use crate::id::ObjectId;
use crate::nearness::{allowed_for, distance};

use super::error::TreeError;
use super::parse::EntryKind;
use super::set::{Load, TreeIndex, TreeSet, joined};

/// Entries that are looked at for a similar name.
const COMPARED: usize = 10_000;
/// Similar names that are told.
const TOLD: usize = 3;

/// A path inside a repository, without slashes at its ends; empty for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TreePath(Vec<u8>);

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: EntryKind,
    pub(crate) mode: u32,
    pub(crate) id: ObjectId,
}

impl TreePath {
    /// Reads a path with slashes between its parts; slashes at the ends and `./` at the beginning
    /// change nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidOptions`](crate::ErrorKind::InvalidOptions) for parts that are empty, `.` or `..`.
    pub(crate) fn parse(path: &[u8]) -> Result<Self, Error> {
        let mut trimmed = path.strip_prefix(b"./").unwrap_or(path);
        while let Some(rest) = trimmed.strip_prefix(b"/") {
            trimmed = rest;
        }
        while let Some(rest) = trimmed.strip_suffix(b"/") {
            trimmed = rest;
        }
        if matches!(trimmed, b"" | b".") {
            return Ok(TreePath::default());
        }
        for part in trimmed.split(|&byte| byte == b'/') {
            let reason = match part {
                b"" => "an empty part",
                b"." => "a part that is \".\"",
                b".." => "a part that is \"..\"",
                _ => continue,
            };
            let path = path.to_vec();
            return Err(TreeError::InvalidPath { path, reason }.into());
        }
        Ok(TreePath(trimmed.to_vec()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The names that it is made of, from the root down.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.0
            .split(|&byte| byte == b'/')
            .filter(|name| !name.is_empty())
    }

    /// The path of what is at `path` below this one.
    pub(crate) fn join(&self, path: &[u8]) -> Vec<u8> {
        joined(&self.0, path)
    }
}

impl TreeSet {
    /// Finds what `path` leads to from the tree `root`; only the trees on the way are needed.
    ///
    /// # Errors
    ///
    /// [`PathNotFound`](crate::ErrorKind::PathNotFound), with similar names as advice;
    /// [`PathIsOther`](crate::ErrorKind::PathIsOther) if a part on the way is no folder; what is
    /// wrong with a tree on the way.
    pub(crate) fn find(
        &mut self,
        root: ObjectId,
        path: &TreePath,
        load: &mut Load<'_>,
    ) -> Result<Found, Error> {
        let mut found = Found {
            kind: EntryKind::Folder,
            mode: 0o040_000,
            id: root,
        };
        let mut way = Vec::new();
        if path.is_root() {
            return Ok(found);
        }
        for part in path.as_bytes().split(|&byte| byte == b'/') {
            if found.kind != EntryKind::Folder {
                let kind = found.kind;
                return Err(TreeError::PathIsOther { path: way, kind }.into());
            }
            let tree = self.place(found.id)?;
            self.open(tree, &way, load)?;
            found = match self.entry_named(found.id, part) {
                Some(found) => found,
                None => {
                    let near = self.similar(found.id, part);
                    return Err(TreeError::PathNotFound {
                        near: near.iter().map(|name| joined(&way, name)).collect(),
                        path: path.as_bytes().to_vec(),
                    }
                    .into());
                }
            };
            way = joined(&way, part);
        }
        Ok(found)
    }

    /// Like [`find`](Self::find), for a folder: its tree.
    pub(crate) fn find_folder(
        &mut self,
        root: ObjectId,
        path: &TreePath,
        load: &mut Load<'_>,
    ) -> Result<ObjectId, Error> {
        let found = self.find(root, path, load)?;
        if found.kind != EntryKind::Folder {
            return Err(TreeError::PathIsOther {
                path: path.as_bytes().to_vec(),
                kind: found.kind,
            }
            .into());
        }
        Ok(found.id)
    }

    /// Brings a tree into the set and makes sure that it may be imported.
    pub(crate) fn open_folder(&mut self, tree: ObjectId, load: &mut Load<'_>) -> Result<(), Error> {
        let index = self.place(tree)?;
        self.open(index, b"", load)
    }

    /// The entry `name` of a tree that was reached by a walk; `None` as well if it was not.
    pub(crate) fn opened_entry(&self, tree: ObjectId, name: &[u8]) -> Option<Found> {
        let tree = self.opened(tree)?;
        self.scan(tree, name)
    }

    /// The entry `name` of a tree; `None` as well if the tree is missing or may not be imported.
    pub(crate) fn entry_named(&mut self, tree: ObjectId, name: &[u8]) -> Option<Found> {
        let tree = self.checked(tree)?;
        self.scan(tree, name)
    }

    fn scan(&self, tree: TreeIndex, name: &[u8]) -> Option<Found> {
        let mut offset = 0;
        while let Some(entry) = self.entry(tree, offset) {
            if entry.name == name {
                return Some(Found {
                    kind: entry.kind,
                    mode: entry.mode,
                    id: entry.id,
                });
            }
            // Entries are sorted, except that a folder sorts behind names that go on with `-` or `.`.
            if entry.name.first() > name.first() {
                return None;
            }
            offset = entry.end;
        }
        None
    }

    /// Names in a tree that `name` may be a slip of, the most similar first.
    fn similar(&mut self, tree: ObjectId, name: &[u8]) -> Vec<Vec<u8>> {
        let Some(tree) = self.checked(tree) else {
            return Vec::new();
        };
        let allowed = allowed_for(name);
        let mut similar = Vec::new();
        let mut offset = 0;
        for _ in 0..COMPARED {
            let Some(entry) = self.entry(tree, offset) else {
                break;
            };
            offset = entry.end;
            if let Some(distance) = distance(name, entry.name, allowed) {
                similar.push((distance, entry.name.to_vec()));
            }
        }
        similar.sort();
        similar.truncate(TOLD);
        similar.into_iter().map(|(_, name)| name).collect()
    }
}
