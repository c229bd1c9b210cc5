-- The standard store of gitlade, version 1.
--
-- What is meant for hosts, and stays as it is within a version: the views, and the columns of the
-- tables that they read. Numbers are integers, times are milliseconds since 1970 (UTC), object ids
-- and digests are the bytes themselves: `hex()` shows them.
--
-- Names and paths are TEXT where they are valid UTF-8, and a BLOB of the same bytes where not, so
-- that nothing is lost. A text may hold NUL characters, at which some programs stop reading:
-- `CAST(text AS BLOB)` has all of it.
--
-- Tables of many rows CHECK with OR: for each row, IN would make a temporary table of its values.
--
-- Contents and trees are checked by their digests and ids. A column `seal` is the BLAKE3 of rows that
-- no other digest speaks for, by which `gitlade check` finds any that was altered.

-- Contents -----------------------------------------------------------------------------------------

-- Each distinct content once, however many imports and paths have it. Rows come while an import
-- runs; what no file refers to belongs to a running import, or to one that ended early.
CREATE TABLE contents (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,        -- BLAKE3 of the bytes as they are in the repository
    size   INTEGER NOT NULL,            -- bytes
    -- Where the bytes are. 'text': the row in `texts` is the content, byte for byte (UTF-8 without
    -- a byte order mark). 'blob': the file `blobs/` + digest. 'both': that file has the bytes, and
    -- `texts` what they decode to. 'lost': they were damaged, and a repair could not get them again;
    -- the next import that has them brings them back.
    stored TEXT NOT NULL
        CHECK (stored = 'text' OR stored = 'blob' OR stored = 'both' OR stored = 'lost')
) STRICT;
CREATE INDEX contents_lost ON contents (id) WHERE stored = 'lost';

-- Decoded text: valid UTF-8 without a byte order mark. A content has one for each encoding that it
-- is read in, and that is nearly always one; attributes of a path may declare another.
CREATE TABLE texts (
    id         INTEGER PRIMARY KEY,
    content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    encoding   TEXT NOT NULL,           -- what the content is encoded in, such as 'utf-8'
    -- TEXT, or a BLOB of the same bytes where it is large (4 MiB and more), which the views make
    -- TEXT of.
    text       ANY NOT NULL
) STRICT;
CREATE UNIQUE INDEX texts_of_content ON texts (content_id, encoding);

-- Facts remembered ---------------------------------------------------------------------------------

-- What is known of blobs by their object ids. An id comes in here only after the bytes were hashed
-- with collision detection.
CREATE TABLE blob_facts (
    object_id  BLOB PRIMARY KEY NOT NULL,
    content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    rules      INTEGER NOT NULL,        -- version of the rules that said so; other ones are not believed
    facts      BLOB NOT NULL            -- digest, size and verdict by the bytes alone
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_facts_of_content ON blob_facts (content_id);

-- The bytes of trees.
CREATE TABLE tree_facts (
    object_id BLOB PRIMARY KEY NOT NULL,
    bytes     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What commits and tags lead to.
CREATE TABLE revisions (
    object_id BLOB PRIMARY KEY NOT NULL,
    commit_id BLOB,                     -- NULL: it names a tree
    tree_id   BLOB NOT NULL,
    seal      BLOB NOT NULL             -- over the other columns
) STRICT, WITHOUT ROWID;

-- Counts what an import could miss although it saw it before: 'losses' grows whenever contents go.
CREATE TABLE state (
    name  TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO state (name, value) VALUES ('losses', 0);

CREATE TRIGGER contents_gone AFTER DELETE ON contents BEGIN
    UPDATE state SET value = value + 1 WHERE name = 'losses';
END;
CREATE TRIGGER contents_reduced AFTER UPDATE OF digest, stored ON contents
WHEN (NEW.stored <> 'both' AND OLD.stored <> 'lost') OR NEW.digest <> OLD.digest BEGIN
    UPDATE state SET value = value + 1 WHERE name = 'losses';
END;
CREATE TRIGGER texts_gone AFTER DELETE ON texts BEGIN
    UPDATE state SET value = value + 1 WHERE name = 'losses';
END;

-- Snapshots ----------------------------------------------------------------------------------------

-- Verdicts on files: a dictionary of few rows.
CREATE TABLE verdicts (
    id         INTEGER PRIMARY KEY,
    content    TEXT NOT NULL CHECK (content IN ('text', 'binary')),
    encoding   TEXT,                    -- of a text
    bom        TEXT,                    -- byte order mark: 'utf8', 'utf16-le', …; NULL: none
    eol        TEXT,                    -- of a text: 'none', 'lf', 'crlf', 'cr', 'mixed'
    basis      TEXT NOT NULL,           -- how the verdict was reached: 'utf8', 'nul', 'attributes', …
    mime       TEXT,                    -- of a binary, where it is known
    git_binary INTEGER NOT NULL,        -- 1: Git takes it for binary
    lfs_filter INTEGER NOT NULL,        -- 1: an LFS pointer whose path has the attribute filter=lfs
    working_tree_encoding TEXT          -- the attribute of this name
) STRICT;

-- What was imported: one tree under one choice of options. Imports of the same share it.
CREATE TABLE snapshots (
    id        INTEGER PRIMARY KEY,
    -- BLAKE3 of all that makes the entries what they are, and the first 8 bytes of that one's BLAKE3;
    -- NULL: not shared.
    -- One with lost contents is not found by it.
    key       BLOB UNIQUE,
    tree_id   BLOB NOT NULL,            -- the tree whose entries these are
    subdir    ANY,                      -- the one imported folder; NULL: all
    whole_tree_id BLOB,                 -- the tree that `subdir` is in; NULL without one
    choices   TEXT NOT NULL,            -- options that have a say in the result, as JSON
    rules     INTEGER NOT NULL,         -- version of the rules for text and binary
    root      BLOB NOT NULL,            -- digest of the root folder: one name for the whole
    -- Counts over all entries.
    folders INTEGER NOT NULL, files INTEGER NOT NULL, symlinks INTEGER NOT NULL,
    submodules INTEGER NOT NULL, bytes INTEGER NOT NULL, text INTEGER NOT NULL, binary INTEGER NOT NULL,
    too_large INTEGER NOT NULL,         -- files and symlinks that were skipped, by reason
    missing   INTEGER NOT NULL,
    excluded  INTEGER NOT NULL,         -- entries that a filter left out
    large_file INTEGER NOT NULL,        -- bytes from which on `large_files` has a file of it
    seal       BLOB NOT NULL            -- over this row but `key`, its folders, its files, their verdicts
) STRICT;

-- Folders, without the root. `id` is snapshot_id * 4294967296 + position, and position is the
-- entry's place in the manifest, counted over folders and files together.
CREATE TABLE folders (
    id          INTEGER PRIMARY KEY,
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
    parent_id   INTEGER REFERENCES folders (id) ON DELETE CASCADE, -- NULL: lies in the root
    path        ANY NOT NULL,
    name        ANY NOT NULL,
    mode        INTEGER NOT NULL,
    object_id   BLOB NOT NULL,
    digest      BLOB NOT NULL,
    files       INTEGER NOT NULL,       -- files below it at any depth
    bytes       INTEGER NOT NULL,       -- bytes of those that were read
    flags       INTEGER NOT NULL        -- what is odd about it, as bits; 0: nothing
) STRICT;
CREATE INDEX folders_by_path ON folders (snapshot_id, path);
CREATE INDEX folders_in_folder ON folders (parent_id, snapshot_id);

-- Files, symlinks and submodules. `id` as in folders. A path is there once, which the index does not
-- have to check for each row: the rows are those of a manifest.
CREATE TABLE files (
    id          INTEGER PRIMARY KEY,
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
    folder_id   INTEGER REFERENCES folders (id) ON DELETE CASCADE, -- NULL: lies in the root
    path        ANY NOT NULL,
    name        ANY NOT NULL,
    kind        TEXT NOT NULL CHECK (kind = 'file' OR kind = 'symlink' OR kind = 'submodule'),
    mode        INTEGER NOT NULL,
    object_id   BLOB NOT NULL,
    content_id  INTEGER REFERENCES contents (id),  -- NULL: a submodule, or skipped
    verdict_id  INTEGER REFERENCES verdicts (id),  -- of a file that was read
    size        INTEGER,                -- bytes, where known
    lines       INTEGER,                -- of a text
    target      ANY,                    -- of a symlink that was read, unless it is too long
    url         ANY,                    -- of a submodule, where .gitmodules has one
    lfs_oid     BLOB,                   -- of an LFS pointer: SHA-256 and bytes of the real file
    lfs_size    INTEGER,
    skipped     TEXT,                   -- why it was not read: 'too_large', 'missing'
    flags       INTEGER NOT NULL
) STRICT;
CREATE INDEX files_by_path ON files (snapshot_id, path);
CREATE INDEX files_in_folder ON files (folder_id, snapshot_id);
CREATE INDEX files_of_content ON files (content_id);

-- Files of a snapshot that are larger than the store's threshold, skipped ones too.
CREATE TABLE large_files (
    snapshot_id INTEGER NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
    path        ANY NOT NULL,
    object_id   BLOB NOT NULL,
    size        INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, path)
) STRICT, WITHOUT ROWID;

-- Registry -----------------------------------------------------------------------------------------

-- Every import that was ever asked for, and was not removed.
CREATE TABLE imports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,          -- the host's own key
    metadata    TEXT,                   -- the host's own, as JSON
    source      ANY NOT NULL,           -- URL without credentials, or path
    remote      INTEGER NOT NULL,       -- 1: source is a URL
    owner       TEXT,                   -- of the repository, as its URL tells
    repository  TEXT,                   -- its name
    revision    TEXT,                   -- as asked for; NULL: HEAD
    subdir      ANY,
    options     TEXT NOT NULL,          -- as JSON, without secrets
    status      TEXT NOT NULL CHECK (status IN ('queued', 'detecting', 'importing', 'storing',
                                                'complete', 'failed', 'cancelled', 'interrupted')),
    attempt     INTEGER NOT NULL,       -- 1, and one more with each restart
    engine      TEXT,                   -- who runs it: `locks/` + engine + `.lock`; NULL: nobody
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    kept_from   INTEGER,                -- while it runs: contents from this id on may be its own
    -- How far it is, as long as it runs.
    step TEXT, percent INTEGER, objects INTEGER NOT NULL DEFAULT 0,
    objects_total INTEGER NOT NULL DEFAULT 0, bytes_done INTEGER NOT NULL DEFAULT 0,
    bytes_total INTEGER NOT NULL DEFAULT 0, received_bytes INTEGER NOT NULL DEFAULT 0,
    files_found INTEGER NOT NULL DEFAULT 0, message TEXT,
    -- What came out, once it is complete.
    reference   ANY,                    -- full name of the ref; NULL: an id led to the commit
    commit_id   BLOB,
    snapshot_id INTEGER REFERENCES snapshots (id),
    -- What went wrong, if it failed.
    failed_step TEXT, error_kind TEXT, error_message TEXT, error_advice TEXT,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER,
    updated_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    seal        BLOB                    -- over this row and its lines in `log`, once it is complete
) STRICT;
CREATE INDEX imports_of_tenant ON imports (tenant, id);
CREATE INDEX imports_of_repository ON imports (owner, repository);
CREATE INDEX imports_of_snapshot ON imports (snapshot_id);
CREATE INDEX imports_of_engine ON imports (engine) WHERE engine IS NOT NULL;

-- What happened to an import.
CREATE TABLE log (
    id        INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    at        INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,
    event     TEXT NOT NULL,            -- 'queued', a step, 'complete', 'failed', 'server', …
    message   TEXT NOT NULL
) STRICT;
CREATE INDEX log_of_import ON log (import_id);

-- Views for hosts ----------------------------------------------------------------------------------

-- All imports, with what came out of those that are complete.
CREATE VIEW import_list AS
SELECT i.id, i.tenant, i.metadata, i.source, i.owner, i.repository, i.revision, i.subdir, i.status,
       i.step, i.percent, i.attempt, i.reference, lower(hex(i.commit_id)) AS commit_id,
       lower(hex(s.tree_id)) AS tree_id, lower(hex(s.root)) AS root,
       s.folders, s.files, s.symlinks, s.submodules, s.bytes, s.text, s.binary,
       s.too_large, s.missing, s.excluded,
       i.failed_step, i.error_kind, i.error_message, i.error_advice,
       i.created_at, i.started_at, i.updated_at, i.ended_at
FROM imports i LEFT JOIN snapshots s ON s.id = i.snapshot_id;

-- The folders of complete imports; `folder` is the path of the one that it lies in, and `folder_id`
-- its number: NULL for what lies in the root, which is found by `folder_id IS NULL`.
CREATE VIEW import_folders AS
SELECT i.id AS import_id, i.tenant, f.path, f.name, p.path AS folder, f.parent_id AS folder_id,
       printf('%06o', f.mode) AS mode,
       lower(hex(f.object_id)) AS object_id, lower(hex(f.digest)) AS digest, f.files, f.bytes,
       f.flags, f.id - f.snapshot_id * 4294967296 AS position
FROM imports i
JOIN folders f ON f.snapshot_id = i.snapshot_id
LEFT JOIN folders p ON p.id = f.parent_id AND p.snapshot_id = f.snapshot_id
WHERE i.status = 'complete';

-- The files, symlinks and submodules of complete imports. `text` is NULL for what is no text, and
-- for texts over the store's limit, whose bytes are in `blobs/`.
CREATE VIEW import_files AS
SELECT i.id AS import_id, i.tenant, f.path, f.name, p.path AS folder, f.folder_id, f.kind,
       printf('%06o', f.mode) AS mode, lower(hex(f.object_id)) AS object_id, f.size,
       lower(hex(c.digest)) AS digest, c.stored, v.content, v.encoding, v.bom, v.eol, f.lines,
       v.basis, v.mime, v.git_binary, v.working_tree_encoding, f.target, f.url,
       lower(hex(f.lfs_oid)) AS lfs_oid, f.lfs_size, f.skipped, f.flags,
       f.id - f.snapshot_id * 4294967296 AS position,
       CAST(t.text AS TEXT) AS text
FROM imports i
JOIN files f ON f.snapshot_id = i.snapshot_id
LEFT JOIN folders p ON p.id = f.folder_id AND p.snapshot_id = f.snapshot_id
LEFT JOIN contents c ON c.id = f.content_id
LEFT JOIN verdicts v ON v.id = f.verdict_id
LEFT JOIN texts t ON t.content_id = f.content_id AND t.encoding = v.encoding
WHERE i.status = 'complete';

-- The large files of complete imports, with the ref that they were found under.
CREATE VIEW import_large_files AS
SELECT i.id AS import_id, i.tenant, l.path, lower(hex(l.object_id)) AS object_id, l.size, i.reference
FROM imports i JOIN large_files l ON l.snapshot_id = i.snapshot_id
WHERE i.status = 'complete';

-- Statistics ---------------------------------------------------------------------------------------

-- What SQLite takes the tables for when it plans a query: many snapshots of many files, and few files
-- in a folder. Without it, what lies in a folder would be looked for among all files of an import.
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('contents', 'sqlite_autoindex_contents_1', '1000000 1'),
    ('files', 'files_by_path', '1000000 20000 1'),
    ('files', 'files_in_folder', '1000000 20 20'),
    ('files', 'files_of_content', '1000000 2'),
    ('folders', 'folders_by_path', '100000 2000 1'),
    ('folders', 'folders_in_folder', '100000 10 10');
ANALYZE sqlite_schema;
