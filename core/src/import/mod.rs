//! The import: one source in, one ordered manifest out.
//!
//! A feeder gathers the trees and the facts of the blobs ([`feed`]); what it hands over is put
//! together in Git's order ([`assemble`]). Local and remote imports differ in the feeder alone, so
//! the same commit gives the same manifest.

mod assemble;
mod content;
mod feed;
mod form;
mod keep;
mod listing;
mod local;
mod options;
mod plan;
mod remote;
mod text;

use std::io::Read;
use std::path::Path;

use crate::error::Error;
use crate::manifest::{Entry, EntryKind, Manifest};
use crate::progress::Step;
use crate::source::Source;
use content::ContentSource;
use keep::ToSink;

pub use keep::{BlobInfo, BlobSink};
pub(crate) use keep::{Found, Keeper, Peeled};
pub use options::{Control, Options};
pub use text::Blob;

/// A finished import: the manifest, and the content of its files for as long as it lives.
///
/// ```
/// # fn main() -> Result<(), gitlade::Error> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// # if !std::path::Path::new(path).join(".git").exists() { return Ok(()); }
/// let import = gitlade::import_path(path, &gitlade::Options::default(), &gitlade::Control::new())?;
/// for file in import.manifest().files() {
///     println!("{}", gitlade::Printable(file.path()));
/// }
/// let readme = import.manifest().get(b"README.md").expect("this project has one");
/// assert!(import.text(readme)?.contains("gitlade"));
/// # Ok(())
/// # }
/// ```
pub struct Import {
    manifest: Manifest,
    content: ContentSource,
}

/// Imports one commit of `source`, be it a path or a URL.
///
/// A remote is asked for that one commit, and what it sends is taken in while it arrives; only one
/// temporary file without a name is written. The [policy](crate::Policy) in
/// [`Options::remote`] says where connections may go: by default to public addresses by http and
/// https. The URL is the repository's; [`detect()`](crate::detect()) reads those of pages.
///
/// ```no_run
/// use gitlade::{Control, Options, Source};
/// # fn main() -> Result<(), gitlade::Error> {
/// let source = Source::parse("https://github.com/vercel/next.js")?;
/// let import = gitlade::import(&source, &Options::default(), &Control::new())?;
/// println!("{:?}", import.manifest().totals());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As for [`import_path`], and what the network, the server and the policy do not allow.
pub fn import(source: &Source, options: &Options, control: &Control) -> Result<Import, Error> {
    whole(import_kept(source, options, control, None))
}

/// Imports like [`import()`], and hands the content of files and the targets of symlinks to `sink`
/// while it runs.
///
/// # Errors
///
/// As for [`import()`], and those of the sink.
pub fn import_into(
    source: &Source,
    options: &Options,
    control: &Control,
    sink: &dyn BlobSink,
) -> Result<Import, Error> {
    whole(import_kept(source, options, control, Some(&ToSink(sink))))
}

/// Imports the repository at `path`: a work tree, a bare repository, or anything inside of one.
///
/// # Errors
///
/// What is wrong with the path, the revision, the repository or an object in it; a limit that was
/// reached; the cancelled import. After an error nothing is left behind.
pub fn import_path(
    path: impl AsRef<Path>,
    options: &Options,
    control: &Control,
) -> Result<Import, Error> {
    let feed = local::feed(path.as_ref(), options, control, None)?;
    whole(finish(feed, options, control))
}

/// Imports like [`import()`] with a keeper; `None` if that has the whole import already.
pub(crate) fn import_kept(
    source: &Source,
    options: &Options,
    control: &Control,
    keeper: Option<&dyn Keeper>,
) -> Result<Option<Import>, Error> {
    let feed = match source {
        Source::Local(path) => local::feed(path, options, control, keeper)?,
        Source::Remote(url) => {
            let control = &control.within(options.remote.timeouts.total);
            return finish(
                remote::feed(url, options, control, keeper)?,
                options,
                control,
            );
        }
    };
    finish(feed, options, control)
}

fn finish(
    feed: Option<feed::Feed>,
    options: &Options,
    control: &Control,
) -> Result<Option<Import>, Error> {
    let Some(feed) = feed else {
        return Ok(None);
    };
    let (manifest, mut content) = assemble::assemble(feed, options, control)?;
    content.work.rest();
    control.progress.enter(Step::Complete, 0, 0);
    Ok(Some(Import { manifest, content }))
}

/// The import that is always made where no keeper has it already.
fn whole(import: Result<Option<Import>, Error>) -> Result<Import, Error> {
    Ok(import?.expect("because only a keeper that remembers knows imports as a whole"))
}

impl Import {
    /// The ordered list of what was imported.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Lets go of the content and keeps the list.
    pub fn into_manifest(self) -> Manifest {
        self.manifest
    }

    /// The content of a file, or the target of a symlink, as it is in the repository.
    ///
    /// # Errors
    ///
    /// [`PathIsOther`](crate::ErrorKind::PathIsOther) for folders and submodules,
    /// [`ContentSkipped`](crate::ErrorKind::ContentSkipped) for what the import skipped, and what goes wrong
    /// when it is read again.
    pub fn blob(&self, entry: Entry<'_>) -> Result<Blob, Error> {
        match entry.kind() {
            EntryKind::File(file) if file.body.read().is_some() => {}
            EntryKind::Symlink(symlink) if symlink.body.read().is_some() => {}
            EntryKind::File(_) | EntryKind::Symlink(_) => {
                return Err(text::TextError::skipped(entry).into());
            }
            _ => return Err(text::TextError::no_content(entry).into()),
        }
        Ok(Blob::new(self.content.read_blob(entry.id())?))
    }

    /// The content of a file in memory.
    ///
    /// # Errors
    ///
    /// As for [`blob`](Self::blob).
    pub fn bytes(&self, entry: Entry<'_>) -> Result<Vec<u8>, Error> {
        Ok(self.blob(entry)?.to_vec())
    }

    /// The text of a text file: valid UTF-8, decoded from the file's encoding, without a byte order
    /// mark. Nothing is lost on the way.
    ///
    /// # Errors
    ///
    /// [`NotText`](crate::ErrorKind::NotText) for what is no text, and as for [`blob`](Self::blob).
    pub fn text(&self, entry: Entry<'_>) -> Result<String, Error> {
        let encoding = text::encoding_of(entry)?;
        text::decode_whole(entry, &self.blob(entry)?, encoding)
    }

    /// The content of any file as text, come what may: with U+FFFD in place of what is malformed.
    /// The flag says whether anything was replaced. What is no text is read as UTF-8.
    ///
    /// # Errors
    ///
    /// As for [`blob`](Self::blob).
    pub fn text_lossy(&self, entry: Entry<'_>) -> Result<(String, bool), Error> {
        text::decode_lossy(entry, &self.blob(entry)?)
    }

    /// Reads the content of a file piece by piece. Large content is held in a temporary file, not in
    /// memory.
    ///
    /// # Errors
    ///
    /// As for [`blob`](Self::blob).
    pub fn reader(&self, entry: Entry<'_>) -> Result<impl Read + use<>, Error> {
        Ok(std::io::Cursor::new(self.blob(entry)?))
    }

    /// Reads the text of a text file piece by piece, as [`text`](Self::text) gives it.
    ///
    /// # Errors
    ///
    /// As for [`text`](Self::text); what cannot be decoded is an error of the reader.
    pub fn text_reader(&self, entry: Entry<'_>) -> Result<impl Read + use<>, Error> {
        let (encoding, bom) = text::encoding_of(entry)?;
        let blob = std::io::Cursor::new(self.blob(entry)?);
        Ok(crate::content::TextReader::new(blob, encoding, bom))
    }

    /// Writes the manifest as NDJSON: the bytes of [`Manifest::write_ndjson`], made on the threads of
    /// the import.
    ///
    /// # Errors
    ///
    /// Those of `out`, as with [`Manifest::write_ndjson`].
    pub fn write_ndjson(&self, out: impl std::io::Write) -> Result<(), Error> {
        self.manifest
            .write_ndjson_with(out, &*self.content.work.pool()?)
    }

    /// Writes the manifest as NDJSON, with the decoded texts of text files in their records.
    ///
    /// [`write_ndjson`](Self::write_ndjson) writes it without.
    ///
    /// # Errors
    ///
    /// Those of `out`, and those of reading the content again.
    pub fn write_ndjson_with_text(&self, out: impl std::io::Write) -> Result<(), Error> {
        let mut texts = text::Texts::new(&self.manifest, &self.content);
        self.manifest
            .write_ndjson_with_text(out, |entry, sink| texts.write(entry, sink))
    }
}

impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import")
            .field("header", self.manifest.header())
            .field("trailer", self.manifest.trailer())
            .finish_non_exhaustive()
    }
}
