//! Looking up many blobs at once.

use rusqlite::{Connection, Row};

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
    let mut order: Vec<u32> = (0..ids.len() as u32).collect();
    order.sort_unstable_by(|&one, &other| {
        ids[one as usize]
            .as_bytes()
            .cmp(ids[other as usize].as_bytes())
    });
    let mut select = connection
        .prepare_cached(
            "SELECT object_id, content_id, rules, facts FROM blob_facts
             WHERE object_id >= ?1 ORDER BY object_id",
        )
        .map_err(db("be read"))?;
    let mut next = 0;
    while next < order.len() {
        cancel.check()?;
        let begin = next;
        let first = ids[order[next] as usize];
        let mut rows = select.query([first.as_bytes()]).map_err(db("be read"))?;
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

fn tell(
    row: &Row<'_>,
    position: usize,
    each: &mut impl FnMut(usize, i64, &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    if column::<i64>(row, 2)? != RULES {
        return Ok(());
    }
    each(position, column(row, 1)?, some_bytes(row, 3)?)
}
