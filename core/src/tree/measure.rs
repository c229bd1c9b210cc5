//! Counts what a walk would meet, in time linear in the distinct trees.
//!
//! A folder that is named a thousand times is counted once and multiplied, so that a few trees which
//! name each other ten times over ten levels are known for their 10^10 paths before one is walked.

use crate::cancel::Cancel;
use crate::error::{Error, LimitError};
use crate::limits::Limits;

use super::error::TreeError;
use super::set::{Load, TreeIndex, TreeSet};

/// What is below a folder; numbers that do not fit stay at their maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Folders and all else.
    pub(crate) entries: u64,
    pub(crate) folders: u64,
    /// Folders inside each other; 0 if there is none.
    pub(crate) depth: u64,
    /// Bytes of the longest path, seen from the folder.
    pub(crate) longest_path: u64,
    /// Bytes of all paths, seen from the folder.
    pub(crate) path_bytes: u64,
}

impl Measure {
    /// Adds an entry whose name has `name` bytes, with what is below it if it is a folder.
    pub(super) fn add(&mut self, name: usize, below: Option<Measure>) {
        let name = name as u64;
        let below_entries = below.map_or(0, |below| below.entries);
        self.entries = self.entries.saturating_add(1).saturating_add(below_entries);
        self.path_bytes = self
            .path_bytes
            .saturating_add(name)
            .saturating_add((name + 1).saturating_mul(below_entries));
        self.longest_path = self.longest_path.max(name);
        let Some(below) = below else {
            return;
        };
        self.folders = self.folders.saturating_add(1).saturating_add(below.folders);
        self.depth = self.depth.max(below.depth.saturating_add(1));
        self.path_bytes = self.path_bytes.saturating_add(below.path_bytes);
        if below.entries > 0 {
            let longest = (name + 1).saturating_add(below.longest_path);
            self.longest_path = self.longest_path.max(longest);
        }
    }

    /// Compares with the limits of a walk.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), LimitError> {
        let caps = [
            ("max_entries", limits.max_entries, self.entries),
            ("max_depth", limits.max_depth, self.depth),
            ("max_path", limits.max_path, self.longest_path),
            ("max_path_bytes", limits.max_path_bytes, self.path_bytes),
        ];
        for (name, limit, actual) in caps {
            crate::limits::check(name, limit, actual)?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum State {
    New,
    /// Being counted: it is a folder above the current one.
    Open,
    Done(Measure),
}

struct Frame {
    tree: TreeIndex,
    /// Which of its folders is next.
    folder: usize,
    measure: Measure,
    /// Length of the folder's path.
    path: usize,
    /// Length of the folder's name.
    name: usize,
}

/// Counts what is below `root`, and checks every tree there is.
///
/// # Errors
///
/// A tree that is missing, malformed, hostile or inside itself, with its path; a path or depth over
/// its limit. The limits on numbers are for the caller to [check](Measure::check).
pub(crate) fn measure(
    trees: &mut TreeSet,
    root: TreeIndex,
    load: &mut Load<'_>,
    cancel: &Cancel,
) -> Result<Measure, Error> {
    let mut states: Vec<State> = Vec::new();
    let mut path = Vec::new();
    trees.open(root, &path, load)?;
    let mut stack = vec![Frame {
        tree: root,
        folder: 0,
        measure: trees.leaves(root),
        path: 0,
        name: 0,
    }];
    set(&mut states, root, State::Open);
    loop {
        let frame = stack.last_mut().expect("because the root returns");
        let Some(entry) = trees.folder(frame.tree, frame.folder) else {
            cancel.check()?;
            let Frame {
                tree,
                measure,
                name,
                ..
            } = *frame;
            set(&mut states, tree, State::Done(measure));
            stack.pop();
            let Some(parent) = stack.last_mut() else {
                return Ok(measure);
            };
            parent.measure.add(name, Some(measure));
            path.truncate(parent.path);
            continue;
        };
        frame.folder += 1;
        let name = entry.name.len();
        if frame.path > 0 {
            path.push(b'/');
        }
        path.extend_from_slice(entry.name);
        let id = entry.id;
        let tree = trees.place(id)?;
        match states.get(tree.0 as usize).copied().unwrap_or(State::New) {
            State::Done(below) => {
                frame.measure.add(name, Some(below));
                path.truncate(frame.path);
            }
            State::Open => return Err(TreeError::Cycle { tree: id, path }.into()),
            State::New => {
                check_way(trees.limits(), stack.len() as u64, &path)?;
                trees.open(tree, &path, load)?;
                set(&mut states, tree, State::Open);
                stack.push(Frame {
                    tree,
                    folder: 0,
                    measure: trees.leaves(tree),
                    path: path.len(),
                    name,
                });
            }
        }
    }
}

/// Stops at the first folder that is too deep, which bounds the stack and the path.
fn check_way(limits: &Limits, depth: u64, path: &[u8]) -> Result<(), LimitError> {
    crate::limits::check("max_depth", limits.max_depth, depth).map_err(|e| e.at_path(path))?;
    crate::limits::check("max_path", limits.max_path, path.len() as u64)
        .map_err(|e| e.at_path(path))
}

fn set(states: &mut Vec<State>, tree: TreeIndex, state: State) {
    let index = tree.0 as usize;
    if index >= states.len() {
        states.resize(index + 1, State::New);
    }
    states[index] = state;
}
