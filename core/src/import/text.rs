//! Handing out content: as bytes, and as text.

use std::collections::HashMap;
use std::io::Read;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use crate::content::{Bom, Content, Encoding, TextReader, decode};
use crate::error::{Error, ErrorKind, StageError};
use crate::id::ObjectId;
use crate::import::content::ContentSource;
use crate::manifest::{Body, Entry, EntryKind, Manifest, TextSink};
use crate::pack::Found;
use crate::printable::Printable;
use crate::spill::Buffer;

/// The content of one file, in memory or, if the budget does not suffice, in a temporary file.
#[derive(Debug)]
pub struct Blob(Buffer);

impl Blob {
    pub(super) fn new(buffer: Buffer) -> Self {
        Blob(buffer)
    }
}

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An entry's content cannot be handed out as asked for.
#[derive(Debug, thiserror::Error)]
#[error("\"{}\" {problem}", Printable(path))]
pub(super) struct TextError {
    kind: ErrorKind,
    path: Vec<u8>,
    problem: &'static str,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TextError {
    fn new(kind: ErrorKind, entry: Entry<'_>, problem: &'static str) -> Self {
        TextError {
            kind,
            path: entry.path().to_vec(),
            problem,
            source: None,
        }
    }

    pub(super) fn skipped(entry: Entry<'_>) -> Self {
        Self::new(
            ErrorKind::ContentSkipped,
            entry,
            "was skipped by the import",
        )
    }

    pub(super) fn no_content(entry: Entry<'_>) -> Self {
        Self::new(
            ErrorKind::PathIsOther,
            entry,
            "is no file, and has no content",
        )
    }
}

impl StageError for TextError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }

    fn advice(&self) -> Option<std::borrow::Cow<'static, str>> {
        let advice = match self.kind {
            ErrorKind::NotText => "ask for its bytes instead",
            ErrorKind::ContentSkipped => {
                "raise max_blob, or fetch what is missing, and import again"
            }
            _ => return None,
        };
        Some(advice.into())
    }

    fn path(&self) -> Option<&[u8]> {
        Some(&self.path)
    }
}

/// The encoding of an entry that is a text file.
pub(super) fn encoding_of(entry: Entry<'_>) -> Result<(Encoding, Option<Bom>), Error> {
    match entry.kind() {
        EntryKind::File(file) => match file.body {
            Body::Read(facts) => match facts.content {
                Content::Text { encoding, bom, .. } => Ok((encoding, bom)),
                Content::Binary { .. } => {
                    Err(TextError::new(ErrorKind::NotText, entry, "is no text").into())
                }
            },
            Body::Skipped { .. } => Err(TextError::skipped(entry).into()),
        },
        EntryKind::Symlink(_) => {
            Err(TextError::new(ErrorKind::NotText, entry, "is a symlink, not a text").into())
        }
        _ => Err(TextError::no_content(entry).into()),
    }
}

/// Decodes all of a text.
pub(super) fn decode_whole(
    entry: Entry<'_>,
    bytes: &[u8],
    (encoding, bom): (Encoding, Option<Bom>),
) -> Result<String, Error> {
    match decode(bytes, encoding, bom) {
        Ok(text) => Ok(text.into_owned()),
        Err(error) => Err(undecodable(entry, error.into())),
    }
}

/// Decodes all of a content, and says whether anything was malformed.
pub(super) fn decode_lossy(entry: Entry<'_>, bytes: &[u8]) -> Result<(String, bool), Error> {
    let (encoding, bom) = encoding_of(entry).unwrap_or((Encoding::UTF_8, Bom::of(bytes)));
    let bom = bom.filter(|bom| bom.encoding() == encoding);
    let mut reader = TextReader::lossy(bytes, encoding, bom);
    let mut text = String::new();
    reader
        .read_to_string(&mut text)
        .map_err(|error| undecodable(entry, error.into()))?;
    Ok((text, reader.has_replaced()))
}

fn undecodable(entry: Entry<'_>, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    TextError {
        source: Some(source),
        ..TextError::new(
            ErrorKind::NotText,
            entry,
            "is not valid in the encoding that it was found to have",
        )
    }
    .into()
}

/// Bytes of content that are read ahead while texts are written.
const WINDOW: u64 = 32 << 20;

/// Texts for a manifest that is written: read ahead in parallel, handed out in order.
pub(super) struct Texts<'a> {
    manifest: &'a Manifest,
    content: &'a ContentSource,
    window: HashMap<ObjectId, Vec<u8>>,
    /// Index of the first entry that the window was not filled for.
    next: usize,
}

impl<'a> Texts<'a> {
    pub(super) fn new(manifest: &'a Manifest, content: &'a ContentSource) -> Self {
        Texts {
            manifest,
            content,
            window: HashMap::new(),
            next: 0,
        }
    }

    /// Hands the text of `entry`, which comes after the ones before, to the `sink`.
    pub(super) fn write(&mut self, entry: Entry<'_>, sink: &mut TextSink<'_>) -> Result<(), Error> {
        let encoding = encoding_of(entry)?;
        if entry.index() >= self.next {
            self.fill(entry.index())?;
        }
        if let Some(bytes) = self.window.get(&entry.id()) {
            return sink.push(&decode_whole(entry, bytes, encoding)?);
        }
        let blob = self.content.read_blob(entry.id())?;
        let mut reader = TextReader::new(&blob[..], encoding.0, encoding.1);
        sink.push("")?;
        let mut pending = Vec::new();
        let mut piece = vec![0; 256 << 10];
        loop {
            let read = reader
                .read(&mut piece)
                .map_err(|error| undecodable(entry, error.into()))?;
            if read == 0 {
                return Ok(());
            }
            pending.extend_from_slice(&piece[..read]);
            let valid = match std::str::from_utf8(&pending) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            let rest = pending.split_off(valid);
            let text =
                String::from_utf8(pending).map_err(|error| undecodable(entry, error.into()))?;
            sink.push(&text)?;
            pending = rest;
        }
    }

    /// Reads the texts from entry `first` on, as many as the window holds.
    fn fill(&mut self, first: usize) -> Result<(), Error> {
        self.window.clear();
        let limit = WINDOW.min(self.content.work.buffers.budget().limit() / 4);
        let mut ids = Vec::new();
        let mut bytes = 0;
        self.next = self.manifest.len();
        for index in first..self.manifest.len() {
            let Some(entry) = self.manifest.entry(index) else {
                break;
            };
            let (Ok(_), Some(size)) = (encoding_of(entry), entry.size()) else {
                continue;
            };
            if size > limit / 4 {
                continue;
            }
            bytes += size;
            if bytes > limit {
                self.next = index;
                break;
            }
            ids.push(entry.id());
        }
        ids.sort_unstable();
        ids.dedup();
        let window = Mutex::new(HashMap::with_capacity(ids.len()));
        let keep = |number: usize, found: Found<'_>| {
            if let Found::Whole(_, bytes) = found {
                window
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(ids[number], bytes.to_vec());
            }
            Ok(())
        };
        self.content
            .read(&ids, self.content.limits.max_blob, &keep)?;
        self.window = window.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(())
    }
}
