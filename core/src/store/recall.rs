//! Looking up many blobs at once.

use rusqlite::{Connection, Row, params};

use super::error::db;
use super::keeper::RULES;
use super::value::{column, in_order, some_bytes};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::id::ObjectId;

/// Rows that are stepped over before one is searched for: a search costs about as much as these.
const MAX_STEPS: usize = 16;

/// Hands the content and the facts of those of `ids` to `each` that are known, with the position
/// among `ids`.
///
/// Ids are looked up in their order, so that those beside each other in the table cost one step
/// each: the whole table is walked if most of it is asked for.
pub(super) fn blobs(
    connection: &Connection,
    ids: &[ObjectId],
    cancel: &Cancel,
    mut each: impl FnMut(usize, i64, &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let order = order(ids);
    let mut select = connection
        .prepare_cached(
            "SELECT object_id, content_id, facts FROM blob_facts
             WHERE object_id >= ?1 AND rules = ?2 ORDER BY object_id",
        )
        .map_err(db("be read"))?;
    let mut next = 0;
    while next < order.len() {
        cancel.check()?;
        let begin = next;
        let first = ids[order[next] as usize];
        let mut rows = select
            .query(params![first.as_bytes(), RULES])
            .map_err(db("be read"))?;
        let mut steps = 0;
        while let Some(row) = rows.next().map_err(db("be read"))? {
            let found = some_bytes(row, 0)?;
            while next < order.len() && ids[order[next] as usize].as_bytes() < found {
                next += 1;
                steps = 0;
            }
            let Some(&position) = order.get(next) else {
                return Ok(());
            };
            if ids[position as usize].as_bytes() == found {
                tell(row, position as usize, &mut each)?;
                next += 1;
                steps = 0;
                continue;
            }
            steps += 1;
            if steps == MAX_STEPS {
                break;
            }
        }
        if steps < MAX_STEPS {
            // The table has ended.
            return Ok(());
        }
        in_order(&begin, &next)?;
    }
    Ok(())
}

/// The positions of `ids` in the order of the ids.
fn order(ids: &[ObjectId]) -> Vec<u32> {
    // The first bytes nearly always say it, and are cheaper to sort by.
    let mut order: Vec<(u64, u32)> = (0..)
        .zip(ids)
        .map(|(position, id)| {
            let first = id.as_bytes().first_chunk().copied();
            (u64::from_be_bytes(first.unwrap_or_default()), position)
        })
        .collect();
    order.sort_unstable_by(|one, other| {
        let whole = |&(_, position): &(u64, u32)| ids[position as usize];
        one.0
            .cmp(&other.0)
            .then_with(|| whole(one).as_bytes().cmp(whole(other).as_bytes()))
    });
    order.into_iter().map(|(_, position)| position).collect()
}

fn tell(
    row: &Row<'_>,
    position: usize,
    each: &mut impl FnMut(usize, i64, &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    each(position, column(row, 1)?, some_bytes(row, 2)?)
}
