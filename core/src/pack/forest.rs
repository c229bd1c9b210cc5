//! Which entries are wanted, and which are the bases of which.

use std::collections::HashMap;

/// Entries of one pack, each below the entry that it is a delta against.
///
/// Roots are stored whole. Nodes are numbered in the order of their offsets, so that going through
/// them by number goes through the pack from front to back.
#[derive(Debug)]
pub(crate) struct Forest {
    offsets: Vec<u64>,
    roots: Vec<u32>,
    /// Children of node `n` are `children[first_child[n]..first_child[n + 1]]`.
    first_child: Vec<u32>,
    children: Vec<u32>,
}

impl Forest {
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Where the entry of `node` begins.
    pub(crate) fn offset(&self, node: u32) -> u64 {
        self.offsets[node as usize]
    }

    /// Where the entry of `node` ends at the latest: where the next one of the forest begins.
    pub(crate) fn end(&self, node: u32) -> u64 {
        let next = self.offsets.get(node as usize + 1);
        next.copied().unwrap_or(u64::MAX)
    }

    /// Nodes that are stored whole, by offset.
    pub(crate) fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// Deltas against `node`, by offset.
    pub(crate) fn children(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.children[self.first_child[node] as usize..self.first_child[node + 1] as usize]
    }

    /// How far the roots reach.
    pub(crate) fn reach(&self) -> Reach {
        let mut reach = Reach {
            depth: 0,
            nodes: self.roots.len(),
        };
        let mut level = self.roots.clone();
        loop {
            level = level
                .iter()
                .flat_map(|&node| self.children(node))
                .copied()
                .collect();
            if level.is_empty() {
                return reach;
            }
            reach.nodes += level.len();
            reach.depth += 1;
        }
    }

    /// The node whose entry begins at `offset`.
    pub(crate) fn node_at(&self, offset: u64) -> Option<u32> {
        self.offsets
            .binary_search(&offset)
            .ok()
            .map(|node| node as u32)
    }
}

/// How far the roots of a [`Forest`] reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The most deltas between a root and a node.
    pub(crate) depth: u64,
    /// Nodes that have a root above them, roots included.
    pub(crate) nodes: usize,
}

/// Collects entries for a [`Forest`] in any order.
#[derive(Debug, Default)]
pub(crate) struct ForestBuilder {
    /// Entries that came in the order of their offsets, each with its base, which is itself for a
    /// root.
    sorted: Vec<(u64, u64)>,
    /// The same of all others.
    bases: HashMap<u64, u64>,
}

impl ForestBuilder {
    /// Begins with entries and their bases, `None` for roots; the offsets ascend.
    pub(crate) fn with_sorted(entries: impl Iterator<Item = (u64, Option<u64>)>) -> Self {
        ForestBuilder {
            sorted: entries
                .map(|(offset, base)| (offset, base.unwrap_or(offset)))
                .collect(),
            bases: HashMap::new(),
        }
    }

    /// Whether the entry at `offset` was added.
    pub(crate) fn contains(&self, offset: u64) -> bool {
        self.bases.contains_key(&offset)
            || self
                .sorted
                .binary_search_by_key(&offset, |entry| entry.0)
                .is_ok()
    }

    /// Adds an entry that is stored whole.
    pub(crate) fn add_root(&mut self, offset: u64) {
        self.bases.insert(offset, offset);
    }

    /// Adds a delta against the entry at `base`, which has to be added too.
    pub(crate) fn add_delta(&mut self, offset: u64, base: u64) {
        self.bases.insert(offset, base);
    }

    /// Adds a delta whose base is not known yet.
    pub(crate) fn add_orphan(&mut self, offset: u64) {
        self.bases.insert(offset, u64::MAX);
    }

    /// Makes the forest. Nodes whose bases lead in a circle, or to an entry that was never added,
    /// are in it and have no root above them, so that nothing visits them.
    pub(crate) fn build(self) -> Forest {
        let mut nodes = self.sorted;
        nodes.extend(self.bases);
        // Stable, because that is fast where most is in order.
        nodes.sort();
        let offsets: Vec<u64> = nodes.iter().map(|&(offset, _)| offset).collect();
        let mut roots = Vec::new();
        let mut first_child = vec![0u32; nodes.len() + 1];
        let parents: Vec<Option<u32>> = nodes
            .iter()
            .enumerate()
            .map(|(node, &(offset, base))| {
                if base == offset {
                    roots.push(node as u32);
                    return None;
                }
                let parent = offsets.binary_search(&base).ok()?;
                first_child[parent + 1] += 1;
                Some(parent as u32)
            })
            .collect();
        for node in 0..nodes.len() {
            first_child[node + 1] += first_child[node];
        }
        let mut next = first_child.clone();
        let mut children = vec![0; first_child[nodes.len()] as usize];
        for (node, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                let slot = &mut next[*parent as usize];
                children[*slot as usize] = node as u32;
                *slot += 1;
            }
        }
        Forest {
            offsets,
            roots,
            first_child,
            children,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_numbered_by_offset_and_circles_have_no_root() {
        let mut builder = ForestBuilder::default();
        builder.add_delta(30, 10);
        builder.add_delta(20, 40);
        builder.add_root(10);
        builder.add_root(40);
        builder.add_delta(50, 10);
        builder.add_delta(60, 70);
        builder.add_delta(70, 60);
        let forest = builder.build();
        assert_eq!(forest.len(), 7);
        assert_eq!(forest.roots(), [0, 3]);
        assert_eq!(forest.children(0), [2, 4]);
        assert_eq!(forest.children(3), [1]);
        assert_eq!(forest.node_at(60), Some(5));
        assert_eq!(forest.children(5), [6]);
        assert_eq!(forest.children(6), [5]);
        assert_eq!(forest.reach(), Reach { depth: 1, nodes: 5 });
    }

    #[test]
    fn depth_counts_deltas() {
        let mut builder = ForestBuilder::default();
        builder.add_root(10);
        builder.add_delta(20, 30);
        builder.add_delta(30, 10);
        assert_eq!(builder.build().reach(), Reach { depth: 2, nodes: 3 });
    }
}
