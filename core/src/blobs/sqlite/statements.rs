//! The tables and the statements on them.

/// The SQL of a store, by the name of its table, which is a plain identifier.
pub(super) struct Statements {
    pub(super) create: String,
    pub(super) find: String,
    pub(super) size: String,
    pub(super) insert: String,
    pub(super) insert_chunk: String,
    pub(super) chunks: String,
    pub(super) chunk: String,
    pub(super) delete: String,
    pub(super) delete_chunks: String,
    pub(super) page: String,
}

impl Statements {
    pub(super) fn new(table: &str) -> Self {
        Statements {
            // An id may be used again once its blob is gone, so readers go by the digest.
            create: format!(
                "CREATE TABLE IF NOT EXISTS {table} (
                    id INTEGER PRIMARY KEY,
                    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
                    size INTEGER NOT NULL CHECK (size >= 0),
                    bytes BLOB
                ) STRICT;
                CREATE TABLE IF NOT EXISTS {table}_chunks (
                    blob INTEGER NOT NULL REFERENCES {table} (id) ON DELETE CASCADE,
                    number INTEGER NOT NULL,
                    bytes BLOB NOT NULL,
                    UNIQUE (blob, number)
                ) STRICT;"
            ),
            find: format!("SELECT id, size, bytes FROM {table} WHERE digest = ?1"),
            size: format!("SELECT id, size FROM {table} WHERE digest = ?1"),
            insert: format!("INSERT INTO {table} (digest, size, bytes) VALUES (?1, ?2, ?3)"),
            insert_chunk: format!(
                "INSERT INTO {table}_chunks (blob, number, bytes) VALUES (?1, ?2, ?3)"
            ),
            chunks: format!("SELECT bytes FROM {table}_chunks WHERE blob = ?1 ORDER BY number"),
            // The length is in the row's header: a chunk of another one is not even read.
            chunk: format!(
                "SELECT chunk.bytes FROM {table} AS whole
                    JOIN {table}_chunks AS chunk ON chunk.blob = whole.id
                    WHERE whole.digest = ?1 AND chunk.number = ?2 AND length(chunk.bytes) = ?3"
            ),
            delete: format!("DELETE FROM {table} WHERE id = ?1"),
            delete_chunks: format!("DELETE FROM {table}_chunks WHERE blob = ?1"),
            page: format!(
                "SELECT digest, size FROM {table} WHERE digest > ?1 ORDER BY digest LIMIT ?2"
            ),
        }
    }

    /// Those that have to make sense to a database whose tables are ours.
    pub(super) fn all(&self) -> [&str; 9] {
        [
            &self.find,
            &self.size,
            &self.insert,
            &self.insert_chunk,
            &self.chunks,
            &self.chunk,
            &self.delete,
            &self.delete_chunks,
            &self.page,
        ]
    }
}

/// Whether `name` can stand in SQL as it is.
pub(super) fn is_identifier(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.len() <= 64
        && name.bytes().next().is_some_and(is_letter)
        && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
        // SQLite keeps these names to itself.
        && !name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
}
