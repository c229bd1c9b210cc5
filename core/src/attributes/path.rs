//! What the attributes of one path come to.

/// The attributes of a path that an import looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathAttributes {
    /// `text`, and the older `crlf` where `text` is not specified.
    pub(crate) text: TextAttribute,
    pub(crate) diff: DiffAttribute,
    pub(crate) eol: Option<EolAttribute>,
    /// The encoding that the file has in a work tree. In the repository it is UTF-8.
    pub(crate) working_tree_encoding: Option<EncodingName>,
    /// `filter=lfs`.
    pub(crate) lfs: bool,
    /// `linguist-generated`, set or with a value other than `false`.
    pub(crate) generated: bool,
    /// `linguist-vendored`, set or with a value other than `false`.
    pub(crate) vendored: bool,
    /// `export-ignore` is set.
    pub(crate) export_ignore: bool,
}

/// The state of the attribute `text`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TextAttribute {
    /// Not mentioned, taken back with `!text`, or with a value that means nothing to Git.
    #[default]
    Unspecified,
    /// `text`: it is text.
    Set,
    /// `-text`: line ends are left alone.
    Unset,
    /// `text=auto`: the content decides.
    Auto,
}

/// The state of the attribute `diff`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DiffAttribute {
    /// Not mentioned, or taken back with `!diff`.
    #[default]
    Unspecified,
    /// `diff`: Git treats it as text.
    Set,
    /// `-diff`: Git treats it as binary.
    Unset,
    /// `diff=NAME`: a driver that the host may have configured; the content decides.
    Driver,
}

/// The value of the attribute `eol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EolAttribute {
    /// `eol=lf`
    Lf,
    /// `eol=crlf`
    Crlf,
}

/// A value of `working-tree-encoding`, to be looked up in the
/// [`AttributeStack`](super::AttributeStack) that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EncodingName(pub(super) u16);
