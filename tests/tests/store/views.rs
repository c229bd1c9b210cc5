//! What hosts ask of the database.

use super::*;

/// The queries of the module's documentation.
#[test]
fn the_views_answer_what_a_web_editor_asks() {
    let place = Place::new();
    let files = [
        file("README.md", "# hello\n"),
        file("src/main.rs", "fn main() {}\n"),
        file("src/deep/er/mod.rs", "//! x\n"),
        file("src/logo.png", b"\x89PNG\r\n\x1a\n\0"),
        file("doc/a.txt", "a\n"),
    ];
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let id = put_all(&place.store, &repository).id;
    let one = |query: &str| place.sql(&query.replace("$id", &id.to_string()));
    assert_eq!(
        one(
            "SELECT rtrim(text, char(10)) FROM import_files WHERE import_id = $id AND path = 'README.md'"
        ),
        [["# hello"]]
    );
    assert_eq!(
        one("SELECT name, 'folder' FROM import_folders WHERE import_id = $id AND folder = 'src'
             UNION ALL
             SELECT name, kind FROM import_files WHERE import_id = $id AND folder = 'src' ORDER BY 1"),
        [["deep", "folder"], ["logo.png", "file"], ["main.rs", "file"]]
    );
    assert_eq!(
        one("SELECT path FROM import_folders WHERE import_id = $id ORDER BY position"),
        [["doc"], ["src"], ["src/deep"], ["src/deep/er"]]
    );
    let listed = git(
        &repository,
        &[
            "ls-tree",
            "-r",
            "-t",
            "HEAD",
            "--format=%(objectmode) %(objectname) %(path)",
        ],
    );
    let rows = one(
        "SELECT mode || ' ' || object_id || ' ' || path FROM (
             SELECT mode, object_id, path, position FROM import_files WHERE import_id = $id
             UNION ALL SELECT mode, object_id, path, position FROM import_folders WHERE import_id = $id)
         ORDER BY position",
    );
    assert_eq!(rows.concat().join("\n"), listed.trim());
    assert_eq!(
        one("SELECT status, files, commit_id FROM import_list WHERE id = $id"),
        [[
            "complete",
            "5",
            git(&repository, &["rev-parse", "HEAD"]).trim()
        ]]
    );
    // What is looked up is found by an index.
    for query in [
        "SELECT text FROM import_files WHERE import_id = 1 AND path = 'x'",
        "SELECT import_id, path FROM import_files WHERE digest = 'x' AND import_id = 1",
    ] {
        let plan = place
            .sql(&format!("EXPLAIN QUERY PLAN {query}"))
            .concat()
            .join("\n");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}
