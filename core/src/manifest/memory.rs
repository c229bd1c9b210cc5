//! What a manifest costs in memory.

use super::Manifest;
use super::table::{BlobRow, FolderRow, Row, SkipRow, SubmoduleRow, SymlinkRow};
use super::verdict::Packed;
use crate::content::LfsPointer;

impl Manifest {
    /// Bytes of memory that the manifest takes, about 130 for each entry of a common repository
    /// (with paths of 35 bytes).
    pub fn memory_bytes(&self) -> usize {
        let encodings: usize = self.encodings.iter().map(|name| name.len() + 16).sum();
        // Nodes of a B-tree are between half full and full.
        let lfs = self.lfs.len() * (size_of::<(u32, LfsPointer)>()) * 3 / 2;
        size_of::<Self>()
            + self.paths.memory()
            + self.rows.capacity() * size_of::<Row>()
            + self.folders.capacity() * size_of::<FolderRow>()
            + self.folder_ids.memory()
            + self.blobs.capacity() * size_of::<BlobRow>()
            + self.blob_ids.memory()
            + self.apart.capacity() * size_of::<(u32, Packed)>()
            + lfs
            + encodings
            + self.symlinks.capacity() * size_of::<SymlinkRow>()
            + self.submodules.capacity() * size_of::<SubmoduleRow>()
            + self.skips.capacity() * size_of::<SkipRow>()
            + self.strings.memory()
    }

    /// Gives back what was reserved and is not needed.
    pub(super) fn shrink(&mut self) {
        self.paths.shrink();
        self.rows.shrink_to_fit();
        self.folders.shrink_to_fit();
        self.folder_ids.shrink();
        self.blobs.shrink_to_fit();
        self.blob_ids.shrink();
        self.apart.shrink_to_fit();
        self.symlinks.shrink_to_fit();
        self.submodules.shrink_to_fit();
        self.skips.shrink_to_fit();
        self.strings.shrink();
    }
}
