//! Judges a tree by the rules of Git's fsck, and by what is odd beyond them.
//!
//! The rules are those of `fsck_tree` in Git's `fsck.c`. Git only warns about most of them, and so
//! do other decoders; here, what could harm a host is an error, and the rest becomes a flag.

use crate::id::{ObjectFormat, ObjectId};
use crate::manifest::Flags;

use super::alias::{self, GitFile};
use super::collide::collisions;
use super::error::FsckMessage;
use super::measure::Measure;
use super::name::{Classes, oddities};
use super::parse::{Entries, Entry, EntryKind, Malformed};

/// A tree that may be imported.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Entries that are odd, by their offset, in the order of offsets.
    pub(crate) flags: Box<[(u32, Flags)]>,
    /// Offsets of the folders, in their order.
    pub(crate) folders: Box<[u32]>,
    /// What all other entries add up to.
    pub(crate) leaves: Measure,
}

/// Why a tree may not be imported.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Malformed(Malformed),
    Hostile {
        message: FsckMessage,
        name: Vec<u8>,
        id: ObjectId,
    },
}

/// Checks all entries of a tree of less than 4 GiB; the time is linear in its length.
///
/// The first fault in the order of entries counts. Of a tree with more than `max_entries` nothing
/// can be imported, so collisions are not looked for.
pub(crate) fn check(
    bytes: &[u8],
    format: ObjectFormat,
    max_entries: u64,
) -> Result<Checked, Box<Fault>> {
    let mut flags = Vec::new();
    let mut folders = Vec::new();
    let mut leaves = Measure::default();
    let mut order = Order::default();
    let mut entries = 0;
    let mut may_collide = false;
    for entry in Entries::new(bytes, format) {
        let entry = entry.map_err(Fault::Malformed)?;
        let classes = Classes::of(entry.name);
        let hostile = |message| {
            Box::new(Fault::Hostile {
                message,
                name: entry.name.to_vec(),
                id: entry.id(),
            })
        };
        let kind = entry.kind().ok_or(FsckMessage::BadFilemode);
        let kind = kind.map_err(hostile)?;
        let odd = check_entry(&entry, kind, classes).map_err(hostile)?;
        order.push(entry.name, kind).map_err(hostile)?;
        if !odd.is_empty() {
            flags.push((entry.offset as u32, odd));
        }
        match kind {
            EntryKind::Folder => folders.push(entry.offset as u32),
            _ => leaves.add(entry.name.len(), None),
        }
        may_collide |= classes.has(Classes::UPPER) || classes.has(Classes::HIGH);
        entries += 1;
    }
    if may_collide && entries > 1 && entries <= max_entries {
        add_collisions(bytes, format, &mut flags);
    }
    Ok(Checked {
        flags: flags.into_boxed_slice(),
        folders: folders.into_boxed_slice(),
        leaves,
    })
}

fn check_entry(entry: &Entry<'_>, kind: EntryKind, classes: Classes) -> Result<Flags, FsckMessage> {
    let name = entry.name;
    match name {
        b"" => return Err(FsckMessage::EmptyName),
        b"." => return Err(FsckMessage::HasDot),
        b".." => return Err(FsckMessage::HasDotdot),
        _ if classes.has(Classes::SLASH) => return Err(FsckMessage::FullPathname),
        _ if entry.has_null_id() => return Err(FsckMessage::NullSha1),
        _ => {}
    }
    let mut flags = oddities(name, classes);
    let may_be_alias = name[0] == b'.'
        || classes.has(Classes::TILDE)
        || classes.has(Classes::HIGH)
        || classes.has(Classes::BACKSLASH);
    if may_be_alias {
        flags |= check_aliases(name, kind)?;
    }
    if entry.zero_padded {
        flags |= Flags::ZERO_PADDED_MODE;
    }
    if !matches!(
        entry.mode,
        0o040_000 | 0o100_644 | 0o100_755 | 0o120_000 | 0o160_000
    ) {
        flags |= Flags::ODD_MODE;
    }
    Ok(flags)
}

fn check_aliases(name: &[u8], kind: EntryKind) -> Result<Flags, FsckMessage> {
    if alias::is_dotgit(name) {
        return Err(FsckMessage::HasDotgit);
    }
    let is_symlink = kind == EntryKind::Symlink;
    if is_symlink && alias::hides_gitmodules(name) {
        return Err(FsckMessage::GitmodulesSymlink);
    }
    let Some(file) = GitFile::meant_by(name) else {
        return Ok(Flags::NONE);
    };
    let mut flags = Flags::NONE;
    if !file.is_spelled(name) {
        flags |= Flags::GIT_FILE_ALIAS;
    }
    if is_symlink {
        flags |= match file {
            GitFile::Modules => return Err(FsckMessage::GitmodulesSymlink),
            GitFile::Attributes => Flags::GITATTRIBUTES_SYMLINK,
            GitFile::Ignore => Flags::GITIGNORE_SYMLINK,
            GitFile::Mailmap => Flags::MAILMAP_SYMLINK,
        };
    }
    Ok(flags)
}

/// Git's order of entries: by bytes, a folder's name with a slash behind it.
#[derive(Default)]
struct Order<'a> {
    last: Option<(&'a [u8], EntryKind)>,
    /// Entries that are no folders, and whose name a folder further on may have nevertheless: in
    /// `foo`, `foo.bar`, `foo/` the slash keeps the two `foo` apart. Each is a prefix of the next.
    open: Vec<&'a [u8]>,
}

impl<'a> Order<'a> {
    fn push(&mut self, name: &'a [u8], kind: EntryKind) -> Result<(), FsckMessage> {
        if let Some((last, last_kind)) = self.last {
            if last == name {
                return Err(FsckMessage::DuplicateEntries);
            }
            if !in_order(last, last_kind, name, kind) {
                return Err(FsckMessage::TreeNotSorted);
            }
        }
        while let Some(open) = self.open.last() {
            match name.strip_prefix(*open) {
                Some([]) => return Err(FsckMessage::DuplicateEntries),
                Some([next, ..]) if *next < b'/' => break,
                _ => self.open.pop(),
            };
        }
        if kind != EntryKind::Folder {
            self.open.push(name);
        }
        self.last = Some((name, kind));
        Ok(())
    }
}

/// Whether `a` stands before `b`; their names differ.
pub(crate) fn in_order(a: &[u8], a_kind: EntryKind, b: &[u8], b_kind: EntryKind) -> bool {
    let common = a.len().min(b.len());
    let end = |name: &[u8], kind| match name.get(common) {
        Some(&byte) => Some(byte),
        None => (kind == EntryKind::Folder).then_some(b'/'),
    };
    (&a[..common], end(a, a_kind)) < (&b[..common], end(b, b_kind))
}

fn add_collisions(bytes: &[u8], format: ObjectFormat, flags: &mut Vec<(u32, Flags)>) {
    let entries = || Entries::new(bytes, format).filter_map(Result::ok);
    let marks = collisions(entries().map(|entry| entry.name));
    if marks.is_empty() {
        return;
    }
    let mut marks = marks.into_iter().peekable();
    let mut odd = std::mem::take(flags).into_iter().peekable();
    for (index, entry) in (0..).zip(entries()) {
        let mut both = Flags::NONE;
        if let Some((_, mark)) = marks.next_if(|mark| mark.0 == index) {
            both |= mark;
        }
        if let Some((_, mark)) = odd.next_if(|mark| mark.0 == entry.offset as u32) {
            both |= mark;
        }
        if !both.is_empty() {
            flags.push((entry.offset as u32, both));
        }
    }
}
