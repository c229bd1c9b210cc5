//! Text or binary for one entry: what its content says, and what the attributes of its path overrule.

use super::facts::{Basis, Bom, Encoding, Eol, Traits};
use crate::attributes::{DiffAttribute, PathAttributes, TextAttribute};

/// Above this size Git takes a file for binary without looking (`core.bigFileThreshold`).
const GIT_BIG_FILE: u64 = 512 << 20;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Text that can be decoded as a whole.
    Text {
        /// What the bytes are encoded in.
        encoding: Encoding,
        /// The byte order mark at its beginning.
        bom: Option<Bom>,
        /// How its lines end.
        eol: Eol,
        /// How many lines it has; a last one without a line end counts.
        lines: u64,
        /// How the verdict was reached.
        basis: Basis,
    },
    /// Anything else.
    Binary {
        /// The type that its first bytes speak for.
        mime: Option<&'static str>,
        /// How the verdict was reached.
        basis: Basis,
    },
}

/// What the attributes say about text and binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Nothing,
    Text,
    Binary,
}

/// Decides for an entry whose blob has `traits`.
///
/// Attributes overrule the content only where they differ from it, and then the basis is
/// [`Basis::Attributes`]. Where a text is declared and the bytes have no encoding, the verdict stays
/// binary until [`guess`](super::guess()) took a second look, see [`needs_guess`].
pub(crate) fn verdict(traits: &Traits, attributes: PathAttributes) -> Content {
    let mime = traits.mime.map(super::Mime::name);
    match (declared(attributes), traits.encoding) {
        (Declared::Binary, Some(_)) => Content::Binary {
            mime,
            basis: Basis::Attributes,
        },
        (_, None) => Content::Binary {
            mime,
            basis: traits.basis,
        },
        (_, Some(encoding)) => Content::Text {
            encoding,
            bom: traits.bom,
            eol: traits.eol,
            lines: traits.lines,
            basis: traits.basis,
        },
    }
}

/// Whether the attributes declare a text, and the bytes alone are none. The verdict then needs the
/// traits that [`guess`](super::guess()) finds in place of these.
pub(crate) fn needs_guess(traits: &Traits, attributes: PathAttributes) -> bool {
    traits.encoding.is_none() && declared(attributes) == Declared::Text
}

/// What `git diff --numstat` says about the file when it is new: true if it shows no line counts.
///
/// That is a NUL in the first 8,000 bytes or a size of more than 512 MiB, unless the attribute
/// `diff` says otherwise.
pub(crate) fn is_binary_to_git(traits: &Traits, size: u64, attributes: PathAttributes) -> bool {
    match attributes.diff {
        DiffAttribute::Set => false,
        DiffAttribute::Unset => true,
        DiffAttribute::Unspecified | DiffAttribute::Driver => {
            size > GIT_BIG_FILE || traits.nul_early
        }
    }
}

/// Words for text outweigh words against it: `text -diff` marks a lock file whose changes nobody
/// wants to see, `-text diff` a patch whose line ends matter, and both are text.
/// `working-tree-encoding` means UTF-8 in the repository, so it is a word for text. A diff driver
/// may be one for binary files, so it leaves the decision to the content.
fn declared(attributes: PathAttributes) -> Declared {
    let PathAttributes { text, diff, .. } = attributes;
    if text == TextAttribute::Set
        || diff == DiffAttribute::Set
        || attributes.working_tree_encoding.is_some()
    {
        return Declared::Text;
    }
    match (text, diff) {
        (_, DiffAttribute::Unset) => Declared::Binary,
        (TextAttribute::Unset, DiffAttribute::Unspecified) => Declared::Binary,
        _ => Declared::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{examine, guess};
    use super::*;

    const TEXT: &[u8] = b"text\n";
    const BINARY: &[u8] = b"\x89PNG\r\n\x1a\n\0";

    fn attributes(text: TextAttribute, diff: DiffAttribute) -> PathAttributes {
        PathAttributes {
            text,
            diff,
            ..PathAttributes::default()
        }
    }

    fn basis_of_text(content: &[u8], attributes: PathAttributes) -> Option<Basis> {
        match verdict(&examine(content).traits, attributes) {
            Content::Text { basis, .. } => Some(basis),
            Content::Binary { .. } => None,
        }
    }

    #[test]
    fn content_decides_where_attributes_are_silent() {
        let silent = PathAttributes::default();
        assert_eq!(basis_of_text(TEXT, silent), Some(Basis::Utf8));
        let binary = verdict(&examine(BINARY).traits, silent);
        let expected = Content::Binary {
            mime: Some("image/png"),
            basis: Basis::Nul,
        };
        assert_eq!(binary, expected);
    }

    #[test]
    fn attributes_make_binary() {
        use DiffAttribute as D;
        use TextAttribute as T;
        for (text, diff) in [
            (T::Unset, D::Unset),
            (T::Unspecified, D::Unset),
            (T::Auto, D::Unset),
            (T::Unset, D::Unspecified),
        ] {
            assert_eq!(
                basis_of_text(TEXT, attributes(text, diff)),
                None,
                "{text:?} {diff:?}"
            );
        }
        for (text, diff) in [
            (T::Set, D::Unset),
            (T::Unset, D::Set),
            (T::Unset, D::Driver),
            (T::Auto, D::Unspecified),
        ] {
            let basis = basis_of_text(TEXT, attributes(text, diff));
            assert_eq!(basis, Some(Basis::Utf8), "{text:?} {diff:?}");
        }
    }

    #[test]
    fn attributes_make_text_after_a_second_look() {
        let declared = attributes(TextAttribute::Set, DiffAttribute::Unspecified);
        let first = examine(BINARY).traits;
        assert!(needs_guess(&first, declared));
        assert!(!needs_guess(&first, PathAttributes::default()));
        let second = guess(BINARY);
        assert!(!needs_guess(&second, declared));
        assert!(matches!(
            verdict(&second, declared),
            Content::Text {
                basis: Basis::Attributes,
                ..
            }
        ));
    }

    #[test]
    fn git_looks_at_size_nul_and_the_attribute_diff() {
        let text = examine(TEXT).traits;
        let silent = PathAttributes::default();
        assert!(!is_binary_to_git(&text, 512 << 20, silent));
        assert!(is_binary_to_git(&text, (512 << 20) + 1, silent));
        let shown = attributes(TextAttribute::Unset, DiffAttribute::Set);
        assert!(!is_binary_to_git(&text, (512 << 20) + 1, shown));
    }
}
