//! What the summary tells, gathered in one pass over the manifest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use gitlade::{Body, Content, Entry, EntryKind, FileFacts, Manifest};

use crate::languages::language;

/// Entries of a kind that are told by name.
pub(crate) const TOLD: usize = 8;

/// Files, lines and bytes that have something in common.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) files: u64,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
}

/// How many there are, and the first few.
#[derive(Debug)]
pub(crate) struct Few<'a> {
    pub(crate) count: u64,
    pub(crate) first: Vec<Entry<'a>>,
}

/// What the summary tells.
#[derive(Debug, Default)]
pub(crate) struct Tally<'a> {
    pub(crate) text: Sum,
    pub(crate) binary: Sum,
    pub(crate) encodings: BTreeMap<&'static str, u64>,
    pub(crate) types: BTreeMap<&'static str, u64>,
    pub(crate) languages: HashMap<String, Sum>,
    pub(crate) skipped: BTreeMap<&'static str, Few<'a>>,
    pub(crate) flags: BTreeMap<&'static str, Few<'a>>,
    pub(crate) lfs: Few<'a>,
    /// Bytes of what the LFS pointers stand for.
    pub(crate) lfs_bytes: u64,
    largest: BinaryHeap<Reverse<(u64, Reverse<usize>)>>,
}

impl Default for Few<'_> {
    fn default() -> Self {
        Few {
            count: 0,
            first: Vec::new(),
        }
    }
}

impl<'a> Few<'a> {
    fn add(&mut self, entry: Entry<'a>) {
        self.count += 1;
        if self.first.len() < TOLD {
            self.first.push(entry);
        }
    }
}

impl Sum {
    fn add(&mut self, bytes: u64, lines: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.lines = self.lines.saturating_add(lines);
    }
}

impl<'a> Tally<'a> {
    pub(crate) fn of(manifest: &'a Manifest) -> Self {
        let mut tally = Tally::default();
        for entry in manifest.entries() {
            tally.add(entry);
        }
        tally
    }

    fn add(&mut self, entry: Entry<'a>) {
        for flag in entry.flags().names() {
            self.flags.entry(flag).or_default().add(entry);
        }
        let kind = entry.kind();
        if let Some(reason) = kind.skipped() {
            self.skipped.entry(reason.name()).or_default().add(entry);
        }
        if let EntryKind::File(file) = kind
            && let Body::Read(facts) = file.body
        {
            self.add_file(entry, &facts);
        }
    }

    fn add_file(&mut self, entry: Entry<'a>, facts: &FileFacts<'a>) {
        self.largest
            .push(Reverse((facts.size, Reverse(entry.index()))));
        if self.largest.len() > TOLD {
            self.largest.pop();
        }
        if let Some(lfs) = facts.lfs {
            self.lfs.add(entry);
            self.lfs_bytes = self.lfs_bytes.saturating_add(lfs.pointer.size);
        }
        match facts.content {
            Content::Text {
                encoding, lines, ..
            } => {
                self.text.add(facts.size, lines);
                *self.encodings.entry(encoding.name()).or_default() += 1;
                let language = language(entry.name());
                let sum = self.languages.entry(language).or_default();
                sum.add(facts.size, lines);
            }
            Content::Binary { mime, .. } => {
                self.binary.add(facts.size, 0);
                *self.types.entry(mime.unwrap_or("unknown")).or_default() += 1;
            }
            // Neither text nor binary: the totals have it, this table does not.
            _ => {}
        }
    }

    /// The largest files, the largest first.
    pub(crate) fn largest_files(&self, manifest: &'a Manifest) -> Vec<(u64, Entry<'a>)> {
        let mut largest: Vec<_> = self.largest.iter().map(|Reverse(item)| *item).collect();
        largest.sort_unstable_by(|a, b| b.cmp(a));
        largest
            .into_iter()
            .filter_map(|(size, Reverse(index))| Some((size, manifest.entry(index)?)))
            .collect()
    }
}

/// The largest folders that lie side by side, the largest first: those of the root, or of the one
/// folder that everything is in. With how many more there are.
pub(crate) fn largest_folders(manifest: &Manifest) -> (Vec<(u64, u64, Entry<'_>)>, usize) {
    let mut side_by_side: Vec<Entry<'_>> = manifest.children(b"").into_iter().flatten().collect();
    while let [only] = side_by_side[..]
        && only.children().any(|child| child.is_folder())
    {
        side_by_side = only.children().collect();
    }
    let mut folders: Vec<_> = side_by_side
        .into_iter()
        .filter_map(|entry| match entry.kind() {
            EntryKind::Folder(folder) => Some((folder.bytes, folder.files, entry)),
            _ => None,
        })
        .collect();
    folders.sort_by_key(|(bytes, files, _)| Reverse((*bytes, *files)));
    let more = folders.len().saturating_sub(TOLD);
    folders.truncate(TOLD);
    (folders, more)
}

/// Keys with their numbers, the largest first.
pub(crate) fn ranked<K: Ord + Clone>(numbers: impl Iterator<Item = (K, u64)>) -> Vec<(K, u64)> {
    let mut ranked: Vec<_> = numbers.collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranked
}
