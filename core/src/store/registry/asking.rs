//! What is asked for: written down, asked for again, read.

use rusqlite::params;

use super::{
    FIRST_ATTEMPT, ImportId, NewImport, Owner, Status, StoredRequest, drop_unused_snapshot, ended,
    key, log,
};
use crate::error::Error;
use crate::import::Options;
use crate::source::Source;
use crate::store::Store;
use crate::store::error::{StoreError, db};
use crate::store::value::{column, now, path_bytes, path_of, some_bytes, text_or_blob};

impl Store {
    /// Writes down an import that waits for its turn.
    pub(crate) fn begin(&self, new: &NewImport<'_>, owner: &Owner) -> Result<ImportId, Error> {
        self.0.connections.write(false, |transaction| {
            let (source, remote) = shown(new.source);
            let now = now();
            transaction
                .prepare_cached(
                    "INSERT INTO imports (tenant, metadata, source, remote, owner, repository,
                         revision, subdir, options, status, attempt, engine, created_at, updated_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?12, ?10, ?11, ?11)",
                )
                .and_then(|mut insert| {
                    insert.insert(params![
                        new.tenant,
                        new.metadata,
                        text_or_blob(&source),
                        remote,
                        new.source.owner(),
                        new.source.repository(),
                        new.options.revision,
                        new.options.subdir.as_deref().map(text_or_blob),
                        options_json(new.options),
                        owner.name(),
                        now,
                        FIRST_ATTEMPT
                    ])
                })
                .map_err(db("write down an import"))?;
            let id = ImportId(transaction.last_insert_rowid().cast_unsigned());
            log(transaction, id, Status::Queued.name(), "")?;
            Ok(id)
        })
    }

    /// Puts an import that has ended back into the queue, with what is asked for now, and says the
    /// number of the attempt.
    ///
    /// # Errors
    ///
    /// `ImportNotFound`, and `Busy` if it has not ended.
    pub(crate) fn begin_again(
        &self,
        id: ImportId,
        new: &NewImport<'_>,
        owner: &Owner,
    ) -> Result<u32, Error> {
        self.0.connections.write(false, |transaction| {
            ended(transaction, id)?;
            let (source, remote) = shown(new.source);
            let old: Option<i64> = transaction
                .query_row(
                    "SELECT snapshot_id FROM imports WHERE id = ?1",
                    [key(id)],
                    |row| row.get(0),
                )
                .map_err(db("restart an import"))?;
            let attempt = transaction
                .query_row(
                    "UPDATE imports SET tenant = ?2, metadata = ?3, source = ?4, remote = ?5,
                         owner = ?6, repository = ?7, revision = ?8, subdir = ?9, options = ?10,
                         status = 'queued', attempt = attempt + 1, engine = ?11,
                         cancel_requested = 0, step = NULL, percent = NULL, objects = 0,
                         objects_total = 0, bytes_done = 0, bytes_total = 0, received_bytes = 0,
                         files_found = 0, message = NULL, reference = NULL, commit_id = NULL,
                         snapshot_id = NULL, failed_step = NULL, error_kind = NULL,
                         error_message = NULL, error_advice = NULL, started_at = NULL,
                         updated_at = ?12, ended_at = NULL, seal = NULL
                     WHERE id = ?1 RETURNING attempt",
                    params![
                        key(id),
                        new.tenant,
                        new.metadata,
                        text_or_blob(&source),
                        remote,
                        new.source.owner(),
                        new.source.repository(),
                        new.options.revision,
                        new.options.subdir.as_deref().map(text_or_blob),
                        options_json(new.options),
                        owner.name(),
                        now()
                    ],
                    |row| row.get(0),
                )
                .map_err(db("restart an import"))?;
            if let Some(snapshot) = old {
                drop_unused_snapshot(transaction, snapshot)?;
            }
            log(transaction, id, Status::Queued.name(), "again")?;
            Ok(attempt)
        })
    }

    /// The options that an import was asked for with, but for how a server is reached: of
    /// [`Options::remote`] only the depth is kept.
    ///
    /// # Errors
    ///
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), and those of the database.
    pub fn import_options(&self, id: ImportId) -> Result<Options, Error> {
        Ok(self.request(id)?.options)
    }

    /// What an import was asked for with, but for credentials.
    pub(crate) fn request(&self, id: ImportId) -> Result<StoredRequest, Error> {
        self.0.connections.read(|connection| {
            let mut select = connection
                .prepare_cached("SELECT source, remote, options FROM imports WHERE id = ?1")
                .map_err(db("be read"))?;
            let mut rows = select.query([key(id)]).map_err(db("be read"))?;
            let row = rows.next().map_err(db("be read"))?;
            let row = row.ok_or(StoreError::NoImport(id))?;
            let source = some_bytes(row, 0)?;
            let source = if column(row, 1)? {
                Source::parse(source)?
            } else {
                Source::Local(path_of(source))
            };
            let options: String = column(row, 2)?;
            let options = serde_json::from_str(&options)
                .map_err(|_| StoreError::Nonsense("the options of an import"))?;
            Ok(StoredRequest { source, options })
        })
    }
}

fn options_json(options: &Options) -> String {
    serde_json::to_string(options).expect("because options have string keys only")
}

/// The source as it stands in the registry, and whether it is a URL.
fn shown(source: &Source) -> (Vec<u8>, bool) {
    match source {
        Source::Local(path) => (path_bytes(path).to_vec(), false),
        Source::Remote(url) => (url.to_string().into_bytes(), true),
    }
}
