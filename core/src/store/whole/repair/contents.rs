//! Putting contents right from another form of theirs, or giving them up.

use rusqlite::{Transaction, params};

use super::Work;
use crate::blobs::BlobStore;
use crate::cancel::Cancel;
use crate::content::Encoding;
use crate::error::{Error, ErrorKind};
use crate::id::ContentHash;
use crate::store::Store;
use crate::store::error::db;
use crate::store::texts::{self, Text};
use crate::store::whole::contents::{Stored, decodings, load, look_at};
use crate::store::whole::report::ProblemKind;

/// Puts a content right, or gives it up.
pub(super) fn mend_content(
    store: &Store,
    transaction: &Transaction<'_>,
    id: i64,
    work: &mut Work,
    cancel: &Cancel,
) -> Result<(), Error> {
    let Some(stored) = load(transaction, id)? else {
        return Ok(());
    };
    let mut wrong = look_at(store, &stored, cancel)?.wrong;
    wrong.retain(|(.., object)| object.is_none());
    if wrong.is_empty() {
        return Ok(());
    }
    let Some(digest) = stored.hash() else {
        // No digest, no content. What had it did not add up, and is gone.
        transaction
            .execute("DELETE FROM contents WHERE id = ?1", [id])
            .map_err(db("be repaired"))?;
        return Ok(());
    };
    if wrong
        .iter()
        .any(|(kind, ..)| *kind == ProblemKind::BlobUnreadable)
    {
        work.report.unreadable += 1;
        return Ok(());
    }
    let text = stored
        .text(Encoding::UTF_8.name())
        .filter(|text| ContentHash::of(text) == digest);
    let blob = match store.blobs().get(&digest) {
        Ok(blob) => blob.filter(|blob| ContentHash::of(blob) == digest),
        Err(error) if error.kind() == ErrorKind::CorruptStore => None,
        Err(error) => return Err(error),
    };
    if stored.form != "lost"
        && let Some(content) = blob.as_deref().or(text)
    {
        mend_from(
            store,
            transaction,
            &stored,
            &digest,
            content,
            blob.is_some(),
        )?;
        work.report.healed += 1;
        return Ok(());
    }
    // The file first: a row without it is found again, a lost content with a damaged file is not.
    store.blobs().remove(&digest)?;
    lose(transaction, id).map_err(db("be repaired"))
}

/// Makes all forms of a content from its bytes.
fn mend_from(
    store: &Store,
    transaction: &Transaction<'_>,
    stored: &Stored,
    digest: &ContentHash,
    content: &[u8],
    has_blob: bool,
) -> Result<(), Error> {
    let in_blobs = stored.form != "text" || std::str::from_utf8(content).is_err();
    if in_blobs && !has_blob {
        // What stands there is damaged, and may have the right length.
        store.blobs().remove(digest)?;
        store.blobs().put(digest, content)?;
        store.blobs().sync()?;
    }
    transaction
        .execute("DELETE FROM texts WHERE content_id = ?1", [stored.id])
        .map_err(db("be repaired"))?;
    let mut texts = 0;
    let mut insert = |encoding, text| {
        texts += 1;
        texts::insert(transaction, stored.id, encoding, Text::Whole(text))
    };
    if !in_blobs {
        let text = String::from_utf8_lossy(content).into_owned();
        insert(Encoding::UTF_8, text)?;
    } else {
        for (name, old) in &stored.texts {
            let Some(encoding) = Encoding::from_name(name) else {
                continue;
            };
            let mut right = decodings(content, encoding).collect::<Vec<String>>();
            let same = right.iter().position(|text| text.as_bytes() == &old[..]);
            if !right.is_empty() {
                insert(encoding, right.swap_remove(same.unwrap_or(0)))?;
            }
        }
    }
    let form = match (in_blobs, texts) {
        (false, _) => "text",
        (true, 0) => "blob",
        (true, _) => "both",
    };
    transaction
        .execute(
            "UPDATE contents SET stored = ?2, size = ?3 WHERE id = ?1",
            params![stored.id, form, (content.len() as u64).cast_signed()],
        )
        .map_err(db("be repaired"))?;
    Ok(())
}

/// Gives a content up: nothing is known of it any more but where it was.
fn lose(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM blob_facts WHERE content_id = ?1", [id])?;
    transaction.execute("DELETE FROM texts WHERE content_id = ?1", [id])?;
    transaction.execute("UPDATE contents SET stored = 'lost' WHERE id = ?1", [id])?;
    transaction.execute(
        "DELETE FROM contents WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM files WHERE content_id = ?1)",
        [id],
    )?;
    Ok(())
}
