//! What an import says is what Git says (P6).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gitlade::{Body, EntryKind, ErrorKind, Import, Options};
use gitlade_tests::server::{git, isolated};
use tempfile::TempDir;

use crate::benign::{self, alike, many, shapes};
use crate::importing::local;

/// What Git prints, byte for byte.
fn raw(repository: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("git");
    isolated(&mut command)
        .current_dir(repository)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("because Git is installed");
    let mut stdin = child.stdin.take().expect("because it is piped");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || std::io::Write::write_all(&mut stdin, input));
        child.wait_with_output().expect("because Git ends")
    });
    assert!(output.status.success(), "git {arguments:?}");
    output.stdout
}

/// A line of `git ls-tree -r -t -z`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    mode: u32,
    id: String,
    path: Vec<u8>,
}

fn listed(repository: &Path, tree: &str) -> Vec<Listed> {
    let out = raw(
        repository,
        &["ls-tree", "-r", "-t", "-z", "--full-tree", tree],
        b"",
    );
    read_listing(&out)
}

/// Reads what `git ls-tree -r -t -z` prints.
fn read_listing(out: &[u8]) -> Vec<Listed> {
    let lines = out.split(|&byte| byte == 0).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let tab = line.iter().position(|&byte| byte == b'\t');
            let tab = tab.expect("because a tab is in front of the path");
            let words = String::from_utf8_lossy(&line[..tab]).into_owned();
            let words: Vec<&str> = words.split(' ').collect();
            Listed {
                mode: u32::from_str_radix(words[0], 8).expect("because modes are octal"),
                id: words[2].to_owned(),
                path: line[tab + 1..].to_vec(),
            }
        })
        .collect()
}

/// The contents of all blobs of the listing, by id.
fn contents(repository: &Path, listing: &[Listed]) -> HashMap<String, Vec<u8>> {
    let is_blob = |entry: &&Listed| entry.mode != 0o40_000 && entry.mode != 0o160_000;
    let input: String = listing
        .iter()
        .filter(is_blob)
        .map(|entry| format!("{}\n", entry.id))
        .collect();
    let out = raw(repository, &["cat-file", "--batch"], input.as_bytes());
    let mut rest = &out[..];
    let mut found = HashMap::new();
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .expect("because a header is a line");
        let header = String::from_utf8_lossy(&rest[..end]).into_owned();
        let words: Vec<&str> = header.split(' ').collect();
        assert_eq!(words[1], "blob");
        let size: usize = words[2].parse().expect("because it is a size");
        found.insert(words[0].to_owned(), rest[end + 1..end + 1 + size].to_vec());
        rest = &rest[end + 2 + size..];
    }
    found
}

/// Paths that Git's diff takes for binary.
fn binaries(repository: &Path, tree: &str) -> Vec<Vec<u8>> {
    let empty = git(repository, &["hash-object", "-t", "tree", "/dev/null"]);
    let attributes = format!("--attr-source={tree}");
    let arguments = [
        &attributes,
        "diff-tree",
        "--numstat",
        "-z",
        "-r",
        "--no-renames",
        &empty,
        tree,
    ];
    let out = raw(repository, &arguments.map(|argument| argument), b"");
    out.split(|&byte| byte == 0)
        .filter_map(|line| line.strip_prefix(b"-\t-\t"))
        .map(<[u8]>::to_vec)
        .collect()
}

/// The digest of the folder `prefix`, worked out from the listing alone.
///
/// `entries` is what is left of the listing; what belongs to the folder is taken from its front.
fn folder_digest(
    entries: &mut &[Listed],
    prefix: &[u8],
    contents: &HashMap<String, Vec<u8>>,
    digests: &mut HashMap<Vec<u8>, [u8; 32]>,
) -> [u8; 32] {
    let mut encoded = Vec::new();
    while let Some((entry, rest)) = entries.split_first() {
        let Some(name) = entry.path.strip_prefix(prefix) else {
            break;
        };
        *entries = rest;
        let digest = match entry.mode {
            0o40_000 => {
                let below = [&entry.path[..], b"/"].concat();
                folder_digest(entries, &below, contents, digests)
            }
            0o160_000 => *blake3::hash(entry.id.as_bytes()).as_bytes(),
            _ => *blake3::hash(&contents[&entry.id]).as_bytes(),
        };
        digests.insert(entry.path.clone(), digest);
        encoded.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
        encoded.extend_from_slice(name);
        encoded.push(0);
        encoded.extend_from_slice(&digest);
    }
    *blake3::hash(&encoded).as_bytes()
}

/// Compares the entries of an import with what `git ls-tree -r -t -z` has printed.
///
/// Git shows the modes that it would write today, an import those that the tree has.
pub(crate) fn assert_lists(import: &Import, printed: &[u8], what: &str) {
    let entries = import.manifest().entries();
    let entries: Vec<Listed> = entries
        .map(|entry| Listed {
            mode: match entry.mode() & 0o170_000 {
                0o100_000 => 0o100_644 | ((entry.mode() & 0o100) / 0o100 * 0o111),
                kind => kind,
            },
            id: entry.id().to_string(),
            path: entry.path().to_vec(),
        })
        .collect();
    assert_eq!(entries, read_listing(printed), "{what}");
}

/// Compares an import with what Git says about `tree`.
pub(crate) fn assert_true(import: &Import, repository: &Path, tree: &str) {
    let manifest = import.manifest();
    let listing = listed(repository, tree);
    let entries: Vec<Listed> = manifest
        .entries()
        .map(|entry| Listed {
            mode: entry.mode(),
            id: entry.id().to_string(),
            path: entry.path().to_vec(),
        })
        .collect();
    assert_eq!(entries, listing, "paths, modes, ids and order");

    let contents = contents(repository, &listing);
    let mut digests = HashMap::new();
    let root = folder_digest(&mut &listing[..], b"", &contents, &mut digests);
    assert_eq!(manifest.root().as_bytes(), &root);
    let binaries = binaries(repository, tree);
    let mut verdicts = 0;
    for entry in manifest.entries() {
        let path = gitlade::Printable(entry.path());
        match entry.digest() {
            Some(digest) => assert_eq!(digest.as_bytes(), &digests[entry.path()], "{path}"),
            None => assert!(entry.is_submodule(), "{path}"),
        }
        if !entry.is_file() && !entry.is_symlink() {
            continue;
        }
        let content = &contents[&entry.id().to_string()];
        assert_eq!(entry.size(), Some(content.len() as u64), "{path}");
        assert_eq!(
            &import.bytes(entry).expect("because it was read"),
            content,
            "{path}"
        );
        if let EntryKind::File(file) = entry.kind() {
            let Body::Read(facts) = file.body else {
                panic!("{path} was skipped");
            };
            let binary = binaries.iter().any(|binary| binary == entry.path());
            assert_eq!(facts.git_binary, binary, "Git's verdict on {path}");
            verdicts += u32::from(binary);
        }
        assert_eq!(
            manifest.get(entry.path()).map(|found| found.index()),
            Some(entry.index())
        );
    }
    let symlinks = binaries
        .iter()
        .filter(|path| manifest.get(path).is_some_and(|entry| entry.is_symlink()));
    assert_eq!(verdicts as usize + symlinks.count(), binaries.len());
}

fn sample() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("because there is room");
    let path = benign::repository(folder.path(), "shapes.git", "sha1", &shapes());
    (folder, path)
}

#[test]
fn every_shape_is_what_git_says() {
    let folder = tempfile::tempdir().expect("because there is room");
    for format in ["sha1", "sha256"] {
        let path = benign::repository(folder.path(), &format!("{format}.git"), format, &shapes());
        let import = local(&path, &Options::default()).expect("because it is benign");
        assert!(import.manifest().entries().len() > 100);
        assert_true(&import, &path, "HEAD");
    }
}

#[test]
fn deltas_and_many_files_are_what_git_says() {
    let folder = tempfile::tempdir().expect("because there is room");
    let files = [alike(120), many(1_500)].concat();
    let path = benign::repository(folder.path(), "files.git", "sha1", &files);
    benign::commit_more(&path, &alike(60));
    git(&path, &["repack", "-adfq", "--depth=50", "--window=30"]);
    let import = local(&path, &Options::default()).expect("because it is benign");
    assert_true(&import, &path, "HEAD");
}

/// This project's own checkout, which is whatever it is today.
#[test]
fn the_own_checkout_is_what_git_says() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    if !path.join(".git").exists() {
        crate::importing::skip("the_own_checkout_is_what_git_says", "this is no checkout");
        return;
    }
    let import = local(path, &Options::default()).expect("because it is benign");
    assert_true(&import, path, "HEAD");
}

#[test]
fn revisions_are_those_of_rev_parse() {
    let (_folder, path) = sample();
    benign::commit_more(&path, &[benign::file("second", "2\n")]);
    benign::commit_more(&path, &[benign::file("third", "3\n")]);
    for arguments in [
        &["tag", "light", "HEAD~1"][..],
        &["tag", "-a", "-m", "x", "annotated", "HEAD~2"],
        &["tag", "-a", "-m", "x", "of-tag", "annotated"],
        &["branch", "feature/x", "HEAD~1"],
    ] {
        git(&path, arguments);
    }
    let head = git(&path, &["rev-parse", "HEAD"]);
    let tree = git(&path, &["rev-parse", "HEAD~1^{tree}"]);
    let revisions = [
        "HEAD",
        "main",
        "refs/heads/main",
        "heads/main",
        "feature/x",
        "light",
        "annotated",
        "of-tag",
        "tags/of-tag",
        "HEAD~2",
        "HEAD^",
        "main~1",
        "of-tag^{commit}",
        "annotated^{tree}",
        &head,
        &head[..10],
        &tree,
        &tree[..12],
    ];
    for revision in revisions {
        let import = local(&path, &Options::default().revision(revision));
        let import = import.unwrap_or_else(|error| panic!("{revision}: {error}"));
        let tree = git(&path, &["rev-parse", &format!("{revision}^{{tree}}")]);
        assert_eq!(
            import.manifest().header().source.tree.to_string(),
            tree,
            "{revision}"
        );
        assert_true(&import, &path, &tree);
        let commit = import.manifest().header().source.commit;
        if let Some(commit) = commit {
            let expected = git(&path, &["rev-parse", &format!("{revision}^{{commit}}")]);
            assert_eq!(commit.to_string(), expected, "{revision}");
        }
    }
    for (revision, kind) in [
        ("nowhere", ErrorKind::RevisionNotFound),
        ("HEAD~100", ErrorKind::RevisionNotFound),
        ("HEAD:link", ErrorKind::RevisionNotATree),
        (
            "0123456789abcdef0123456789abcdef01234567",
            ErrorKind::RevisionNotFound,
        ),
    ] {
        let error = local(&path, &Options::default().revision(revision)).expect_err("it is wrong");
        assert_eq!(error.kind(), kind, "{revision}: {error}");
        assert!(error.advice().is_some(), "{revision}: {error}");
    }
}

#[test]
fn a_subdir_is_what_git_says_of_its_tree() {
    let (_folder, path) = sample();
    for subdir in ["sub", "a/b/c", "copies", "names", "sizes/"] {
        let import = local(&path, &Options::default().subdir(subdir));
        let import = import.unwrap_or_else(|error| panic!("{subdir}: {error}"));
        let tree = git(&path, &["rev-parse", &format!("HEAD:{subdir}")]);
        // Attributes of the folders above it count, which Git cannot be told for a subtree: what
        // has to be equal are the listing and the digests.
        let entries: Vec<_> = import
            .manifest()
            .entries()
            .map(|entry| entry.path().to_vec())
            .collect();
        let expected: Vec<_> = listed(&path, &tree)
            .into_iter()
            .map(|entry| entry.path)
            .collect();
        assert_eq!(entries, expected, "{subdir}");
        let listing = listed(&path, &tree);
        let contents = contents(&path, &listing);
        let root = folder_digest(&mut &listing[..], b"", &contents, &mut HashMap::new());
        assert_eq!(import.manifest().root().as_bytes(), &root, "{subdir}");
    }
    for (subdir, kind) in [
        ("nowhere", ErrorKind::PathNotFound),
        ("link", ErrorKind::PathIsOther),
        ("run.sh", ErrorKind::PathIsOther),
        ("vendor/lib", ErrorKind::PathIsOther),
    ] {
        let error = local(&path, &Options::default().subdir(subdir)).expect_err("it is no folder");
        assert_eq!(error.kind(), kind, "{subdir}: {error}");
    }
}

/// Work trees, folders inside of them, linked work trees and submodule-like `.git` files all lead to
/// the same repository.
#[test]
fn every_door_leads_to_the_same_repository() {
    let (folder, path) = sample();
    let work = folder.path().join("work");
    git(
        folder.path(),
        &["clone", "-q", "--no-checkout", "shapes.git", "work"],
    );
    git(&work, &["checkout", "-q", "HEAD", "--", "sub", "copies"]);
    git(
        &work,
        &["worktree", "add", "-q", "--no-checkout", "../linked"],
    );
    let doors = [
        work.clone(),
        work.join(".git"),
        work.join("sub"),
        work.join("copies/3/same"),
        folder.path().join("linked"),
        path.join("objects"),
    ];
    for door in doors {
        let import = local(&door, &Options::default());
        let import = import.unwrap_or_else(|error| panic!("{}: {error}", door.display()));
        assert_true(&import, &path, "HEAD");
    }
}
