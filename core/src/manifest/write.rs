//! Writing a manifest as NDJSON.

use std::io::Write;

use super::Manifest;
use super::entry::Entry;
use super::error::StreamError;
use super::fields;
use super::header::Header;
use super::json::{self, Object};
use super::kind::{Body, EntryKind};
use super::totals::Trailer;
use super::write_header::{push_header, push_trailer};
use crate::content::Content;
use crate::error::Error;
use crate::id::push_hex;

/// Bytes that are gathered before they are written.
const GATHER: usize = 64 << 10;

/// Bytes of a text that are escaped at once, so that a long one does not have to fit into memory
/// again.
const TEXT_PIECE: usize = 32 << 10;

/// Takes the text of one file, in pieces.
///
/// See [`Manifest::write_ndjson_with_text`].
pub struct TextSink<'a> {
    output: &'a mut dyn Output,
    begun: bool,
}

/// Where records are gathered.
trait Output {
    fn gathered(&mut self) -> &mut Vec<u8>;

    /// Writes what was gathered, if that is much.
    fn relieve(&mut self) -> Result<(), Error>;
}

/// Writes the lines and adds up their checksum.
pub(super) struct Lines<W> {
    out: W,
    gathered: Vec<u8>,
    checksum: blake3::Hasher,
}

impl Manifest {
    /// Writes the manifest as NDJSON; what is written is described at [`Manifest`].
    ///
    /// The bytes depend on the manifest alone. They come in large pieces, so `out` needs no buffer.
    ///
    /// # Errors
    ///
    /// Those of `out`, by their [kind](crate::ErrorKind): a full disk, denied access, others.
    pub fn write_ndjson(&self, out: impl Write) -> Result<(), Error> {
        self.write(
            out,
            None::<fn(Entry<'_>, &mut TextSink<'_>) -> Result<(), Error>>,
        )
    }

    /// Writes the manifest as NDJSON, with the texts of its text files under the key `text`.
    ///
    /// `text` is called for each file that is text, in order, and hands the decoded text to the
    /// sink; if it hands over nothing, not even an empty piece, the record has no `text`.
    ///
    /// # Errors
    ///
    /// Those of `out`, as with [`write_ndjson`](Self::write_ndjson), and those of `text`.
    pub fn write_ndjson_with_text<F>(&self, out: impl Write, text: F) -> Result<(), Error>
    where
        F: FnMut(Entry<'_>, &mut TextSink<'_>) -> Result<(), Error>,
    {
        self.write(out, Some(text))
    }

    fn write<F>(&self, out: impl Write, mut text: Option<F>) -> Result<(), Error>
    where
        F: FnMut(Entry<'_>, &mut TextSink<'_>) -> Result<(), Error>,
    {
        let mut lines = Lines::begin(out, &self.header, text.is_some())?;
        for entry in self.entries() {
            let kind = push_entry(&mut lines.gathered, entry);
            if let Some(text) = &mut text
                && is_text(&kind)
            {
                let mut sink = TextSink {
                    output: &mut lines,
                    begun: false,
                };
                text(entry, &mut sink)?;
                if sink.begun {
                    lines.gathered.push(b'"');
                }
            }
            lines.gathered.extend_from_slice(b"}\n");
            lines.relieve()?;
        }
        lines.finish(&self.trailer)
    }
}

/// Appends an entry's record up to what may follow, the closing brace at least.
pub(super) fn push_entry<'a>(out: &mut Vec<u8>, entry: Entry<'a>) -> EntryKind<'a> {
    let kind = entry.kind();
    let mut object = Object::begin(out);
    let Ok(()) = fields::describe(
        &mut object,
        entry.path(),
        entry.mode(),
        entry.flags(),
        &kind,
    );
    kind
}

fn is_text(kind: &EntryKind<'_>) -> bool {
    let EntryKind::File(file) = kind else {
        return false;
    };
    matches!(&file.body, Body::Read(facts) if matches!(facts.content, Content::Text { .. }))
}

impl TextSink<'_> {
    /// Takes the next piece of the text.
    ///
    /// # Errors
    ///
    /// Those of the stream that the manifest is written to.
    pub fn push(&mut self, piece: &str) -> Result<(), Error> {
        if !self.begun {
            self.begun = true;
            self.output.gathered().extend_from_slice(b",\"text\":\"");
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let mut end = rest.len().min(TEXT_PIECE);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let (first, others) = rest.split_at(end);
            json::push_escaped(self.output.gathered(), first);
            self.output.relieve()?;
            rest = others;
        }
        Ok(())
    }
}

impl std::fmt::Debug for TextSink<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextSink").finish_non_exhaustive()
    }
}

impl<W: Write> Lines<W> {
    /// Begins with the header.
    pub(super) fn begin(out: W, header: &Header, text: bool) -> Result<Self, Error> {
        let mut lines = Lines {
            out,
            gathered: Vec::with_capacity(GATHER + (4 << 10)),
            checksum: blake3::Hasher::new(),
        };
        push_header(&mut lines.gathered, header, text);
        lines.end_checked_line()?;
        Ok(lines)
    }

    /// Writes records that were gathered elsewhere.
    pub(super) fn write_records(&mut self, records: &[u8]) -> Result<(), Error> {
        self.checksum.update(records);
        self.out.write_all(records).map_err(StreamError::write)?;
        Ok(())
    }

    /// Ends with the trailer.
    pub(super) fn finish(mut self, trailer: &Trailer) -> Result<(), Error> {
        push_trailer(&mut self.gathered, trailer);
        self.end_checked_line()?;
        self.out.flush().map_err(StreamError::write)?;
        Ok(())
    }

    fn write(&mut self) -> Result<(), Error> {
        self.out
            .write_all(&self.gathered)
            .map_err(StreamError::write)?;
        self.gathered.clear();
        Ok(())
    }

    /// Ends a header or trailer, which has no closing brace yet, with the checksum of all lines
    /// since the last checksum.
    fn end_checked_line(&mut self) -> Result<(), Error> {
        let checksum = self.checksum.update(&self.gathered).finalize();
        self.checksum.reset();
        self.gathered.extend_from_slice(b",\"checksum\":\"");
        push_hex(&mut self.gathered, checksum.as_bytes());
        self.gathered.extend_from_slice(b"\"}\n");
        self.write()
    }
}

impl<W: Write> Output for Lines<W> {
    fn gathered(&mut self) -> &mut Vec<u8> {
        &mut self.gathered
    }

    fn relieve(&mut self) -> Result<(), Error> {
        if self.gathered.len() >= GATHER {
            self.checksum.update(&self.gathered);
            self.write()?;
        }
        Ok(())
    }
}
