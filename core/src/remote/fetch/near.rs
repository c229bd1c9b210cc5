//! Names that look like one that is not there.

use crate::nearness::{allowed_for, distance};
use crate::printable::Printable;

/// Names that are kept at most; a host's list of suggestions has no use for more.
const MAX_NAMES: usize = 50_000;
/// Bytes of the names that are kept at most.
const MAX_BYTES: usize = 4 << 20;
/// Suggestions that are made at most.
const SUGGESTIONS: usize = 3;

/// The names of a server's branches and tags, as many as suggestions need.
#[derive(Default)]
pub(super) struct Names {
    names: Vec<Box<[u8]>>,
    bytes: usize,
    any: bool,
}

impl Names {
    pub(super) fn add(&mut self, name: &[u8]) {
        self.any = true;
        let named = name.starts_with(b"refs/heads/") || name.starts_with(b"refs/tags/");
        let fits = self.names.len() < MAX_NAMES && self.bytes + name.len() <= MAX_BYTES;
        if named && fits {
            self.bytes += name.len();
            self.names.push(name.into());
        }
    }

    /// Whether no ref at all was added, of any kind.
    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }

    /// The short names of a few branches.
    pub(super) fn branches(&self) -> Vec<String> {
        self.names
            .iter()
            .filter_map(|name| name.strip_prefix(b"refs/heads/"))
            .take(SUGGESTIONS)
            .map(|name| Printable(name).to_string())
            .collect()
    }

    /// Short names that are a few edits away from `wanted`, the nearest first.
    pub(super) fn near(&self, wanted: &[u8]) -> Vec<String> {
        let wanted = short(wanted);
        let allowed = allowed_for(wanted);
        let mut found: Vec<(usize, &[u8])> = Vec::new();
        for name in &self.names {
            let name = short(name);
            let Some(distance) = distance(wanted, name, allowed) else {
                continue;
            };
            if !found.iter().any(|(_, other)| *other == name) {
                found.push((distance, name));
            }
        }
        found.sort();
        found.truncate(SUGGESTIONS);
        found
            .into_iter()
            .map(|(_, name)| Printable(name).to_string())
            .collect()
    }
}

/// A ref's name as people write it: without `refs/heads/` or `refs/tags/`.
pub(super) fn short(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"refs/heads/")
        .or_else(|| name.strip_prefix(b"refs/tags/"))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Names {
        let mut names = Names::default();
        for name in list {
            names.add(name.as_bytes());
        }
        names
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        for (a, b, expected) in [
            ("main", "main", Some(0)),
            ("main", "mian", Some(1)),
            ("kitten", "sitting", Some(3)),
            ("v1.0", "1.0", Some(1)),
            ("Main", "main", Some(0)),
            ("", "abc", Some(3)),
            ("master", "main", None),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes(), 3), expected, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_names_come_first_and_once() {
        let names = names(&[
            "refs/heads/release",
            "refs/tags/release",
            "refs/heads/releases",
            "refs/heads/other",
            "refs/heads/relase-x",
            "refs/heads/relas",
        ]);
        assert_eq!(names.near(b"relase"), ["relas", "release", "relase-x"]);
        assert!(names.near(b"nothing-like-it").is_empty());
    }

    #[test]
    fn names_are_kept_within_bounds() {
        let mut names = Names::default();
        let long = [b"refs/heads/".to_vec(), vec![b'x'; 60_000]].concat();
        for _ in 0..1_000 {
            names.add(&long);
        }
        assert!(names.bytes <= MAX_BYTES);
        for index in 0..MAX_NAMES + 10 {
            names.add(format!("refs/tags/{index}").as_bytes());
        }
        assert!(names.names.len() <= MAX_NAMES);
    }
}
