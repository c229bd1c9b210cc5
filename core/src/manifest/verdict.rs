//! Verdicts on files, and their small form in memory.

use crate::content::{Basis, Bom, Content, Encoding, Eol, Mime};

/// What is said of one file under one path, in the light of the path's attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict<'a> {
    pub(crate) content: Content,
    /// Whether Git takes it for binary.
    pub(crate) git_binary: bool,
    /// Whether the path has `filter=lfs`; looked at only where the content is an LFS pointer.
    pub(crate) lfs_filter: bool,
    pub(crate) working_tree_encoding: Option<&'a str>,
}

const TEXT: u8 = 1;
const GIT_BINARY: u8 = 2;
const LFS_FILTER: u8 = 4;
const NO_MIME: u16 = u16::MAX;

/// A [`Verdict`] in 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    lines: u64,
    /// The encoding of a text, the MIME type of a binary.
    label: u16,
    /// Which of the manifest's names of encodings, counted from 1; 0 for none.
    working_tree: u16,
    basis: Basis,
    eol: Eol,
    bom: Option<Bom>,
    bits: u8,
}

impl Packed {
    /// Packs `verdict`, whose working-tree encoding has got the number `working_tree`.
    pub(super) fn new(verdict: &Verdict<'_>, working_tree: u16) -> Self {
        let mut bits = 0;
        if verdict.git_binary {
            bits |= GIT_BINARY;
        }
        if verdict.lfs_filter {
            bits |= LFS_FILTER;
        }
        match verdict.content {
            Content::Text {
                encoding,
                bom,
                eol,
                lines,
                basis,
            } => Packed {
                lines,
                label: u16::from(encoding.0),
                working_tree,
                basis,
                eol,
                bom,
                bits: bits | TEXT,
            },
            Content::Binary { mime, basis } => Packed {
                lines: 0,
                label: mime
                    .and_then(Mime::from_name)
                    .map_or(NO_MIME, |mime| mime.0),
                working_tree,
                basis,
                eol: Eol::None,
                bom: None,
                bits,
            },
        }
    }

    pub(super) fn content(&self) -> Content {
        if self.is_text() {
            return Content::Text {
                encoding: Encoding(
                    u8::try_from(self.label).expect("because it was packed from an encoding"),
                ),
                bom: self.bom,
                eol: self.eol,
                lines: self.lines,
                basis: self.basis,
            };
        }
        Content::Binary {
            mime: (self.label != NO_MIME).then(|| Mime(self.label).name()),
            basis: self.basis,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        self.bits & TEXT != 0
    }

    pub(super) fn git_binary(&self) -> bool {
        self.bits & GIT_BINARY != 0
    }

    pub(super) fn lfs_filter(&self) -> bool {
        self.bits & LFS_FILTER != 0
    }

    /// The place of the working-tree encoding among the manifest's names.
    pub(super) fn working_tree(&self) -> Option<usize> {
        usize::from(self.working_tree).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_small_and_come_back() {
        assert_eq!(size_of::<Packed>(), 16);
        let text = Content::Text {
            encoding: Encoding(1),
            bom: Some(Bom::Utf16Le),
            eol: Eol::Mixed,
            lines: u64::MAX,
            basis: Basis::Bom,
        };
        let binary = |mime| Content::Binary {
            mime,
            basis: Basis::Nul,
        };
        for content in [text, binary(None), binary(Some("image/png"))] {
            for bits in 0..4 {
                let verdict = Verdict {
                    content,
                    git_binary: bits & 1 != 0,
                    lfs_filter: bits & 2 != 0,
                    working_tree_encoding: None,
                };
                let packed = Packed::new(&verdict, 7);
                assert_eq!(packed.content(), content);
                assert_eq!(packed.is_text(), content == text);
                assert_eq!(packed.git_binary(), verdict.git_binary);
                assert_eq!(packed.lfs_filter(), verdict.lfs_filter);
                assert_eq!(packed.working_tree(), Some(6));
            }
        }
    }
}
