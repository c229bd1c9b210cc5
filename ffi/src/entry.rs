//! One entry of a manifest, as a struct of C.

use gitlade::{Body, Entry, EntryKind, FileFacts, ObjectId, SkipReason};

use crate::facts::{Facts, gitlade_basis, gitlade_bom, gitlade_content, gitlade_eol};
use crate::structs::Versioned;
use crate::text::gitlade_str;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_kind {
    /// A folder.
    Folder = 0,
    /// A file, executable or not.
    File = 1,
    /// A symlink, which nothing follows.
    Symlink = 2,
    /// A submodule, which nothing fetches.
    Submodule = 3,
}

/// Why the content of a file or symlink was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_skip {
    /// It was read, or there is none.
    None = 0,
    /// It is larger than the limit `max_blob`.
    TooLarge = 1,
    /// The repository does not have the object.
    Missing = 2,
}

/// One folder, file, symlink or submodule, with all that is known of it.
///
/// Its texts live as long as the manifest. Fields that do not apply are 0 and NULL.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_entry {
    /// `sizeof(gitlade_entry)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The place in the manifest, from 0.
    pub index: usize,
    /// The place of the folder that it lies in; `GITLADE_ROOT` for what lies in the root.
    pub parent: usize,
    /// The path from the root of the import, with slashes between names and none at the ends. Bytes
    /// without NUL, nearly always UTF-8.
    pub path: gitlade_str,
    /// The last name of the path.
    pub name: gitlade_str,
    /// What it is.
    pub kind: gitlade_kind,
    /// The mode as it stands in the tree, such as 0100644.
    pub mode: u32,
    /// What is odd about it: bits, which `gitlade_flag_name` names.
    pub flags: u32,
    /// Bytes of `object_id`: 20 or 32.
    pub object_id_len: u32,
    /// The object: a tree, a blob, or a commit of another repository.
    pub object_id: [u8; 32],
    /// BLAKE3 of the content or folder; zeros if there is none.
    pub digest: [u8; 32],
    /// Bytes of the file or symlink.
    pub size: u64,
    /// Of a folder: files below it at any depth.
    pub files: u64,
    /// Of a folder: bytes of the files and symlinks below it that were read.
    pub bytes: u64,
    /// Lines of a text; a last one without a line end counts.
    pub lines: u64,
    /// The encoding of a text by its name in the WHATWG Encoding Standard, in lower case, or
    /// `utf-32le`, `utf-32be`: a constant.
    pub encoding: gitlade_str,
    /// The type of binary content, where it is known: a constant.
    pub mime: gitlade_str,
    /// The attribute `working-tree-encoding`.
    pub working_tree_encoding: gitlade_str,
    /// The path that a symlink points to; NULL if it is too long to be kept.
    pub target: gitlade_str,
    /// The URL that `.gitmodules` gives for a submodule.
    pub url: gitlade_str,
    /// Of a Git LFS pointer: SHA-256 of the real file.
    pub lfs_object_id: [u8; 32],
    /// Of a Git LFS pointer: bytes of the real file.
    pub lfs_size: u64,
    /// Text or binary.
    pub content: gitlade_content,
    /// How the lines of a text end.
    pub eol: gitlade_eol,
    /// The byte order mark of a text.
    pub bom: gitlade_bom,
    /// How the verdict on text or binary was reached.
    pub basis: gitlade_basis,
    /// Why the content was not read.
    pub skipped: gitlade_skip,
    /// Whether there is a digest.
    pub has_digest: bool,
    /// Whether the size is known.
    pub has_size: bool,
    /// Whether Git would make the file executable.
    pub executable: bool,
    /// Whether Git itself takes the file for binary, as `git diff --numstat` shows.
    pub git_binary: bool,
    /// Whether the file has the form of a Git LFS pointer.
    pub is_lfs: bool,
    /// Whether its path has the attribute `filter=lfs` too, so that Git LFS would replace it.
    pub lfs_filter: bool,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_entry {
    const NAME: &'static str = "gitlade_entry";
}

/// The bytes of an id, and how many count.
pub(crate) fn id_bytes(id: &ObjectId) -> ([u8; 32], u32) {
    let mut bytes = [0; 32];
    let id = id.as_bytes();
    bytes[..id.len()].copy_from_slice(id);
    (bytes, id.len() as u32)
}

fn of_skip(reason: SkipReason) -> gitlade_skip {
    match reason {
        SkipReason::TooLarge => gitlade_skip::TooLarge,
        SkipReason::Missing => gitlade_skip::Missing,
        _ => gitlade_skip::None,
    }
}

impl gitlade_entry {
    /// Describes an entry. Nothing is copied but the struct.
    pub(crate) fn of(entry: Entry<'_>) -> Self {
        let kind = entry.kind();
        let mut told = Self::begin(entry, &kind);
        match kind {
            EntryKind::Folder(folder) => {
                told.kind = gitlade_kind::Folder;
                told.set_digest(folder.digest.0);
                told.files = folder.files;
                told.bytes = folder.bytes;
            }
            EntryKind::File(file) => {
                told.kind = gitlade_kind::File;
                told.executable = file.executable;
                match file.body {
                    Body::Read(facts) => told.set_file(&facts),
                    Body::Skipped { size, reason } => told.set_skipped(size, reason),
                }
            }
            EntryKind::Symlink(symlink) => {
                told.kind = gitlade_kind::Symlink;
                match symlink.body {
                    Body::Read(facts) => {
                        told.set_size(facts.size);
                        told.set_digest(facts.digest.0);
                        told.target = gitlade_str::of_option(facts.target);
                    }
                    Body::Skipped { size, reason } => told.set_skipped(size, reason),
                }
            }
            EntryKind::Submodule(submodule) => {
                told.kind = gitlade_kind::Submodule;
                told.url = gitlade_str::of_option(submodule.url);
            }
            // The engine's enum may grow; the mode tells what is not known here.
            _ => {}
        }
        told
    }

    fn begin(entry: Entry<'_>, kind: &EntryKind<'_>) -> Self {
        let (object_id, object_id_len) = id_bytes(&kind.id());
        let path = entry.path();
        gitlade_entry {
            struct_size: size_of::<Self>(),
            index: entry.index(),
            parent: entry.parent().map_or(usize::MAX, |folder| folder.index()),
            path: gitlade_str::of(path),
            name: gitlade_str::of(entry.name()),
            kind: gitlade_kind::File,
            mode: entry.mode(),
            flags: entry.flags().bits().into(),
            object_id_len,
            object_id,
            digest: [0; 32],
            size: 0,
            files: 0,
            bytes: 0,
            lines: 0,
            encoding: gitlade_str::NONE,
            mime: gitlade_str::NONE,
            working_tree_encoding: gitlade_str::NONE,
            target: gitlade_str::NONE,
            url: gitlade_str::NONE,
            lfs_object_id: [0; 32],
            lfs_size: 0,
            content: gitlade_content::None,
            eol: gitlade_eol::None,
            bom: gitlade_bom::None,
            basis: gitlade_basis::None,
            skipped: gitlade_skip::None,
            has_digest: false,
            has_size: false,
            executable: false,
            git_binary: false,
            is_lfs: false,
            lfs_filter: false,
        }
    }

    fn set_digest(&mut self, digest: [u8; 32]) {
        self.digest = digest;
        self.has_digest = true;
    }

    fn set_size(&mut self, size: u64) {
        self.size = size;
        self.has_size = true;
    }

    fn set_skipped(&mut self, size: Option<u64>, reason: SkipReason) {
        self.skipped = of_skip(reason);
        if let Some(size) = size {
            self.set_size(size);
        }
    }

    fn set_file(&mut self, file: &FileFacts<'_>) {
        self.set_size(file.size);
        self.set_digest(file.digest.0);
        let facts = Facts::of(&file.content);
        self.content = facts.content;
        self.encoding = facts.encoding;
        self.mime = facts.mime;
        self.lines = facts.lines;
        self.eol = facts.eol;
        self.bom = facts.bom;
        self.basis = facts.basis;
        self.git_binary = file.git_binary;
        self.working_tree_encoding = gitlade_str::of_option(file.working_tree_encoding);
        if let Some(lfs) = file.lfs {
            self.is_lfs = true;
            self.lfs_filter = lfs.filter;
            self.lfs_object_id = lfs.pointer.oid.0;
            self.lfs_size = lfs.pointer.size;
        }
    }
}
