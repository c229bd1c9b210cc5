//! Each cap is hit exactly where it says (P4).

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gitlade::{Control, Error, ErrorKind, Import, Limits, Options, Reader, SkipReason, detect};
use gitlade_tests::server::{
    GitHttp, Lie, LyingServer, Over, RawHttp, Speaks, Stage, Version, band, git, join_pack,
    split_pack,
};
use tempfile::TempDir;

use crate::benign::{self, File, alike, file, noise, shapes};
use crate::importing::{from_loopback, local, ndjson, remote};

/// The name of the cap that an import under these limits hits, if any.
type Run = Box<dyn Fn(Limits) -> Option<&'static str>>;

/// A cap at its border: with `exact` it is kept, with one less it is not.
struct Row {
    name: &'static str,
    exact: u64,
    run: Run,
}

fn hit(result: Result<Import, Error>) -> Option<&'static str> {
    match result {
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::LimitExceeded => {
            assert!(error.advice().is_some(), "{error}");
            Some(error.limit().expect("because it is about a limit"))
        }
        Err(error) => panic!("{}: {error}", error.kind()),
    }
}

fn options(limits: Limits) -> Options {
    Options::default().threads(1).limits(limits)
}

/// A row about a local import.
fn here(name: &'static str, exact: u64, path: &Path, options_of: fn(Limits) -> Options) -> Row {
    let path = path.to_owned();
    let run = Box::new(move |limits| hit(local(&path, &options_of(limits))));
    Row { name, exact, run }
}

/// A row about a remote import.
fn there(name: &'static str, exact: u64, url: String, server: impl Sized + 'static) -> Row {
    let run = Box::new(move |limits| {
        let _alive = &server;
        hit(remote(&url, &from_loopback().threads(1).limits(limits)))
    });
    Row { name, exact, run }
}

/// The least cap that is kept, where nobody else knows the number.
fn border(name: &str, run: &Run, end: u64) -> u64 {
    let limited = |value| {
        let mut limits = Limits::default();
        limits.set(name, value).expect("because it has a name");
        run(limits).is_some()
    };
    let (mut low, mut high) = (0, end);
    assert!(!limited(high), "{name}: {high} is too little");
    while high - low > 1 {
        let middle = low.midpoint(high);
        if limited(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Paths and sizes of what `git ls-tree -r -t -l` lists; folders have no size.
fn listed(repository: &Path) -> Vec<(String, u64)> {
    let text = git(repository, &["ls-tree", "-r", "-t", "-l", "HEAD"]);
    let lines = text.lines().map(|line| {
        let (facts, path) = line
            .split_once('\t')
            .expect("because a tab is in front of the path");
        let size = facts
            .split_whitespace()
            .nth(3)
            .and_then(|size| size.parse().ok());
        (path.to_owned(), size.unwrap_or(0))
    });
    lines.collect()
}

fn simple() -> Vec<File> {
    let mut files = vec![
        file("a/b/c/d/deep", "deep\n"),
        file("x/a-rather-long-name-for-a-file", "long\n"),
        file("large", noise(1, 5_000)),
        ("120000", b"link".to_vec(), b"target".to_vec()),
    ];
    for copy in 0..5 {
        files.push(file(format!("copies/{copy}"), "the same\n"));
    }
    files
}

/// What the numbers of a walk have to be, counted by Git.
fn walks(folder: &Path) -> Vec<Row> {
    let path = benign::repository(folder, "simple.git", "sha1", &simple());
    let listed = listed(&path);
    let trees = git(
        &path,
        &[
            "ls-tree",
            "-r",
            "-t",
            "-d",
            "HEAD",
            "--format=%(objectname)",
        ],
    );
    let root = git(&path, &["rev-parse", "HEAD^{tree}"]);
    let mut trees: Vec<&str> = trees.lines().chain([&root[..]]).collect();
    trees.sort_unstable();
    trees.dedup();
    let size = |id: &&str| git(&path, &["cat-file", "-s", id]).parse::<u64>();
    let tree_bytes: u64 = trees
        .iter()
        .map(|id| size(id).expect("because it is a size") + 256)
        .sum();
    let depth = listed
        .iter()
        .map(|(path, _)| path.matches('/').count())
        .max();
    let longest = listed.iter().map(|(path, _)| path.len()).max();
    let path_bytes: usize = listed.iter().map(|(path, _)| path.len()).sum();
    let total: u64 = listed.iter().map(|(_, size)| size).sum();
    vec![
        here("max_entries", listed.len() as u64, &path, options),
        here(
            "max_depth",
            depth.expect("because it has files") as u64,
            &path,
            options,
        ),
        here(
            "max_path",
            longest.expect("because it has files") as u64,
            &path,
            options,
        ),
        here("max_path_bytes", path_bytes as u64, &path, options),
        here("max_total_bytes", total, &path, options),
        here("max_tree_bytes", tree_bytes, &path, options),
    ]
}

/// Caps of local imports that need repositories of their own.
fn contents(folder: &Path) -> Vec<Row> {
    let submodules = format!(
        "[submodule \"x\"]\n\tpath = x\n\turl = {}\n",
        "u".repeat(900)
    );
    let gitmodules = benign::repository(
        folder,
        "gitmodules.git",
        "sha1",
        &[
            file(".gitmodules", &submodules),
            (
                "160000",
                b"x".to_vec(),
                b"1234567890123456789012345678901234567890".to_vec(),
            ),
        ],
    );
    let (above, below) = ("*.x text\n".repeat(50), "*.y text\n".repeat(70));
    let attributes = benign::repository(
        folder,
        "attributes.git",
        "sha1",
        &[
            file(".gitattributes", &above),
            file("a/.gitattributes", &below),
            file("a/file", "x\n"),
            file("b/.gitattributes", "*.z text\n"),
            file("b/file", "x\n"),
        ],
    );
    let deltas = benign::repository(folder, "deltas.git", "sha1", &alike(60));
    git(&deltas, &["repack", "-adfq", "--depth=20", "--window=60"]);
    let listing = git(&deltas, &["rev-parse", "--git-path", "objects/pack"]);
    let pack = std::fs::read_dir(deltas.join(listing)).expect("because it is packed");
    let mut index = pack.filter_map(Result::ok).map(|entry| entry.path());
    let index = index.find(|path| path.extension().is_some_and(|it| it == "idx"));
    let index = index
        .expect("because a pack has an index")
        .display()
        .to_string();
    let verified = git(&deltas, &["verify-pack", "-v", &index]);
    // Lines of deltas have two words more: depth and base.
    let depths = verified.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words.len() == 7)
            .then(|| words[5].parse::<u64>().ok())
            .flatten()
    });
    let depth = depths.max().expect("because there are deltas");
    assert!(depth >= 5, "{depth}");

    let zeros = benign::repository(
        folder,
        "zeros.git",
        "sha1",
        &[file("zeros", vec![0; 70 << 20])],
    );
    git(&zeros, &["repack", "-adfq"]);
    let run: Run = Box::new(move |limits| hit(local(&zeros, &options(limits))));
    let ratio = Row {
        name: "max_inflate_ratio",
        exact: border("max_inflate_ratio", &run, 10_000),
        run,
    };
    // What zlib reaches with zeros (its "technical details": 1032:1).
    assert!((900..=1_040).contains(&ratio.exact), "{}", ratio.exact);

    let patterns = benign::repository(folder, "patterns.git", "sha1", &shapes());
    let run: Run = Box::new(move |limits| {
        hit(local(
            &patterns,
            &options(limits).exclude("*a*b*c*").exclude("/x/**/y"),
        ))
    });
    let name = "max_pattern_matches";
    let matches = Row {
        name,
        exact: border(name, &run, 2_000_000),
        run,
    };
    // At least each pattern with each entry's name.
    assert!(matches.exact > 100, "{}", matches.exact);
    vec![
        here(
            "max_attributes",
            submodules.len() as u64,
            &gitmodules,
            options,
        ),
        here(
            "max_attributes",
            (above.len() + below.len()) as u64,
            &attributes,
            options,
        ),
        here("max_delta_depth", depth, &deltas, options),
        ratio,
        matches,
    ]
}

/// `max_blob` alone skips the file, and the import goes on.
fn blobs(folder: &Path) -> Row {
    let path = benign::repository(
        folder,
        "blob.git",
        "sha1",
        &[file("a", noise(3, 70_000)), file("b", "b")],
    );
    let run = Box::new(move |limits: Limits| {
        let import = local(&path, &options(limits)).expect("because a skipped file is no error");
        let entry = import.manifest().get(b"a").expect("because it is listed");
        assert_eq!(entry.size(), Some(70_000));
        let skipped = entry.kind().skipped();
        if skipped.is_some() {
            let error = import.blob(entry).expect_err("it was skipped");
            assert_eq!(error.kind(), ErrorKind::ContentSkipped);
            assert_eq!(import.manifest().skipped().too_large, 1);
        }
        (skipped == Some(SkipReason::TooLarge)).then_some("max_blob")
    });
    Row {
        name: "max_blob",
        exact: 70_000,
        run,
    }
}

/// Caps on what a server sends.
fn servers(folder: &Path) -> Vec<Row> {
    let path = benign::repository(
        folder,
        "served.git",
        "sha1",
        &[shapes(), vec![file("noise", noise(9, 6 << 20))]].concat(),
    );
    git(&path, &["tag", "-a", "-m", "x", "annotated"]);
    git(&path, &["branch", "other"]);
    let honest = |speaks| {
        let server = GitHttp::builder(folder).speaks(speaks).start();
        (server.url("served.git"), server)
    };
    let refs = git(folder, &["ls-remote", "served.git"]).lines().count();
    let objects = git(&path, &["rev-list", "--objects", "HEAD"])
        .lines()
        .count();

    let (url, server) = honest(Speaks::V0);
    let mut ref_bytes = there("max_ref_bytes", 0, url, server);
    ref_bytes.exact = border("max_ref_bytes", &ref_bytes.run, 1 << 20);
    assert!(ref_bytes.exact > 41 * refs as u64, "{}", ref_bytes.exact);
    let (url, server) = honest(Speaks::Everything);
    let mut headers = there("max_header_bytes", 0, url, server);
    headers.exact = border("max_header_bytes", &headers.run, 64 << 10);
    assert!((100..2_000).contains(&headers.exact), "{}", headers.exact);

    // Two questions for other systems, one for a static repository, one for the page.
    let server = RawHttp::pages();
    let url = server.url("/page");
    let run = Box::new(move |limits| {
        let _alive = &server;
        match detect(&url, &from_loopback().limits(limits), &Control::new()) {
            Ok(_) => None,
            Err(error) => error.limit(),
        }
    });
    let probes = Row {
        name: "max_probes",
        exact: 4,
        run,
    };

    // The pack in bands that are known, with messages that are.
    let pack_len = Arc::new(Mutex::new(0));
    let serve = || {
        let pack_len = Arc::clone(&pack_len);
        let lie = Lie::change(move |honest| {
            let (before, pack) = split_pack(&honest);
            *pack_len.lock().unwrap_or_else(PoisonError::into_inner) = pack.len() as u64;
            let messages = band(2, &[b'm'; 95]).repeat(10);
            join_pack(&[before, messages].concat(), &pack)
        });
        let server = LyingServer::start(&path, Over::Http, Version::V2, Stage::Pack, lie);
        (server.url(), server)
    };
    let (url, server) = serve();
    remote(&url, &from_loopback()).expect("because the server is honest");
    let len = *pack_len.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(len > 6 << 20, "{len}");
    let (spool_url, spool_server) = serve();
    let (sideband_url, sideband_server) = serve();
    let (refs_url, refs_server) = honest(Speaks::V0);
    let (objects_url, objects_server) = honest(Speaks::Everything);
    vec![
        there("max_refs", refs as u64, refs_url, refs_server),
        ref_bytes,
        headers,
        probes,
        there("max_objects", objects as u64, objects_url, objects_server),
        there("max_pack_bytes", len, url, server),
        there("max_spool", len, spool_url, spool_server),
        // A band's header has five bytes.
        there(
            "max_sideband_bytes",
            10 * (95 + 5),
            sideband_url,
            sideband_server,
        ),
    ]
}

/// `max_record` is about a manifest that is read.
fn records(folder: &Path) -> Row {
    let path: PathBuf = benign::repository(folder, "records.git", "sha1", &simple());
    let import = local(&path, &Options::default()).expect("because it is benign");
    let text = ndjson(import.manifest());
    let longest = text.split(|&byte| byte == b'\n').map(<[u8]>::len).max();
    let run = Box::new(move |limits: Limits| {
        let result = Reader::new(&text[..], &limits).and_then(Reader::verify);
        match result {
            Ok(_) => None,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
                error.limit()
            }
        }
    });
    Row {
        name: "max_record",
        // The line break is one of its bytes.
        exact: longest.expect("because there are lines") as u64 + 1,
        run,
    }
}

#[test]
fn every_cap_is_hit_exactly_where_it_says() {
    let folder: TempDir = tempfile::tempdir().expect("because there is room");
    let place = folder.path();
    let rows: Vec<Row> = [
        walks(place),
        contents(place),
        vec![blobs(place), records(place)],
        servers(place),
    ]
    .into_iter()
    .flatten()
    .collect();
    for name in Limits::NAMES {
        assert!(
            rows.iter().any(|row| row.name == *name),
            "nobody tries {name}"
        );
    }
    let mut wrong = Vec::new();
    for Row { name, exact, run } in &rows {
        for (value, expected) in [(exact - 1, Some(*name)), (*exact, None), (exact + 1, None)] {
            let mut limits = Limits::default();
            limits.set(name, value).expect("because it has a name");
            let hit = run(limits);
            if hit != expected {
                wrong.push(format!(
                    "{name} = {value} (the border is {exact}): hits {hit:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!(
        "limits: {} rows for {} caps",
        rows.len(),
        Limits::NAMES.len()
    );
}

#[test]
fn a_cap_that_does_not_exist_cannot_be_set() {
    let error = Limits::default()
        .set("max_fun", 1)
        .expect_err("there is none");
    assert_eq!(error.kind(), ErrorKind::InvalidOptions);
}
