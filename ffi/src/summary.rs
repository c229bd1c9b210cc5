//! What a manifest says about the whole.

use gitlade::{Manifest, ObjectFormat};
use std::mem::MaybeUninit;

use crate::boundary;
use crate::entry::id_bytes;
use crate::error::gitlade_error;
use crate::give;
use crate::manifest::gitlade_manifest;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;

/// What was imported, and with which options that have a say in the result. The texts live as long
/// as the manifest.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_header {
    /// `sizeof(gitlade_header)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The URL without credentials; NULL for a local repository.
    pub url: gitlade_str,
    /// The ref that led to the commit, such as `refs/heads/main`; NULL if an id did.
    pub reference: gitlade_str,
    /// The one imported folder; NULL for all.
    pub subdir: gitlade_str,
    /// The patterns of what is imported, as a list of JSON.
    pub include_json: gitlade_str,
    /// The patterns of what is left out, as a list of JSON.
    pub exclude_json: gitlade_str,
    /// The commit.
    pub commit: [u8; 32],
    /// The tree whose entries these are.
    pub tree: [u8; 32],
    /// Bytes of `commit`; 0 if a tree was imported, or an empty repository.
    pub commit_len: u32,
    /// Bytes of `tree`: 20 for SHA-1, 32 for SHA-256.
    pub tree_len: u32,
    /// Bytes of the largest file that was read.
    pub max_blob: u64,
    /// Whether missing objects were skipped.
    pub allow_missing: bool,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_header {
    const NAME: &'static str = "gitlade_header";
}

/// Counts over all entries.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_totals {
    /// `sizeof(gitlade_totals)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// Folders, without the root.
    pub folders: u64,
    /// Files, the skipped ones included.
    pub files: u64,
    /// Symlinks, the skipped ones included.
    pub symlinks: u64,
    /// Submodules.
    pub submodules: u64,
    /// Bytes of the files and symlinks that were read, each counted as often as a path names it.
    pub bytes: u64,
    /// Files that are text.
    pub text: u64,
    /// Files that are binary.
    pub binary: u64,
    /// Files and symlinks that were skipped as too large.
    pub skipped_too_large: u64,
    /// Files and symlinks that were skipped as missing.
    pub skipped_missing: u64,
    /// Entries that a filter left out, which are not in the manifest.
    pub excluded: u64,
    /// The digest of the root folder: one name for the whole import.
    pub root: [u8; 32],
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_totals {
    const NAME: &'static str = "gitlade_totals";
}

/// Texts that are made for the host, and live as long as the manifest.
pub(crate) struct Texts {
    include: String,
    exclude: String,
}

impl Texts {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let options = &manifest.header().options;
        Texts {
            include: json(&options.include),
            exclude: json(&options.exclude),
        }
    }
}

/// A list of texts in JSON (RFC 8259).
fn json(texts: &[String]) -> String {
    let mut json = String::from("[");
    for (index, text) in texts.iter().enumerate() {
        json.push_str(if index == 0 { "\"" } else { ",\"" });
        for c in text.chars() {
            match c {
                '"' => json.push_str("\\\""),
                '\\' => json.push_str("\\\\"),
                c if c.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => json.push(c),
            }
        }
        json.push('"');
    }
    json.push(']');
    json
}

/// Says what was imported, and with which options.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_header(
    manifest: Option<&gitlade_manifest>,
    out: *mut gitlade_header,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let out = structs::place("out", out)?;
        let header = manifest.shared.header();
        let origin = &header.source;
        let (commit, commit_len) = origin.commit.map_or(([0; 32], 0), |id| id_bytes(&id));
        let (tree, tree_len) = id_bytes(&origin.tree);
        debug_assert_eq!(tree_len == 20, header.object_format() == ObjectFormat::Sha1);
        out.write(&gitlade_header {
            struct_size: size_of::<gitlade_header>(),
            url: gitlade_str::of_option(origin.url.as_ref()),
            reference: gitlade_str::of_option(origin.reference.as_ref()),
            subdir: gitlade_str::of_option(origin.subdir.as_ref()),
            include_json: gitlade_str::of(manifest.texts.include.as_bytes()),
            exclude_json: gitlade_str::of(manifest.texts.exclude.as_bytes()),
            commit,
            tree,
            commit_len,
            tree_len,
            max_blob: header.options.max_blob,
            allow_missing: header.options.allow_missing,
        });
        Ok(())
    })
}

/// Counts over all entries, and the digest of the root.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_totals(
    manifest: Option<&gitlade_manifest>,
    out: *mut gitlade_totals,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let out = structs::place("out", out)?;
        let (totals, skipped) = (manifest.shared.totals(), manifest.shared.skipped());
        out.write(&gitlade_totals {
            struct_size: size_of::<gitlade_totals>(),
            folders: totals.folders,
            files: totals.files,
            symlinks: totals.symlinks,
            submodules: totals.submodules,
            bytes: totals.bytes,
            text: totals.text,
            binary: totals.binary,
            skipped_too_large: skipped.too_large,
            skipped_missing: skipped.missing,
            excluded: skipped.excluded,
            root: manifest.shared.root().0,
        });
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_become_json() {
        let texts = ["a\"b\\".to_owned(), "\u{1}".to_owned()];
        assert_eq!(super::json(&texts), r#"["a\"b\\","\u0001"]"#);
        assert_eq!(super::json(&[]), "[]");
    }
}
