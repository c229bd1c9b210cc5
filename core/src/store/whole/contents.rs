//! Computing the digests of all contents again, and what is remembered of them.

use std::io::Read;
use std::sync::Mutex;

use rusqlite::Connection;

use super::check::{About, Findings};
use super::places;
use super::report::{CheckOptions, ProblemKind};
use crate::blobs::BlobStore;
use crate::cancel::Cancel;
use crate::content::{BlobFacts, Bom, Encoding, Examiner, decode, examine};
use crate::error::{Error, ErrorKind};
use crate::id::{ContentHash, ObjectFormat, ObjectId};
use crate::import::Control;
use crate::object::ObjectHasher;
use crate::pack::Kind;
use crate::progress::Step;
use crate::store::Store;
use crate::store::connection::lock;
use crate::store::error::db;
use crate::store::facts;
use crate::store::keeper::RULES;
use crate::store::registry::whole_message;
use crate::store::value::{column, in_order, some_bytes};

/// Contents that a thread takes at once.
const BATCH: i64 = 64;

/// Bytes that are read at once.
const PIECE: usize = 128 << 10;

/// A row of `contents` with all that belongs to it.
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) digest: Vec<u8>,
    pub(super) size: i64,
    /// 'text', 'blob', 'both', or 'lost'.
    pub(super) form: String,
    /// Encodings and bytes.
    pub(super) texts: Vec<(String, Vec<u8>)>,
    /// Object ids, and what is remembered of them.
    facts: Vec<(Vec<u8>, i64, Vec<u8>)>,
}

impl Stored {
    pub(super) fn hash(&self) -> Option<ContentHash> {
        Some(ContentHash(self.digest.as_slice().try_into().ok()?))
    }

    pub(super) fn text(&self, encoding: &str) -> Option<&[u8]> {
        let (_, text) = self.texts.iter().find(|(name, _)| name == encoding)?;
        Some(text)
    }
}

/// What is wrong with a content: a kind, words, and the object id if it is about one.
pub(super) type Wrong = (ProblemKind, String, Option<Vec<u8>>);

/// What was looked at, and what is wrong with it.
#[derive(Default)]
pub(super) struct Seen {
    bytes: u64,
    texts: u64,
    facts: u64,
    lost: bool,
    pub(super) wrong: Vec<Wrong>,
}

/// Checks all contents with several threads.
pub(super) fn check(
    store: &Store,
    options: &CheckOptions,
    control: &Control,
    findings: &mut Findings,
) -> Result<(), Error> {
    let (count, bytes) = store.0.connections.read(totals)?;
    control.progress.enter(Step::Reading, count, bytes);
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let after = Mutex::new(i64::MIN);
    let findings = Mutex::new(findings);
    std::thread::scope(|scope| {
        let work = || run(store, control, &after, &findings);
        let more: Vec<_> = (1..threads)
            .map_while(|_| {
                // Fewer threads take longer, and that is all.
                std::thread::Builder::new()
                    .name("gitlade-check".to_owned())
                    .spawn_scoped(scope, work)
                    .ok()
            })
            .collect();
        let mut result = work();
        for thread in more {
            let other = match thread.join() {
                Ok(other) => other,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            result = result.and(other);
        }
        result
    })
}

fn totals(connection: &Connection) -> Result<(u64, u64), Error> {
    connection
        .query_row("SELECT count(*), total(size) FROM contents", (), |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, f64>(1)?))
        })
        .map(|(count, bytes)| (count, bytes.max(0.0) as u64))
        .map_err(db("be read"))
}

fn run(
    store: &Store,
    control: &Control,
    after: &Mutex<i64>,
    findings: &Mutex<&mut Findings>,
) -> Result<(), Error> {
    loop {
        let ids = {
            let mut after = lock(after);
            let ids = store
                .0
                .connections
                .read(|connection| next(connection, *after))?;
            match ids.last() {
                Some(last) => {
                    in_order(&*after, last)?;
                    *after = *last;
                }
                None => return Ok(()),
            }
            ids
        };
        for id in ids {
            control.cancel.check()?;
            one(store, id, control, findings)?;
        }
    }
}

fn next(connection: &Connection, after: i64) -> Result<Vec<i64>, Error> {
    connection
        .prepare_cached("SELECT id FROM contents WHERE id > ?1 ORDER BY id LIMIT ?2")
        .and_then(|mut select| {
            select
                .query_map([after, BATCH], |row| row.get(0))?
                .collect()
        })
        .map_err(db("be read"))
}

fn one(
    store: &Store,
    id: i64,
    control: &Control,
    findings: &Mutex<&mut Findings>,
) -> Result<(), Error> {
    let look = || -> Result<Option<(Stored, Seen)>, Error> {
        let Some(stored) = store
            .0
            .connections
            .read(|connection| load(connection, id))?
        else {
            return Ok(None);
        };
        let seen = look_at(store, &stored, &control.cancel)?;
        Ok(Some((stored, seen)))
    };
    let Some((mut stored, mut seen)) = look()? else {
        return Ok(());
    };
    if !seen.wrong.is_empty() {
        // Another process may have changed the row while its file was read.
        let Some(again) = look()? else {
            return Ok(());
        };
        (stored, seen) = again;
    }
    control.progress.object_done(seen.bytes);
    let mut findings = lock(findings);
    let report = &mut findings.report;
    report.contents += 1;
    report.bytes += seen.bytes;
    report.texts += seen.texts;
    report.facts += seen.facts;
    report.lost += u64::from(seen.lost);
    for (kind, detail, object) in seen.wrong {
        match &object {
            Some(object) => findings.facts.push(object.clone()),
            None => drop(findings.contents.insert(id)),
        }
        let mut about = About {
            digest: stored.hash(),
            object: object.and_then(|object| ObjectId::from_bytes(&object)),
            ..About::default()
        };
        if findings.has_room() {
            let max = findings.max_places;
            let found = store
                .0
                .connections
                .read(|connection| places::of_content(connection, id, max));
            (about.places, about.places_total) = match found {
                // Where the index is damaged, the problem itself is still worth telling.
                Err(error) if error.kind() == ErrorKind::CorruptStore => Default::default(),
                found => found?,
            };
        }
        findings.add(kind, &detail, about);
    }
    Ok(())
}

/// The row with all that belongs to it; `None` if it is gone.
pub(super) fn load(connection: &Connection, id: i64) -> Result<Option<Stored>, Error> {
    let mut select = connection
        .prepare_cached("SELECT digest, size, stored FROM contents WHERE id = ?1")
        .map_err(db("be read"))?;
    let mut rows = select.query([id]).map_err(db("be read"))?;
    let Some(row) = rows.next().map_err(db("be read"))? else {
        return Ok(None);
    };
    let mut stored = Stored {
        id,
        digest: some_bytes(row, 0)?.to_vec(),
        size: column(row, 1)?,
        form: String::from_utf8_lossy(some_bytes(row, 2)?).into_owned(),
        texts: Vec::new(),
        facts: Vec::new(),
    };
    let mut select = connection
        .prepare_cached("SELECT encoding, text FROM texts WHERE content_id = ?1")
        .map_err(db("be read"))?;
    let mut rows = select.query([id]).map_err(db("be read"))?;
    while let Some(row) = rows.next().map_err(db("be read"))? {
        let encoding = String::from_utf8_lossy(some_bytes(row, 0)?).into_owned();
        stored.texts.push((encoding, some_bytes(row, 1)?.to_vec()));
    }
    let mut select = connection
        .prepare_cached("SELECT object_id, rules, facts FROM blob_facts WHERE content_id = ?1")
        .map_err(db("be read"))?;
    let mut rows = select.query([id]).map_err(db("be read"))?;
    while let Some(row) = rows.next().map_err(db("be read"))? {
        let facts = some_bytes(row, 2)?.to_vec();
        let object = some_bytes(row, 0)?.to_vec();
        stored.facts.push((object, column(row, 1)?, facts));
    }
    Ok(Some(stored))
}

/// Looks whether a content is what its row says.
pub(super) fn look_at(store: &Store, stored: &Stored, cancel: &Cancel) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    let mut wrong = |kind, detail: &str| seen.wrong.push((kind, detail.to_owned(), None));
    let Some(digest) = stored.hash() else {
        wrong(
            ProblemKind::Content,
            "its digest has another length than 32 bytes",
        );
        return Ok(seen);
    };
    let known = match stored.form.as_str() {
        "lost" => {
            seen.lost = true;
            if !stored.texts.is_empty() || !stored.facts.is_empty() {
                let detail = "it is lost, and yet something is known of it";
                seen.wrong
                    .push((ProblemKind::Content, detail.to_owned(), None));
            }
            return Ok(seen);
        }
        "text" => match stored.text(Encoding::UTF_8.name()) {
            Some(text) => Some((examine(text), ids_of(stored, text), None)),
            None => {
                wrong(ProblemKind::TextMissing, "its text is not there");
                None
            }
        },
        "blob" | "both" => match read(store, &digest, stored, cancel) {
            Ok(Some(whole)) => Some(whole),
            Ok(None) => {
                wrong(ProblemKind::BlobMissing, "its file is not there");
                None
            }
            Err(error) => match error.kind() {
                ErrorKind::Cancelled => return Err(error),
                ErrorKind::CorruptStore => {
                    wrong(ProblemKind::BlobDamaged, &whole_message(&error));
                    None
                }
                _ => {
                    wrong(ProblemKind::BlobUnreadable, &whole_message(&error));
                    None
                }
            },
        },
        _ => {
            wrong(ProblemKind::Content, "where it is stored makes no sense");
            None
        }
    };
    let Some((actual, ids, bytes)) = known else {
        return Ok(seen);
    };
    seen.bytes = actual.size;
    if actual.digest != digest {
        let (kind, what) = match stored.form.as_str() {
            "text" => (ProblemKind::TextDamaged, "text"),
            _ => (ProblemKind::BlobDamaged, "file"),
        };
        let detail = format!("its {what} has the digest {}", actual.digest);
        seen.wrong.push((kind, detail, None));
        return Ok(seen);
    }
    if stored.size.cast_unsigned() != actual.size {
        let detail = format!(
            "it has {} bytes, and its row says another size",
            actual.size
        );
        seen.wrong.push((ProblemKind::Content, detail, None));
    }
    look_at_texts(stored, bytes.as_deref(), &mut seen);
    look_at_facts(stored, &actual, &ids, &mut seen);
    Ok(seen)
}

/// The facts of a content, its ids as a blob, and its bytes if texts have to be compared with them.
type Whole = (BlobFacts, Vec<Option<ObjectId>>, Option<Vec<u8>>);

/// The formats of the ids that are remembered of a content.
fn formats(stored: &Stored) -> Vec<ObjectFormat> {
    let formats = stored.facts.iter().filter_map(|(object, ..)| {
        let id = ObjectId::from_bytes(object)?;
        Some(id.format())
    });
    let mut formats: Vec<ObjectFormat> = formats.collect();
    formats.sort_unstable();
    formats.dedup();
    formats
}

fn ids_of(stored: &Stored, bytes: &[u8]) -> Vec<Option<ObjectId>> {
    let id = |format| crate::object::object_id(format, Kind::Blob, bytes).ok();
    formats(stored).into_iter().map(id).collect()
}

fn read(
    store: &Store,
    digest: &ContentHash,
    stored: &Stored,
    cancel: &Cancel,
) -> Result<Option<Whole>, Error> {
    let Some(size) = store.blobs().size(digest)? else {
        return Ok(None);
    };
    let Some(mut reader) = store.blobs().reader(digest)? else {
        return Ok(None);
    };
    let mut examiner = Examiner::new();
    let mut hashers: Vec<ObjectHasher> = formats(stored)
        .into_iter()
        .map(|format| ObjectHasher::new(format, Kind::Blob, size))
        .collect();
    let mut bytes = (!stored.texts.is_empty()).then(Vec::new);
    let mut piece = vec![0; PIECE];
    loop {
        cancel.check()?;
        let read = match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => &piece[..read],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Error::from_io(error).unwrap_or_else(|error| {
                    crate::error::FileError::new("read a blob in", store.folder(), error).into()
                }));
            }
        };
        examiner.update(read);
        for hasher in &mut hashers {
            hasher.update(read);
        }
        if let Some(bytes) = &mut bytes {
            bytes.extend_from_slice(read);
        }
    }
    let ids = hashers.into_iter().map(|hasher| hasher.finish().ok());
    Ok(Some((examiner.finish(), ids.collect(), bytes)))
}

/// What a content decodes to; a byte order mark may be part of the encoding or of the text.
pub(super) fn decodings(bytes: &[u8], encoding: Encoding) -> impl Iterator<Item = String> + '_ {
    let mark = Bom::of(bytes);
    let some = mark.map(|_| mark);
    some.into_iter()
        .chain([None])
        .filter_map(move |bom| Some(decode(bytes, encoding, bom).ok()?.into_owned()))
}

fn look_at_texts(stored: &Stored, bytes: Option<&[u8]>, seen: &mut Seen) {
    if stored.form == "text" {
        // It was the content itself.
        seen.texts += 1;
        if stored.texts.len() > 1 {
            let detail = "it has a text that its bytes are not kept for";
            seen.wrong
                .push((ProblemKind::Content, detail.to_owned(), None));
        }
        return;
    }
    if stored.form == "both" && stored.texts.is_empty() {
        let detail = "none of its texts is there";
        seen.wrong
            .push((ProblemKind::TextMissing, detail.to_owned(), None));
    }
    if stored.form == "blob" && !stored.texts.is_empty() {
        let detail = "it has a text that its row does not speak of";
        seen.wrong
            .push((ProblemKind::Content, detail.to_owned(), None));
    }
    for (name, text) in &stored.texts {
        seen.texts += 1;
        let is_right = Encoding::from_name(name).is_some_and(|encoding| {
            bytes.is_some_and(|bytes| {
                decodings(bytes, encoding).any(|right| right.as_bytes() == &text[..])
            })
        });
        if !is_right {
            let detail = format!("it does not decode from {name:?} to the text that is there");
            seen.wrong.push((ProblemKind::TextDamaged, detail, None));
        }
    }
}

fn look_at_facts(stored: &Stored, actual: &BlobFacts, ids: &[Option<ObjectId>], seen: &mut Seen) {
    for (object, rules, bytes) in &stored.facts {
        seen.facts += 1;
        let mut wrong = |detail: &str| {
            let object = Some(object.clone());
            seen.wrong
                .push((ProblemKind::Facts, detail.to_owned(), object));
        };
        let id = ObjectId::from_bytes(object);
        if id.is_none() || !ids.contains(&id) {
            wrong("the id is not that of the content");
            continue;
        }
        // Those of other rules are not believed, whatever they say.
        if *rules != RULES {
            continue;
        }
        match facts::decode(bytes) {
            Ok((facts, has_text)) => {
                let encoding = facts.traits.encoding.map(Encoding::name);
                if facts != *actual || facts::encode(&facts, has_text) != *bytes {
                    wrong("what is remembered of it is not what its bytes say");
                } else if has_text && encoding.and_then(|name| stored.text(name)).is_none() {
                    wrong("its text is remembered, and not there");
                }
            }
            Err(_) => wrong("what is remembered of it makes no sense"),
        }
    }
}
