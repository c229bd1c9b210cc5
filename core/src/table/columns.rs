//! The columns of a table, filled row by row.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, LargeBinaryBuilder, LargeStringBuilder, ListBuilder,
    StringBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::TableOptions;
use crate::content::Content;
use crate::manifest::{
    Body, Entry, EntryKind, FileFacts, Manifest, SkipReason, basis_name, bom_name, eol_name,
};

/// The names and types of the columns, in order.
///
/// What is a text in the manifest is one here, under the same name. A path, target or URL that is
/// not valid UTF-8 is null there, and whole in the column that ends in `_bytes`.
pub(super) fn schema(manifest: &Manifest, options: &TableOptions) -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let bytes = |name: &str| Field::new(name, DataType::Binary, true);
    let number = |name: &str| Field::new(name, DataType::UInt64, true);
    let flag = |name: &str| Field::new(name, DataType::Boolean, true);
    let required = |field: Field| field.with_nullable(false);
    let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
    let mut fields = vec![
        text("path"),
        required(bytes("path_bytes")),
        required(text("kind")),
        Field::new("mode", DataType::UInt32, false),
        required(text("oid")),
        text("digest"),
        number("size"),
        text("content"),
        text("encoding"),
        text("bom"),
        text("eol"),
        number("lines"),
        text("mime"),
        text("basis"),
        flag("git_binary"),
        flag("executable"),
        text("working_tree_encoding"),
        text("lfs_oid"),
        number("lfs_size"),
        flag("lfs_filter"),
        number("files"),
        number("bytes"),
        text("target"),
        bytes("target_bytes"),
        text("url"),
        bytes("url_bytes"),
        text("skipped"),
        Field::new("flags", DataType::List(item), false),
    ];
    if options.data {
        fields.push(Field::new("data", DataType::LargeBinary, true));
    }
    if options.text {
        fields.push(Field::new("text", DataType::LargeUtf8, true));
    }
    let source = &manifest.header().source;
    let mut metadata = std::collections::HashMap::from([
        ("gitlade.manifest".to_owned(), "gitlade/1".to_owned()),
        ("gitlade.tree".to_owned(), source.tree.to_string()),
        ("gitlade.root".to_owned(), manifest.root().to_string()),
    ]);
    if let Some(commit) = source.commit {
        metadata.insert("gitlade.commit".to_owned(), commit.to_string());
    }
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// Columns of one batch while they grow.
#[derive(Default)]
pub(super) struct Columns {
    path: StringBuilder,
    path_bytes: BinaryBuilder,
    kind: StringBuilder,
    mode: UInt32Builder,
    oid: StringBuilder,
    digest: StringBuilder,
    size: UInt64Builder,
    content: StringBuilder,
    encoding: StringBuilder,
    bom: StringBuilder,
    eol: StringBuilder,
    lines: UInt64Builder,
    mime: StringBuilder,
    basis: StringBuilder,
    git_binary: BooleanBuilder,
    executable: BooleanBuilder,
    working_tree_encoding: StringBuilder,
    lfs_oid: StringBuilder,
    lfs_size: UInt64Builder,
    lfs_filter: BooleanBuilder,
    files: UInt64Builder,
    bytes: UInt64Builder,
    target: StringBuilder,
    target_bytes: BinaryBuilder,
    url: StringBuilder,
    url_bytes: BinaryBuilder,
    skipped: StringBuilder,
    flags: ListBuilder<StringBuilder>,
    data: LargeBinaryBuilder,
    text: LargeStringBuilder,
    rows: usize,
    /// Room for the digits of an id.
    hex: Vec<u8>,
}

impl Columns {
    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row, with its content where the table has that.
    pub(super) fn push(&mut self, entry: Entry<'_>, data: Option<&[u8]>, text: Option<&str>) {
        let kind = entry.kind();
        let (mut file, mut folder, mut target, mut url) = (None, None, None, None);
        let mut executable = None;
        match &kind {
            EntryKind::Folder(found) => folder = Some((found.files, found.bytes)),
            EntryKind::File(found) => {
                executable = Some(found.executable);
                file = found.body.read();
            }
            EntryKind::Symlink(found) => {
                if let Body::Read(facts) = &found.body {
                    target = facts.target;
                }
            }
            EntryKind::Submodule(found) => url = found.url,
        }
        self.path.append_option(as_text(Some(entry.path())));
        self.path_bytes.append_value(entry.path());
        self.kind.append_value(kind.name());
        self.mode.append_value(entry.mode());
        self.oid
            .append_value(hex(&mut self.hex, kind.id().as_bytes()));
        match kind.digest() {
            Some(digest) => self.digest.append_value(hex(&mut self.hex, &digest.0)),
            None => self.digest.append_null(),
        }
        self.size.append_option(kind.size());
        self.push_file(file);
        self.executable.append_option(executable);
        self.files.append_option(folder.map(|(files, _)| files));
        self.bytes.append_option(folder.map(|(_, bytes)| bytes));
        self.target.append_option(as_text(target));
        self.target_bytes.append_option(target);
        self.url.append_option(as_text(url));
        self.url_bytes.append_option(url);
        self.skipped
            .append_option(kind.skipped().map(SkipReason::name));
        for name in entry.flags().names() {
            self.flags.values().append_value(name);
        }
        self.flags.append(true);
        self.data.append_option(data);
        self.text.append_option(text);
        self.rows += 1;
    }

    fn push_file(&mut self, file: Option<&FileFacts<'_>>) {
        let (mut encoding, mut bom, mut eol, mut lines, mut mime) = (None, None, None, None, None);
        let (mut content, mut basis) = (None, None);
        match file.map(|file| file.content) {
            Some(Content::Text {
                encoding: found,
                bom: mark,
                eol: ends,
                lines: count,
                basis: why,
            }) => {
                content = Some("text");
                encoding = Some(found.name());
                bom = mark.map(bom_name);
                eol = Some(eol_name(ends));
                lines = Some(count);
                basis = Some(basis_name(why));
            }
            Some(Content::Binary {
                mime: found,
                basis: why,
            }) => {
                content = Some("binary");
                mime = found;
                basis = Some(basis_name(why));
            }
            None => {}
        }
        self.content.append_option(content);
        self.encoding.append_option(encoding);
        self.bom.append_option(bom);
        self.eol.append_option(eol);
        self.lines.append_option(lines);
        self.mime.append_option(mime);
        self.basis.append_option(basis);
        self.git_binary
            .append_option(file.map(|file| file.git_binary));
        self.working_tree_encoding
            .append_option(file.and_then(|file| file.working_tree_encoding));
        let lfs = file.and_then(|file| file.lfs);
        match lfs {
            Some(lfs) => self
                .lfs_oid
                .append_value(hex(&mut self.hex, &lfs.pointer.oid.0)),
            None => self.lfs_oid.append_null(),
        }
        self.lfs_size.append_option(lfs.map(|lfs| lfs.pointer.size));
        self.lfs_filter.append_option(lfs.map(|lfs| lfs.filter));
    }

    /// The rows so far as a batch; the columns are empty then.
    pub(super) fn finish(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.path.finish()),
            Arc::new(self.path_bytes.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.mode.finish()),
            Arc::new(self.oid.finish()),
            Arc::new(self.digest.finish()),
            Arc::new(self.size.finish()),
            Arc::new(self.content.finish()),
            Arc::new(self.encoding.finish()),
            Arc::new(self.bom.finish()),
            Arc::new(self.eol.finish()),
            Arc::new(self.lines.finish()),
            Arc::new(self.mime.finish()),
            Arc::new(self.basis.finish()),
            Arc::new(self.git_binary.finish()),
            Arc::new(self.executable.finish()),
            Arc::new(self.working_tree_encoding.finish()),
            Arc::new(self.lfs_oid.finish()),
            Arc::new(self.lfs_size.finish()),
            Arc::new(self.lfs_filter.finish()),
            Arc::new(self.files.finish()),
            Arc::new(self.bytes.finish()),
            Arc::new(self.target.finish()),
            Arc::new(self.target_bytes.finish()),
            Arc::new(self.url.finish()),
            Arc::new(self.url_bytes.finish()),
            Arc::new(self.skipped.finish()),
            Arc::new(self.flags.finish()),
        ];
        let (data, text) = (self.data.finish(), self.text.finish());
        if schema.column_with_name("data").is_some() {
            columns.push(Arc::new(data));
        }
        if schema.column_with_name("text").is_some() {
            columns.push(Arc::new(text));
        }
        self.rows = 0;
        RecordBatch::try_new(Arc::clone(schema), columns)
    }
}

fn as_text(bytes: Option<&[u8]>) -> Option<&str> {
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok())
}

fn hex<'a>(room: &'a mut Vec<u8>, bytes: &[u8]) -> &'a str {
    room.clear();
    crate::id::push_hex(room, bytes);
    std::str::from_utf8(room).expect("because hex digits are ASCII")
}
