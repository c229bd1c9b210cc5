//! What the bytes alone did not tell, or what went away while the import ran.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use super::error::db;
use super::keeper::prepare;
use super::queue::Item;
use super::texts::{self, Text};
use super::writer::{Known, Writer, has_content};
use crate::blobs::BlobStore;
use crate::content::{Bom, Content, Encoding, decode, examine};
use crate::error::Error;
use crate::id::{ContentHash, ObjectId};
use crate::import::Import;
use crate::manifest::{Body, Entry, EntryKind, Manifest};

/// Bytes of texts that are gathered for one transaction, and how many.
const MAX_BYTES: usize = 4 << 20;
const MAX_COUNT: usize = 20_000;

/// The form that an entry's content has to have in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    /// Any.
    Kept,
    /// Decoded from this encoding.
    Text(Encoding, Option<Bom>),
    /// A file in the folder of blobs.
    Blob,
}

/// A form of a content that is to be added to the one by its bytes.
struct Extra {
    id: ObjectId,
    digest: ContentHash,
    text: Option<(Encoding, String)>,
}

/// Adds what the manifest needs and the store does not have.
///
/// Those are contents that the attributes of a path say something else of than their bytes, and
/// those that a collection of garbage took away.
pub(super) fn mend(
    store: &Store,
    writer: &mut Writer<'_>,
    import: &Import,
    cancel: &crate::Cancel,
) -> Result<(), Error> {
    let manifest = import.manifest();
    let lacking = store
        .0
        .connections
        .read(|connection| lacking(connection, manifest, writer, store.0.options.max_text))?;
    let mut extras = Vec::new();
    let mut bytes = 0;
    for (index, form) in lacking {
        cancel.check()?;
        let entry = manifest
            .entry(index)
            .expect("because the index is that of an entry");
        let blob = import.blob(entry)?;
        let facts = examine(&blob);
        let id = entry.id();
        if !writer.known().contains_key(&id) {
            let item = prepare(store, id, &facts, &blob, None)?;
            let is_done = gives(&item, form);
            writer.add(item)?;
            if is_done {
                continue;
            }
        }
        let text = match form {
            Form::Kept => continue,
            Form::Blob => None,
            Form::Text(encoding, bom) => {
                let text = decode(&blob, encoding, bom).ok().map(String::from);
                let max = store.0.options.max_text;
                text.filter(|text| text.len() as u64 <= max)
                    .map(|text| (encoding, text))
            }
        };
        store.blobs().put(&facts.digest, &blob)?;
        bytes += text.as_ref().map_or(0, |(_, text)| text.len());
        extras.push(Extra {
            id,
            digest: facts.digest,
            text,
        });
        if bytes >= MAX_BYTES || extras.len() >= MAX_COUNT {
            add(store, writer, std::mem::take(&mut extras))?;
            bytes = 0;
        }
    }
    writer.flush(true)?;
    add(store, writer, extras)
}

/// Whether what is kept by the bytes alone has the form.
fn gives(item: &Item, form: Form) -> bool {
    let Item::Blob {
        facts,
        text,
        in_blobs,
        ..
    } = item
    else {
        return false;
    };
    match form {
        Form::Kept => true,
        Form::Blob => *in_blobs,
        Form::Text(encoding, bom) => {
            text.is_some() && facts.traits.encoding == Some(encoding) && facts.traits.bom == bom
        }
    }
}

/// The entries, one for each content and form, whose content is not there as it has to be.
fn lacking(
    connection: &Connection,
    manifest: &Manifest,
    writer: &Writer<'_>,
    max_text: u64,
) -> Result<Vec<(usize, Form)>, Error> {
    let mut lacking = Vec::new();
    let mut seen = HashSet::new();
    for entry in manifest.entries() {
        let Some(form) = form(entry, max_text) else {
            continue;
        };
        let id = entry.id();
        let known = writer.known().get(&id);
        let has = match (known, form) {
            (None, _) => false,
            (Some(_), Form::Kept) => true,
            (Some(known), Form::Blob) if known.in_blobs => true,
            (Some(known), Form::Text(encoding, _)) if known.encoding == Some(encoding) => true,
            (Some(known), form) if seen.insert((id, form)) => has_form(connection, known, form)?,
            // It was looked at before.
            (Some(_), _) => true,
        };
        if !has && (known.is_some() || seen.insert((id, form))) {
            lacking.push((entry.index(), form));
        }
    }
    Ok(lacking)
}

fn form(entry: Entry<'_>, max_text: u64) -> Option<Form> {
    match entry.kind() {
        EntryKind::File(file) => match file.body {
            Body::Read(facts) => Some(match facts.content {
                Content::Text { encoding, bom, .. } if facts.size <= max_text => {
                    Form::Text(encoding, bom)
                }
                _ => Form::Blob,
            }),
            Body::Skipped { .. } => None,
        },
        EntryKind::Symlink(symlink) => symlink.body.read().map(|_| Form::Kept),
        _ => None,
    }
}

fn has_form(connection: &Connection, known: &Known, form: Form) -> Result<bool, Error> {
    let found: Option<i64> = match form {
        Form::Text(encoding, _) => connection
            .prepare_cached("SELECT 1 FROM texts WHERE content_id = ?1 AND encoding = ?2")
            .and_then(|mut select| {
                select
                    .query_row((known.content, encoding.name()), |row| row.get(0))
                    .optional()
            }),
        _ => connection
            .prepare_cached("SELECT 1 FROM contents WHERE id = ?1 AND stored IN ('blob', 'both')")
            .and_then(|mut select| {
                select
                    .query_row([known.content], |row| row.get(0))
                    .optional()
            }),
    }
    .map_err(db("be read"))?;
    Ok(found.is_some())
}

/// Writes what is added to contents that have rows by then, and whose blobs are there.
fn add(store: &Store, writer: &mut Writer<'_>, extras: Vec<Extra>) -> Result<(), Error> {
    if extras.is_empty() {
        return Ok(());
    }
    writer.flush(true)?;
    store.blobs().sync()?;
    let gone = writer.transact(false, |writer, transaction| {
        let mut gone = Vec::new();
        for extra in extras {
            let Some(known) = writer.known().get(&extra.id).copied() else {
                continue;
            };
            if !store.blobs().contains(&extra.digest)? {
                // A collection of garbage came between, which no row tells.
                gone.push(extra.id);
                continue;
            }
            if !has_content(transaction, known.content, &extra.digest)? {
                // It is gone, which the end of the import finds out.
                continue;
            }
            // A blob without a text stays one: it may have come back just now.
            transaction
                .prepare_cached(
                    "UPDATE contents SET stored = 'both'
                     WHERE id = ?1 AND (stored = 'text' OR stored = 'blob' AND ?2)",
                )
                .and_then(|mut update| update.execute((known.content, extra.text.is_some())))
                .map_err(db("write a content"))?;
            if let Some((encoding, text)) = extra.text {
                texts::insert(transaction, known.content, encoding, Text::Whole(text))?;
            }
        }
        Ok(gone)
    })?;
    // What is not known is missed at the end of the import, and read once more.
    writer.forget(&gone);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::id::ObjectFormat;
    use crate::import::{Control, Options, import_path};
    use crate::source::Source;
    use crate::store::NewImport;

    #[test]
    fn a_blob_that_came_back_is_not_said_to_have_a_text() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let owner = store.claim().unwrap();
        let import = begin(&store, &owner);
        let cancel = Cancel::new();
        let mut writer = Writer::new(&store, import, &cancel);
        let bytes = b"\0\x01\x02";
        let (id, facts) = (ObjectId::null(ObjectFormat::Sha1), examine(bytes));
        let item = prepare(&store, id, &facts, bytes, None).unwrap();
        writer.add(item).unwrap();
        let again = Extra {
            id,
            digest: facts.digest,
            text: None,
        };
        add(&store, &mut writer, vec![again]).unwrap();
        assert_eq!(stored(&store), "blob");
    }

    #[test]
    fn a_blob_that_garbage_collection_took_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let owner = store.claim().unwrap();
        let import = begin(&store, &owner);
        let cancel = Cancel::new();
        let mut writer = Writer::new(&store, import, &cancel);
        let bytes = b"text";
        let (id, facts) = (ObjectId::null(ObjectFormat::Sha1), examine(bytes));
        let item = prepare(&store, id, &facts, bytes, None).unwrap();
        writer.add(item).unwrap();
        let extra = || Extra {
            id,
            digest: facts.digest,
            text: None,
        };
        store.blobs().put(&facts.digest, bytes).unwrap();
        assert!(store.blobs().remove(&facts.digest).unwrap());
        add(&store, &mut writer, vec![extra()]).unwrap();
        assert!(!writer.known().contains_key(&id));
        assert_eq!(stored(&store), "text");

        let item = prepare(&store, id, &facts, bytes, None).unwrap();
        writer.add(item).unwrap();
        store.blobs().put(&facts.digest, bytes).unwrap();
        add(&store, &mut writer, vec![extra()]).unwrap();
        assert!(writer.known().contains_key(&id));
        assert_eq!(stored(&store), "both");
    }

    #[test]
    fn what_is_read_once_more_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("r");
        std::fs::create_dir(&repository).unwrap();
        std::fs::write(repository.join("text"), "text\n").unwrap();
        std::fs::write(repository.join("binary"), b"\0\x01").unwrap();
        crate::store::tests::commit_all(&repository);
        let store = Store::open(folder.path().join("store")).unwrap();
        let owner = store.claim().unwrap();
        let number = begin(&store, &owner);
        let control = Control::new();
        let import = import_path(&repository, &Options::default(), &control).unwrap();
        // Nothing is known of it: a collection of garbage took it away.
        let mut writer = Writer::new(&store, number, &control.cancel);
        mend(&store, &mut writer, &import, &control.cancel).unwrap();
        let found: Vec<(String, i64)> = Connection::open(store.database())
            .unwrap()
            .prepare("SELECT stored, size FROM contents ORDER BY size")
            .unwrap()
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(found, [("blob".to_owned(), 2), ("text".to_owned(), 5)]);
    }

    fn begin(store: &Store, owner: &crate::store::Owner) -> crate::store::ImportId {
        let new = NewImport {
            source: &Source::parse(".").unwrap(),
            options: &Options::default(),
            tenant: "",
            metadata: None,
        };
        store.begin(&new, owner).unwrap()
    }

    fn stored(store: &Store) -> String {
        let select = |connection: &Connection| {
            connection
                .query_row("SELECT stored FROM contents", (), |row| row.get(0))
                .map_err(db("be read"))
        };
        store.0.connections.read(select).unwrap()
    }
}
