//! What is asked for, what an engine allows, and asking again for something else.

use super::*;

#[test]
fn a_failure_says_what_went_wrong_where_and_what_to_do() {
    let place = Place::new();
    let engine = place.engine(EngineOptions::default());
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let nowhere = Source::Local(place.folder.path().join("nowhere"));
    let id = start(&engine, &nowhere, "");
    let record = ended(&engine, id);
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::NotARepository.name());
    assert_eq!(failure.step.as_deref(), Some(&*Step::Opening.to_string()));
    assert!(failure.message.contains("nowhere"), "{failure:?}");
    assert!(failure.advice.is_some());
    assert!(record.ended_at >= record.started_at);
    let events = events(&subscription, 1);
    let last = events.last().expect("because there is one");
    assert_eq!(last.kind, EventKind::Failed(failure));

    // The revision may be another one the next time.
    let request = Request::default().options(Options::default().revision("no-such-branch"));
    let id = engine
        .start(&place.local(), request)
        .expect("because there is room");
    let failure = ended(&engine, id).failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::RevisionNotFound.name());
    let changes = Restart::default().revision("feature/x");
    engine.restart(id, changes).expect("because it has ended");
    let record = ended(&engine, id);
    assert_eq!(record.revision.as_deref(), Some("feature/x"));
    let commit = record.outcome.expect("because it is complete").commit;
    assert_eq!(
        commit.expect("because it is a branch").to_string(),
        git(&place.repository, &["rev-parse", "feature/x"])
    );
    // And so may the options: this one has but one folder.
    let request = Request::default().options(Options::default().subdir("nothing"));
    let id = engine
        .start(&place.local(), request)
        .expect("because there is room");
    assert_eq!(ended(&engine, id).status, Status::Failed);
    let changes = Restart::default().options(Options::default().subdir("src"));
    engine.restart(id, changes).expect("because it has ended");
    let totals = ended(&engine, id)
        .outcome
        .expect("because it is complete")
        .totals;
    assert_eq!((totals.files, totals.folders), (2, 0));
}

#[test]
fn what_an_engine_allows_holds_for_all_its_imports() {
    let place = Place::new();
    let server = GitHttp::serve(place.folder.path());
    let options = EngineOptions::default().local(false);
    let engine = place.engine(options);
    let error = engine.start(&place.local(), Request::default());
    let error = error.expect_err("local ones are not allowed");
    assert_eq!(error.kind(), ErrorKind::NotAllowed);
    drop(engine);
    // The policy of a request does not count, nor do limits above those of the engine.
    let limits = gitlade::Limits::default().max_entries(2);
    let options = EngineOptions::default().limits(limits);
    let strict = Engine::open(place.store(), options).expect("because it is a store");
    let request = || Request::default().options(Options::default().remote(loopback()));
    let id = strict.start(&remote(&server), request());
    let record = ended(&strict, id.expect("because there is room"));
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::NotAllowed.name());
    let id = strict.start(&place.local(), request());
    let record = ended(&strict, id.expect("because there is room"));
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::LimitExceeded.name());
    for (request, what) in [
        (Request::default().metadata("{"), "metadata"),
        (Request::default().tenant("a\nb"), "tenant"),
    ] {
        let error = strict.start(&place.local(), request).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::InvalidOptions, "{what}");
    }
    let metadata = r#"{"by": "mona", "n": [1, 2]}"#;
    let request = Request::default().metadata(metadata);
    let id = strict
        .start(&place.local(), request)
        .expect("because it is JSON");
    let record = ended(&strict, id);
    assert_eq!(record.metadata.as_deref(), Some(metadata));
}

#[test]
fn an_import_is_started_again_with_credentials_that_work() {
    let place = Place::new();
    let server = GitHttp::builder(place.folder.path())
        .basic(USER, SECRET)
        .start();
    let remote_options = loopback().plain_http_credentials(true);
    let options = EngineOptions::default().remote(remote_options.clone());
    let open = || Engine::open(place.store(), options.clone()).expect("because it is a store");
    let engine = open();
    let subscription = engine.subscribe(&SubscribeOptions::default());
    let source = remote(&server);
    let wrong = Credentials::password(USER, format!("{SECRET}-wrong"));
    let request = Request::default().credentials(wrong).metadata("{}");
    let id = engine
        .start(&source, request)
        .expect("because there is room");
    let kind = |record: ImportRecord| record.failure.map(|failure| failure.kind);
    let failed = Some(ErrorKind::AuthenticationFailed.name().to_owned());
    let required = Some(ErrorKind::AuthenticationRequired.name().to_owned());
    assert_eq!(kind(ended(&engine, id)), failed);
    // The same ones are remembered, and as wrong as before.
    engine
        .restart(id, Restart::default())
        .expect("because it has ended");
    assert_eq!(kind(ended(&engine, id)), failed);
    let changes = Restart::default().forget_credentials(true);
    engine.restart(id, changes).expect("because it has ended");
    assert_eq!(kind(ended(&engine, id)), required);
    let right = Credentials::password(USER, SECRET);
    let changes = Restart::default()
        .credentials(right.clone())
        .revision("nope");
    engine.restart(id, changes).expect("because it has ended");
    let missing = Some(ErrorKind::RevisionNotFound.name().to_owned());
    assert_eq!(kind(ended(&engine, id)), missing);
    let changes = Restart::default().revision("main");
    engine.restart(id, changes).expect("because it has ended");
    let record = ended(&engine, id);
    assert_eq!((record.status, record.attempt), (Status::Complete, 5));

    // Another engine does not have them, wherever it looks.
    let request = Request::default().options(
        Options::default()
            .revision("nope")
            .remote(remote_options.credentials(right)),
    );
    assert_clean(&format!("{request:?}"), "the request");
    let other = engine
        .start(&source, request)
        .expect("because there is room");
    assert_eq!(kind(ended(&engine, other)), missing);
    assert_clean(&format!("{engine:?}"), "the engine");
    drop(engine);
    let engine = open();
    engine
        .restart(other, Restart::default())
        .expect("because it has ended");
    assert_eq!(kind(ended(&engine, other)), required);

    let events = subscription.by_ref_events();
    assert!(events.len() > 10);
    assert_clean(&format!("{events:?}"), "the events");
    let page = engine.list(&ImportFilter::default());
    assert_clean(&format!("{page:?}"), "the records");
    for id in [id, other] {
        assert_clean(&format!("{:?}", place.store().log(id)), "the log");
    }
    let mut searched = 0;
    let mut folders = vec![place.store_folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("because it is the store") {
            let path = entry.expect("because it can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("because it can be read");
            assert_clean_bytes(&bytes, &path.display().to_string());
            searched += 1;
        }
    }
    assert!(
        searched >= 3,
        "the database, its log and a blob: {searched}"
    );
}

/// Whatever the host's own code does, the import ends, and others go on.
#[test]
fn a_provider_that_panics_ends_its_import_alone() {
    let place = Place::new();
    let server = GitHttp::builder(place.folder.path())
        .basic(USER, SECRET)
        .start();
    let options = loopback().plain_http_credentials(true);
    let engine = Engine::open(place.store(), one_at_a_time().remote(options.clone()));
    let engine = engine.expect("because it is a store");
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = {
        let asked = Arc::clone(&asked);
        move |_: &gitlade::CredentialRequest| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => panic!("what a pity"),
            _ => Some(Credentials::password(USER, SECRET)),
        }
    };
    let options = Options::default().remote(options.credential_provider(provider));
    let request = Request::default().options(options);
    let id = engine
        .start(&remote(&server), request)
        .expect("because there is room");
    let record = ended(&engine, id);
    let failure = record.failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::Internal.name(), "{failure:?}");
    // The provider is remembered, too.
    engine
        .restart(id, Restart::default())
        .expect("because it has ended");
    assert_eq!(ended(&engine, id).status, Status::Complete);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let other = start(&engine, &place.local(), "");
    assert_eq!(ended(&engine, other).status, Status::Complete);
}

#[test]
fn another_engine_starts_again_with_the_same_options_or_some_others() {
    let place = Place::new();
    let server = GitHttp::serve(place.folder.path());
    let engine = place.engine(EngineOptions::default());
    // The commit before main's, which one generation of commits does not reach.
    let before = git(&place.repository, &["rev-parse", "main~1"]);
    let options = Options::default()
        .revision("main~1")
        .include("*.rs")
        .limits(gitlade::Limits::default().max_entries(1))
        .remote(gitlade::RemoteOptions::default().depth(2));
    let id = engine
        .start(&remote(&server), Request::default().options(options))
        .expect("because there is room");
    let failure = ended(&engine, id).failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::LimitExceeded.name());
    drop(engine);

    // What was asked for outlives the engine, the depth too.
    let (store, engine) = (place.store(), place.engine(EngineOptions::default()));
    let asked = store.import_options(id).expect("because it is there");
    assert_eq!((asked.remote.depth, asked.limits.max_entries), (2, 1));
    assert_eq!(asked.include, ["*.rs"]);
    engine
        .restart(id, Restart::default())
        .expect("because it has ended");
    let failure = ended(&engine, id).failure.expect("because it failed");
    assert_eq!(failure.kind, ErrorKind::LimitExceeded.name());

    let wider = asked.limits(gitlade::Limits::default());
    engine
        .restart(id, Restart::default().options(wider.clone()))
        .expect("because it has ended");
    let record = ended(&engine, id);
    let outcome = record.outcome.expect("because it is complete");
    assert_eq!(outcome.commit.map(|id| id.to_string()), Some(before));
    assert_eq!(
        (record.attempt, record.revision.as_deref()),
        (3, Some("main~1"))
    );
    let files = git(
        &place.repository,
        &["ls-tree", "-r", "--name-only", "main~1"],
    );
    let expected = files.lines().filter(|path| path.ends_with(".rs")).count();
    assert_eq!(outcome.totals.files, expected as u64);

    // Less depth than the revision needs is an error again.
    let options = wider.remote(gitlade::RemoteOptions::default());
    let request = Request::default().options(options.clone());
    let id = engine.start(&remote(&server), request);
    let id = id.expect("because there is room");
    let failure = ended(&engine, id).failure.expect("because it failed");
    assert_eq!(
        failure.kind,
        ErrorKind::InvalidOptions.name(),
        "{failure:?}"
    );
    let everything = Options::default().subdir("src");
    engine
        .restart(id, Restart::default().options(everything))
        .expect("because it has ended");
    let record = ended(&engine, id);
    assert_eq!(
        (record.revision, record.subdir.as_deref()),
        (None, Some("src"))
    );
    let outcome = record.outcome.expect("because it is complete");
    let files = git(&place.repository, &["ls-tree", "-r", "HEAD:src"]);
    assert_eq!(outcome.totals.files, files.lines().count() as u64);
    let error = store
        .import_options(ImportId(99))
        .expect_err("there is none");
    assert_eq!(error.kind(), ErrorKind::ImportNotFound);
}
