//! The ordered list of what was imported.

mod builder;
mod differences;
mod digest;
mod entry;
mod error;
mod fields;
mod flags;
mod header;
mod iter;
mod json;
mod kind;
mod level;
mod line;
mod lookup;
mod memory;
mod mode;
mod order;
mod parse;
mod parse_header;
mod read;
mod rebuild;
mod record;
mod restore;
mod serialize;
mod skip;
mod table;
mod totals;
mod verdict;
mod verify;
mod write;
mod write_ahead;
mod write_header;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::content::LfsPointer;
use crate::id::ContentHash;
use table::{BlobRow, FolderRow, Ids, Row, SkipRow, Strings, SubmoduleRow, SymlinkRow};
use totals::Tally;
use verdict::Packed;

pub(crate) use builder::{BlobIndex, Builder};
pub use differences::{Difference, Differences};
pub use entry::Entry;
#[cfg(feature = "arrow")]
pub(crate) use fields::{basis_name, bom_name, eol_name};
pub use flags::Flags;
pub use header::{Choices, Header, Origin};
pub use iter::{Children, Entries, EntriesOfKind};
pub use kind::{
    Body, EntryKind, FileEntry, FileFacts, FolderEntry, Lfs, SubmoduleEntry, SymlinkEntry,
    SymlinkFacts,
};
pub use read::Reader;
pub use record::Record;
pub(crate) use record::Told;
pub(crate) use restore::Restore;
pub use skip::{SkipReason, Skipped};
pub use totals::{Totals, Trailer};
pub(crate) use verdict::Verdict;
pub use write::TextSink;

/// The ordered list of everything in one commit: folders, files, symlinks and submodules.
///
/// Entries are in the order of `git ls-tree -r -t`: depth-first, each folder before what it holds,
/// in Git's tree order. Paths are bytes. The same commit and the same options give the same
/// manifest, byte for byte.
///
/// # Digests
///
/// The digest of a file or symlink is the plain BLAKE3 of its bytes, which `b3sum` prints. That of
/// a folder is the plain BLAKE3 of Git's own encoding of the tree, `mode SP name NUL id` for each
/// entry, with the entry's 32-byte digest in place of its id. An entry that has no digest (a
/// submodule, a file that was skipped) stands there with the BLAKE3 of its object id's lowercase
/// hex. A folder's digest covers the entries that the manifest has: what a filter left out is not
/// in it. The digest of the root names the whole.
///
/// # Text form
///
/// As text a manifest is NDJSON, that is one JSON object a line: a header, a record for each entry,
/// a trailer ([`write_ndjson`](Manifest::write_ndjson), [`Reader`]).
///
/// ```json
/// {"manifest":"gitlade/1","source":{"url":…,"ref":…,"commit":…,"tree":…,"object_format":"sha1","subdir":null},"options":{"max_blob":…},"checksum":…}
/// {"path":"src","kind":"folder","mode":"040000","oid":…,"digest":…,"files":1,"bytes":123}
/// {"path":"src/a.rs","kind":"file","mode":"100644","oid":…,"size":123,"digest":…,"content":"text","encoding":"utf-8","eol":"lf","lines":10,"basis":"utf8"}
/// {"path":"logo.png","kind":"file","mode":"100644","oid":…,"size":9,"digest":…,"content":"binary","mime":"image/png","basis":"nul"}
/// {"path":"huge.bin","kind":"file","mode":"100644","oid":…,"size":…,"skipped":"too_large"}
/// {"path":"now","kind":"symlink","mode":"120000","oid":…,"size":3,"digest":…,"target":"src"}
/// {"path":"lib","kind":"submodule","mode":"160000","oid":…,"url":…}
/// {"totals":{"folders":1,…},"skipped":{"too_large":1},"root":…,"complete":true,"checksum":…}
/// ```
///
/// - What is not valid UTF-8 stands in base64 under a key with `_base64` at its end: `path_base64`,
///   `target_base64`, `url_base64`, and `subdir_base64` and `ref_base64` in the header.
/// - Keys that only some files have come last, in this order: `bom`; `git_binary`, where Git's own
///   verdict is another; `working_tree_encoding`; `lfs`, for what has the form of a Git LFS pointer,
///   with `"filter":false` if the path lacks the attribute `filter=lfs`; `flags`; `text`.
/// - `subdir_of` is in the header, last of the source, where the folder `subdir` was imported of a tree
///   rather than of a commit: it is that tree, while `tree` always is that of the folder.
/// - `mime` is there where it is known, `url` is null where `.gitmodules` has none, `size` is absent
///   where it is not known, `target` where it is too long to be kept.
/// - Control characters and marks that reorder text on a screen are escaped.
/// - `checksum` in the header is the BLAKE3 of the header before `,"checksum"`. In the trailer it is
///   the BLAKE3 of all that is between the header's line and the trailer's `,"checksum"`. So it
///   depends on neither URL nor ref, and `tail -n +2 manifest | head -c -80 | b3sum` prints it.
/// - Other keys do not occur, and a reader refuses them: whatever is added gets a new version in
///   `manifest`.
pub struct Manifest {
    header: Header,
    trailer: Trailer,
    root_children: u32,
    paths: Strings,
    rows: Vec<Row>,
    folders: Vec<FolderRow>,
    folder_ids: Ids,
    blobs: Vec<BlobRow>,
    blob_ids: Ids,
    /// Verdicts of single entries that differ from their blob's, by entry.
    apart: Vec<(u32, Packed)>,
    /// What those blobs point to that are LFS pointers.
    lfs: BTreeMap<u32, LfsPointer>,
    /// Names of working-tree encodings.
    encodings: Vec<Box<str>>,
    symlinks: Vec<SymlinkRow>,
    submodules: Vec<SubmoduleRow>,
    skips: Vec<SkipRow>,
    /// Targets of symlinks and URLs of submodules.
    strings: Strings,
}

impl Manifest {
    fn empty(header: Header) -> Self {
        let format = header.object_format();
        Manifest {
            header,
            trailer: Tally::default().trailer(ContentHash::of(b"")),
            root_children: 0,
            paths: Strings::default(),
            rows: Vec::new(),
            folders: Vec::new(),
            folder_ids: Ids::new(format),
            blobs: Vec::new(),
            blob_ids: Ids::new(format),
            apart: Vec::new(),
            lfs: BTreeMap::new(),
            encodings: Vec::new(),
            symlinks: Vec::new(),
            submodules: Vec::new(),
            skips: Vec::new(),
            strings: Strings::default(),
        }
    }

    /// What was imported, and with which options.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The totals, what was skipped, and the root's digest.
    pub fn trailer(&self) -> &Trailer {
        &self.trailer
    }

    /// The digest of the root folder: one name for the whole import.
    pub fn root(&self) -> ContentHash {
        self.trailer.root
    }

    /// Counts over all entries.
    pub fn totals(&self) -> &Totals {
        &self.trailer.totals
    }

    /// What was not read, or left out.
    pub fn skipped(&self) -> &Skipped {
        &self.trailer.skipped
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest")
            .field("header", &self.header)
            .field("trailer", &self.trailer)
            .finish_non_exhaustive()
    }
}
