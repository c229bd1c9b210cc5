//! One folder, file, symlink or submodule.

use std::hash::{DefaultHasher, Hash, Hasher};

use gitlade::{EntryKind, ErrorKind, FileFacts, Printable};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::bridge::{Reduced, word};
use crate::errors;
use crate::facts::{Lfs, Words};
use crate::manifest::Manifest;
use crate::stream::BlobReader;
use crate::text::to_str;

/// One folder, file, symlink or submodule of a manifest: a small handle, whose attributes are made
/// when they are asked for.
#[pyclass(frozen, module = "gitlade", name = "Entry")]
pub(crate) struct Entry {
    manifest: Py<Manifest>,
    index: usize,
}

impl Entry {
    pub(crate) fn new(manifest: Py<Manifest>, index: usize) -> Self {
        Entry { manifest, index }
    }

    pub(crate) fn get(&self) -> gitlade::Entry<'_> {
        self.manifest
            .get()
            .list()
            .entry(self.index)
            .expect("because an entry is made for a place that the manifest has")
    }

    /// Whether it belongs to this very manifest, and where it stands there.
    pub(crate) fn place_in(&self, manifest: &Py<Manifest>) -> Option<usize> {
        self.manifest.is(manifest).then_some(self.index)
    }

    fn facts(&self) -> Option<FileFacts<'_>> {
        match self.get().kind() {
            EntryKind::File(file) => file.body.read().copied(),
            _ => None,
        }
    }

    fn words(&self) -> Option<Words> {
        Words::of(self.facts()?.content)
    }
}

#[pymethods]
impl Entry {
    /// The path from the root of the import; what is not UTF-8 becomes surrogates, as in os.fsdecode.
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        to_str(py, self.get().path())
    }

    /// The path as it stands in the repository.
    #[getter]
    fn path_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.get().path())
    }

    /// The last name of the path.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        to_str(py, self.get().name())
    }

    /// "folder", "file", "symlink" or "submodule".
    #[getter]
    fn kind<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        match self.get().kind() {
            EntryKind::Folder(_) => intern!(py, "folder"),
            EntryKind::File(_) => intern!(py, "file"),
            EntryKind::Symlink(_) => intern!(py, "symlink"),
            _ => intern!(py, "submodule"),
        }
    }

    /// Whether it is a folder.
    #[getter]
    fn is_folder(&self) -> bool {
        self.get().is_folder()
    }

    /// Whether it is a file.
    #[getter]
    fn is_file(&self) -> bool {
        self.get().is_file()
    }

    /// Whether it is a symlink, which nothing follows.
    #[getter]
    fn is_symlink(&self) -> bool {
        self.get().is_symlink()
    }

    /// Whether it is a submodule, which nothing fetches.
    #[getter]
    fn is_submodule(&self) -> bool {
        self.get().is_submodule()
    }

    /// The mode as it stands in the tree, such as 0o100644.
    #[getter]
    fn mode(&self) -> u32 {
        self.get().mode()
    }

    /// The object in hex: a tree, a blob, or a commit of another repository.
    #[getter]
    fn oid(&self) -> String {
        self.get().id().to_string()
    }

    /// BLAKE3 in hex; None for submodules and what was skipped.
    #[getter]
    fn digest(&self) -> Option<String> {
        self.get().digest().map(|digest| digest.to_string())
    }

    /// Bytes of a file or symlink; None for the others, and where that is not known.
    #[getter]
    fn size(&self) -> Option<u64> {
        self.get().size()
    }

    /// "text" or "binary" for files that were read.
    #[getter]
    fn content(&self) -> Option<&'static str> {
        Some(self.words()?.content)
    }

    /// What a text is encoded in, such as "utf-8".
    #[getter]
    fn encoding(&self) -> Option<&'static str> {
        self.words()?.encoding
    }

    /// The byte order mark at the beginning of a text.
    #[getter]
    fn bom(&self) -> Option<String> {
        self.words()?.bom
    }

    /// How the lines of a text end: "none", "lf", "crlf", "cr" or "mixed".
    #[getter]
    fn eol(&self) -> Option<String> {
        self.words()?.eol
    }

    /// How many lines a text has.
    #[getter]
    fn lines(&self) -> Option<u64> {
        self.words()?.lines
    }

    /// The type that the first bytes of binary content speak for.
    #[getter]
    fn mime(&self) -> Option<&'static str> {
        self.words()?.mime
    }

    /// How the verdict on text or binary was reached: "utf8", "bom", "nul", "attributes" and so on.
    #[getter]
    fn basis(&self) -> Option<String> {
        Some(self.words()?.basis)
    }

    /// Whether Git itself takes a file for binary.
    #[getter]
    fn git_binary(&self) -> Option<bool> {
        Some(self.facts()?.git_binary)
    }

    /// Whether Git would make a file executable.
    #[getter]
    fn executable(&self) -> Option<bool> {
        match self.get().kind() {
            EntryKind::File(file) => Some(file.executable),
            _ => None,
        }
    }

    /// The attribute working-tree-encoding.
    #[getter]
    fn working_tree_encoding(&self) -> Option<&str> {
        match self.get().kind() {
            EntryKind::File(file) => file.body.read()?.working_tree_encoding,
            _ => None,
        }
    }

    /// Set if the content has the form of a Git LFS pointer.
    #[getter]
    fn lfs(&self) -> Option<Lfs> {
        let lfs = self.facts()?.lfs?;
        Some(Lfs::new(lfs.pointer, Some(lfs.filter)))
    }

    /// The path that a symlink points to.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        self.target_of().map(|bytes| to_str(py, bytes)).transpose()
    }

    /// The path that a symlink points to, as it stands in the repository.
    #[getter]
    fn target_bytes<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.target_of().map(|bytes| PyBytes::new(py, bytes))
    }

    /// The URL that .gitmodules gives for a submodule.
    #[getter]
    fn url<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        match self.get().kind() {
            EntryKind::Submodule(found) => found.url.map(|bytes| to_str(py, bytes)).transpose(),
            _ => Ok(None),
        }
    }

    /// Files below a folder at any depth.
    #[getter]
    fn files(&self) -> Option<u64> {
        match self.get().kind() {
            EntryKind::Folder(folder) => Some(folder.files),
            _ => None,
        }
    }

    /// Bytes of what was read below a folder.
    #[getter]
    fn total_bytes(&self) -> Option<u64> {
        match self.get().kind() {
            EntryKind::Folder(folder) => Some(folder.bytes),
            _ => None,
        }
    }

    /// Why the content was not read: "too_large" or "missing"; None if it was.
    #[getter]
    fn skipped(&self) -> Option<&'static str> {
        self.get().kind().skipped().map(gitlade::SkipReason::name)
    }

    /// What is odd about it, such as "case_collision".
    #[getter]
    fn flags<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.get().flags().names().collect::<Vec<_>>())
    }

    /// The folder that it lies in; None for what lies in the root.
    #[getter]
    fn parent(&self, py: Python<'_>) -> Option<Entry> {
        let parent = self.get().parent()?;
        Some(Entry::new(self.manifest.clone_ref(py), parent.index()))
    }

    /// The manifest that it belongs to.
    #[getter]
    fn manifest(&self, py: Python<'_>) -> Py<Manifest> {
        self.manifest.clone_ref(py)
    }

    /// The place in the manifest, from 0.
    #[getter]
    fn index(&self) -> usize {
        self.index
    }

    /// The content of a file, or the target of a symlink, as it is in the repository.
    fn bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let data = self.manifest.get().content()?.data(py, self.get())?;
        Ok(PyBytes::new(py, &data))
    }

    /// The text of a text file, decoded, without a byte order mark. With errors="replace" any file's,
    /// with U+FFFD in place of what is malformed.
    #[pyo3(signature = (*, errors = "strict"))]
    fn text<'py>(&self, py: Python<'py>, errors: &str) -> PyResult<Bound<'py, PyString>> {
        let is_strict = match errors {
            "strict" => true,
            "replace" => false,
            _ => {
                let message = format!("errors is {errors:?}, and may be one of strict, replace");
                return Err(errors::raise(py, ErrorKind::InvalidOptions, &message, None));
            }
        };
        let held = self.manifest.get().content()?;
        let text = held.text(py, self.get(), is_strict)?;
        Ok(PyString::new(py, &text))
    }

    /// A file object over the content: bytes with mode "rb", decoded text with mode "r".
    #[pyo3(signature = (mode = "rb"))]
    fn open<'py>(slf: &Bound<'py, Self>, mode: &str) -> PyResult<Bound<'py, PyAny>> {
        let files = slf.py().import(intern!(slf.py(), "gitlade._files"))?;
        files.call_method1(intern!(slf.py(), "open_entry"), (slf, mode))
    }

    /// The content, to be read from any place; large content is held in a temporary file.
    fn _reader(&self, py: Python<'_>) -> PyResult<BlobReader> {
        self.manifest.get().content()?.reader(py, self.get())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let Ok(other) = other.cast::<Entry>() else {
            return false;
        };
        let other = other.get();
        if self.index == other.index && self.manifest.is(&other.manifest) {
            return true;
        }
        let (own, other) = (self.get(), other.get());
        own.path() == other.path() && own.mode() == other.mode() && own.kind() == other.kind()
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let entry = self.get();
        (entry.path(), entry.mode(), entry.id()).hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        let entry = self.get();
        let mut text = format!(
            "<gitlade.Entry {} '{}'",
            entry.kind().name(),
            Printable(entry.path())
        );
        if let Some(size) = entry.size() {
            text += &format!(" {size} bytes");
        }
        if let Some(facts) = self.facts()
            && let Some(words) = Words::of(facts.content)
        {
            let label = words.encoding.or(words.mime).unwrap_or("");
            text += format!(" {} {label}", words.content).trim_end();
        }
        if let Some(reason) = entry.kind().skipped() {
            text += &format!(" skipped: {}", word(reason));
        }
        text + ">"
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Py<Manifest>, usize)>> {
        let entry = slf.get();
        let manifest = entry.manifest.clone_ref(slf.py());
        let at = manifest.bind(slf.py()).get_type().getattr("_at")?;
        Ok((at, (manifest, entry.index)))
    }
}

impl Entry {
    fn target_of(&self) -> Option<&[u8]> {
        match self.get().kind() {
            EntryKind::Symlink(symlink) => symlink.body.read()?.target,
            _ => None,
        }
    }
}
