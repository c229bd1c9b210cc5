//! What an earlier import left, and is not read or kept again.

use super::*;

/// Makes all objects of a repository loose, a file for each.
fn unpack(repository: &Path) {
    let packs = repository.join("objects/pack");
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(&packs).expect("because it is there") {
        let path = file.expect("because it is there").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            bytes.push(std::fs::read(&path).expect("because it is there"));
        }
        std::fs::remove_file(path).expect("because it is ours");
    }
    for pack in bytes {
        Git::at(repository).feed(&["unpack-objects", "-q"], &pack);
    }
}

#[test]
fn a_child_commit_reads_only_the_blobs_that_changed() {
    let place = Place::new();
    let files = [shapes(), many(300)].concat();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let first = put_all(&place.store, &repository);
    let mut changed: Vec<_> = files
        .into_iter()
        .filter(|file| file.1 != b"empty")
        .collect();
    changed.push(file("brand/new.txt", "this was not there before\n"));
    let changed = benign::repository(place.folder.path(), "changed.git", "sha1", &changed);
    let expected = ndjson(
        local(&changed, &Options::default())
            .expect("because it is sound")
            .manifest(),
    );
    let truth = blobs(&changed, "HEAD");

    // Every blob that the first import has read is taken away, and so are the unchanged trees, but
    // for those that entries are understood by: attributes, targets of symlinks, and what attributes
    // declare to be text.
    let lines = String::from_utf8(expected.clone()).expect("because it is JSON");
    let side: BTreeSet<String> = lines
        .lines()
        .filter(|line| {
            line.contains("\"kind\":\"symlink\"")
                || line.contains("\"basis\":\"attributes\"")
                || line.contains(".git")
        })
        .filter_map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(record["oid"].as_str()?.to_owned())
        })
        .collect();
    let old: BTreeSet<String> = git(
        &repository,
        &["rev-list", "--objects", "--no-object-names", "HEAD"],
    )
    .lines()
    .map(str::to_owned)
    .collect();
    unpack(&changed);
    let mut removed = 0;
    for id in old.difference(&side) {
        let loose = changed.join("objects").join(&id[..2]).join(&id[2..]);
        removed += usize::from(std::fs::remove_file(loose).is_ok());
    }
    assert!(removed > 250, "{removed}");
    assert!(
        local(&changed, &Options::default()).is_err(),
        "the objects are gone"
    );

    let second =
        put(&place.store, &changed, &Options::default()).expect("because the store has the rest");
    let manifest = place
        .store
        .manifest(second.id)
        .expect("because it is complete");
    assert_same(&ndjson(&manifest), &expected, "again");
    for (path, bytes) in truth {
        assert!(
            place
                .store
                .bytes(second.id, &path)
                .expect("because it is there")
                == bytes
        );
    }
    assert_ne!(first.outcome, second.outcome);
    assert_sound(&place, "child");

    // The same commit once more needs no more than the commit and its tree.
    let kept = git(&changed, &["rev-parse", "HEAD", "HEAD^{tree}"]);
    for fan in std::fs::read_dir(changed.join("objects")).expect("because it is there") {
        let fan = fan.expect("because it is there").path();
        for object in std::fs::read_dir(&fan).into_iter().flatten() {
            let object = object.expect("because it is there").path();
            let name = format!(
                "{}{}",
                fan.file_name().and_then(|n| n.to_str()).unwrap_or(""),
                object.file_name().and_then(|n| n.to_str()).unwrap_or("")
            );
            if name.len() == 40 && !kept.contains(&name) {
                std::fs::remove_file(object).expect("because it is there");
            }
        }
    }
    let third = put_all(&place.store, &changed);
    assert_eq!(third.outcome, second.outcome);
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 2);
}

#[test]
fn a_known_commit_of_a_server_is_not_fetched_again() {
    let place = Place::new();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &many(50));
    let server = GitHttp::serve(place.folder.path());
    let url = server.url("r.git");
    let import =
        |store: &Store| store.import(&Source::parse(&url)?, &from_loopback(), &Control::new());
    let first = import(&place.store).expect("because the server is honest");
    let bodies = |server: &GitHttp| {
        let wanted = |request: &gitlade_tests::server::Request| {
            request.body.windows(5).any(|part| part == b"want ")
        };
        server
            .requests()
            .iter()
            .filter(|request| wanted(request))
            .count()
    };
    assert_eq!(bodies(&server), 1);
    let second = import(&place.store).expect("because the server is honest");
    assert_eq!(bodies(&server), 1, "a pack was asked for");
    assert_eq!(first.outcome, second.outcome);
    let expected = ndjson(
        remote(&url, &from_loopback())
            .expect("because the server is honest")
            .manifest(),
    );
    let manifest = place
        .store
        .manifest(second.id)
        .expect("because it is complete");
    assert_same(&ndjson(&manifest), &expected, "again");

    // From the disk it is the same snapshot, and only the header differs.
    let here = put_all(&place.store, &repository);
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 1);
    let expected = ndjson(
        local(&repository, &Options::default())
            .expect("because it is sound")
            .manifest(),
    );
    let manifest = place
        .store
        .manifest(here.id)
        .expect("because it is complete");
    assert_same(&ndjson(&manifest), &expected, "again");
    assert_sound(&place, "remote");
}

#[test]
fn options_make_own_snapshots_and_share_contents() {
    let place = Place::new();
    let repository = benign::repository(
        place.folder.path(),
        "r.git",
        "sha1",
        &[shapes(), many(100)].concat(),
    );
    put_all(&place.store, &repository);
    let contents = place.number("SELECT count(*) FROM contents");
    for options in [
        Options::default().subdir("sub"),
        Options::default().include("*.txt"),
        Options::default().exclude("*.bin"),
        Options::default().limits(gitlade::Limits::default().max_blob(20)),
    ] {
        let record = put(&place.store, &repository, &options).expect("because it is sound");
        let expected = ndjson(
            local(&repository, &options)
                .expect("because it is sound")
                .manifest(),
        );
        let manifest = place
            .store
            .manifest(record.id)
            .expect("because it is complete");
        assert_same(&ndjson(&manifest), &expected, "again");
        let again = put(&place.store, &repository, &options).expect("because it is sound");
        assert_eq!(again.outcome, record.outcome);
    }
    assert_eq!(place.number("SELECT count(*) FROM contents"), contents);
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 5);
    assert_sound(&place, "options");
    let missing = put(
        &place.store,
        &repository,
        &Options::default().subdir("nowhere"),
    );
    assert_eq!(
        missing.expect_err("because there is none").kind(),
        ErrorKind::PathNotFound
    );
}

/// A commit and its tree have the same rows, and manifests that differ: what leads to the folder.
#[test]
fn a_folder_of_a_bare_tree_keeps_the_tree_that_it_is_in() {
    let place = Place::new();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &shapes());
    let whole = git(&repository, &["rev-parse", "HEAD^{tree}"]);
    for revision in ["HEAD", whole.as_str(), "HEAD"] {
        let options = Options::default().revision(revision).subdir("sub");
        let import = local(&repository, &options).expect("because it is sound");
        let expected = ndjson(import.manifest());
        let has_whole = String::from_utf8_lossy(&expected).contains(&whole);
        assert_eq!(has_whole, revision == whole, "{revision}");
        let record = put(&place.store, &repository, &options).expect("because it is sound");
        let manifest = place
            .store
            .manifest(record.id)
            .expect("because it is complete");
        assert_same(&ndjson(&manifest), &expected, revision);
    }
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 1);
    let kept = place.sql("SELECT lower(hex(whole_tree_id)) FROM snapshots");
    assert_eq!(kept, [[whole]]);
}
