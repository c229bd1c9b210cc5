//! Errors of SQLite, fit to be shown.

use std::error::Error;
use std::fmt;

use crate::printable::Printable;

/// The most characters of a message: one about a damaged schema holds a part of it.
const MAX: usize = 500;

/// An error of SQLite, whose message may hold what somebody wrote into the database file: shown
/// without control characters, and not at any length.
#[derive(Debug)]
pub(crate) struct SqliteError(pub(crate) Box<rusqlite::Error>);

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        SqliteError(Box::new(error))
    }
}

impl fmt::Display for SqliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.0.to_string();
        let (end, more) = match message.char_indices().nth(MAX) {
            Some((end, _)) => (end, "…"),
            None => (message.len(), ""),
        };
        write!(f, "{}{more}", Printable(&message.as_bytes()[..end]))
    }
}

impl Error for SqliteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_schema_does_not_reach_a_terminal() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database");
        let connection = rusqlite::Connection::open(&file).unwrap();
        let name = format!("red{}", "x".repeat(2 * MAX));
        connection
            .execute_batch(&format!("CREATE TABLE {name} (a)"))
            .unwrap();
        connection.close().unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        let red = memchr::memmem::find_iter(&bytes, b"red").collect::<Vec<_>>();
        for place in red {
            bytes[place..][..3].copy_from_slice(b"\x1b[2");
        }
        std::fs::write(&file, bytes).unwrap();

        let connection = rusqlite::Connection::open(&file).unwrap();
        let refused = connection.execute_batch("SELECT 1 FROM a").unwrap_err();
        assert!(refused.to_string().contains('\x1b'), "{refused}");
        let shown = SqliteError::from(refused).to_string();
        assert!(shown.contains("\\u{1b}[2"), "{shown}");
        assert!(!shown.chars().any(char::is_control), "{shown}");
        assert!(shown.len() < 2 * MAX, "{shown}");
    }
}
