//! Bytes as a list of changes to the rows of a database.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

/// The tables, and the columns of each.
#[derive(Debug)]
pub(super) struct Tables(Vec<(String, Vec<String>)>);

/// Bytes that are taken from the front; where they end, there are zeros.
pub(super) struct Script<'a>(pub(super) &'a [u8]);

impl<'a> Script<'a> {
    pub(super) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> i64 {
        let mut number = [0; 8];
        let count = usize::from(self.byte() % 9);
        let taken = self.bytes(count);
        number[..taken.len()].copy_from_slice(taken);
        i64::from_le_bytes(number)
    }

    /// A value, of which the one that was there may be a part.
    fn value(&mut self, old: Value) -> Value {
        match self.byte() % 8 {
            0 => Value::Null,
            1 => Value::Integer(self.number()),
            2 => match old {
                Value::Integer(number) => {
                    Value::Integer(number.wrapping_add(i64::from(self.byte().cast_signed())))
                }
                other => other,
            },
            3 => {
                let count = usize::from(self.byte() % 64);
                Value::Text(String::from_utf8_lossy(self.bytes(count)).into_owned())
            }
            4 => {
                let count = usize::from(self.byte() % 64);
                Value::Blob(self.bytes(count).to_vec())
            }
            5 => Value::Real(f64::from_bits(self.number().cast_unsigned())),
            6 => {
                let mut bytes = match old {
                    Value::Text(text) => text.into_bytes(),
                    Value::Blob(bytes) => bytes,
                    _ => Vec::new(),
                };
                let place = usize::from(self.byte());
                let change = self.byte();
                if !bytes.is_empty() {
                    let place = place % bytes.len();
                    bytes[place] ^= change;
                }
                match String::from_utf8(bytes) {
                    Ok(text) => Value::Text(text),
                    Err(error) => Value::Blob(error.into_bytes()),
                }
            }
            _ => {
                let keep = usize::from(self.byte());
                match old {
                    Value::Text(text) => Value::Text(text.chars().take(keep).collect()),
                    Value::Blob(mut bytes) => {
                        bytes.truncate(keep);
                        Value::Blob(bytes)
                    }
                    other => other,
                }
            }
        }
    }
}

impl Tables {
    /// All tables with rows of a store.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let mut tables = Vec::new();
        let names: Vec<String> = connection
            .prepare(
                "SELECT name FROM sqlite_schema
                 WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
            )?
            .query_map((), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for name in names {
            let columns = connection
                .prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?
                .query_map([&name], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            tables.push((name, columns));
        }
        Ok(Tables(tables))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Makes the next change of the script. Returns the table. What the database refuses is left as
    /// it was.
    pub(super) fn change(&self, connection: &Connection, script: &mut Script<'_>) -> usize {
        let table = usize::from(script.byte()) % self.0.len();
        let (name, columns) = &self.0[table];
        let row = i64::from(script.byte());
        let column = script.byte();
        let row_of = format!(
            "rowid = (SELECT rowid FROM {name} ORDER BY rowid
             LIMIT 1 OFFSET ?1 % max(1, (SELECT count(*) FROM {name})))"
        );
        let done = match column {
            0xff => connection
                .prepare_cached(&format!("DELETE FROM {name} WHERE {row_of}"))
                .and_then(|mut delete| delete.execute([row])),
            0xfe => {
                // With another key, since there is one already with its own.
                let key = &columns[0];
                let rest = columns[1..].join(", ");
                connection
                    .prepare_cached(&format!(
                        "INSERT OR IGNORE INTO {name} ({key}, {rest})
                         SELECT ?2, {rest} FROM {name} WHERE {row_of}"
                    ))
                    .and_then(|mut insert| insert.execute(params![row, script.number()]))
            }
            column => {
                let column = &columns[usize::from(column) % columns.len()];
                let old = connection
                    .prepare_cached(&format!("SELECT {column} FROM {name} WHERE {row_of}"))
                    .and_then(|mut select| select.query_row([row], |row| row.get(0)));
                let value = script.value(old.unwrap_or(Value::Null));
                connection
                    .prepare_cached(&format!(
                        "UPDATE OR IGNORE {name} SET {column} = ?2 WHERE {row_of}"
                    ))
                    .and_then(|mut update| update.execute(params![row, value]))
            }
        };
        // A key that has to be a number, for one.
        let _ = done;
        table
    }
}
