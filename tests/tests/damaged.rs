//! Damaged copies of objects: whatever has a sound copy is imported, as Git reads it.

use std::fs;
use std::path::{Path, PathBuf};

use gitlade::{Error, ErrorKind, Options, Verify};
use gitlade_tests::server::{git, git_with_input, isolated};
use tempfile::TempDir;

use crate::benign::{self, file};
use crate::importing::{body, local};

/// A small repository, all of it in one pack with deltas.
fn sample() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("because there is room");
    let lines = |last: &str| -> String {
        let lines = (0..60u32).map(|n| format!("line {} of many\n", n * n));
        lines.chain([last.to_owned()]).collect()
    };
    let files = [
        file("a/one", "one\n".repeat(300)),
        file("b/1", lines("the first\n")),
        file("b/2", lines("the second\n")),
        file("b/3", lines("the third\n")),
    ];
    let path = benign::repository(folder.path(), "sample.git", "sha1", &files);
    git(&path, &["repack", "-adfq"]);
    (folder, path)
}

/// The packs of a repository.
fn packs(path: &Path) -> Vec<PathBuf> {
    let mut packs: Vec<PathBuf> = fs::read_dir(path.join("objects/pack"))
        .expect("because Git made it")
        .map(|entry| entry.expect("because it can be listed").path())
        .filter(|path| path.extension().is_some_and(|it| it == "pack"))
        .collect();
    packs.sort();
    packs
}

/// Packs all objects once more, each of them whole, so that it is another pack.
fn add_whole_pack(path: &Path) -> PathBuf {
    let before = packs(path);
    git_with_input(
        path,
        &[
            "pack-objects",
            "-q",
            "--all",
            "--window=0",
            "objects/pack/pack",
        ],
        b"",
    );
    let mut added = packs(path);
    added.retain(|pack| !before.contains(pack));
    assert_eq!(added.len(), 1, "it is another pack");
    added.remove(0)
}

/// Calls `act` while the packs are out of Git's sight, since it writes only what it does not have.
fn without_packs<T>(path: &Path, act: impl FnOnce() -> T) -> T {
    let folder = path.join("objects/pack");
    let aside = path.join("objects/aside");
    fs::rename(&folder, &aside).expect("because it is there");
    fs::create_dir(&folder).expect("because there is room");
    let result = act();
    fs::remove_dir(&folder).expect("because nothing was packed");
    fs::rename(&aside, &folder).expect("because it is there");
    result
}

/// Makes loose files of all objects of a pack.
fn unpack_into(path: &Path, pack: &Path) {
    let bytes = fs::read(pack).expect("because it is there");
    without_packs(path, || {
        git_with_input(path, &["unpack-objects", "-q"], &bytes);
    });
}

/// A file that Git has made read-only, changed.
fn change(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).expect("because it is there");
    change(&mut bytes);
    fs::remove_file(file).expect("because it is there");
    fs::write(file, bytes).expect("because there is room");
}

/// Where the entries of a pack begin, with their ids and whether they are deltas, by offset.
fn entries(pack: &Path) -> Vec<(u64, String, bool)> {
    let index = pack.with_extension("idx");
    let index = index.to_str().expect("because the names are plain");
    let folder = pack.parent().expect("because it is in a folder");
    let listed = git(folder, &["verify-pack", "-v", index]);
    let mut entries: Vec<(u64, String, bool)> = listed
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let offset = words.get(4)?.parse().ok()?;
            (words[0].len() == 40).then(|| (offset, words[0].to_owned(), words.len() > 5))
        })
        .collect();
    entries.sort();
    entries
}

/// Damages the compressed data of the entry at `offset`.
fn damage_entry(pack: &Path, offset: u64) {
    let all = entries(pack);
    let end = all.iter().map(|(at, ..)| *at).find(|&at| at > offset);
    change(pack, |bytes| {
        let end = end.unwrap_or(bytes.len() as u64 - 20);
        bytes[end as usize - 3] ^= 0x55;
    });
}

/// What Git makes of `HEAD`.
fn archive(path: &Path) -> Vec<u8> {
    let mut command = std::process::Command::new("git");
    let output = isolated(&mut command)
        .current_dir(path)
        .args(["archive", "--format=tar", "HEAD"])
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

fn import(path: &Path, verify: Verify) -> Result<Vec<u8>, Error> {
    let import = local(path, &Options::default().verify(verify).threads(2))?;
    // What is handed out later comes from sound copies, too.
    for entry in import.manifest().files() {
        let bytes = import.bytes(entry)?;
        let digest = entry.digest().expect("because it was read");
        assert_eq!(blake3::hash(&bytes).as_bytes(), digest.as_bytes());
    }
    Ok(body(import.manifest()))
}

fn sound(path: &Path) -> Vec<u8> {
    import(path, Verify::Ids).expect("because it is benign")
}

#[test]
fn every_byte_of_a_pack_may_be_damaged_if_another_has_all() {
    let (_folder, path) = sample();
    let pack = packs(&path).remove(0);
    let expected = sound(&path);
    add_whole_pack(&path);
    let original = fs::read(&pack).expect("because it is there");
    // Pack and index are read together, and what stands in the latter is another matter.
    for (verify, step) in [(Verify::Checksums, 1), (Verify::Ids, 5)] {
        for at in (0..original.len()).step_by(step) {
            change(&pack, |bytes| {
                bytes.clone_from(&original);
                bytes[at] ^= 1 << (at % 8);
            });
            let found = import(&path, verify);
            let found = found.unwrap_or_else(|error| panic!("byte {at}, {verify:?}: {error}"));
            assert!(found == expected, "byte {at}, {verify:?}");
        }
    }
    for len in [0, 4, 11, 12, 33, original.len() / 2, original.len() - 1] {
        change(&pack, |bytes| {
            bytes.clone_from(&original);
            bytes.truncate(len);
        });
        let found = import(&path, Verify::Checksums);
        assert!(
            found.expect("because another pack has all") == expected,
            "{len} bytes"
        );
    }
    fs::remove_file(&pack).expect("because it is there");
    let found = import(&path, Verify::Checksums);
    assert!(found.expect("because another pack has all") == expected);
}

/// Each object in turn is damaged in the one pack, and sound in a loose file.
#[test]
fn loose_copies_stand_in_for_damaged_entries() {
    let (_folder, path) = sample();
    let expected = sound(&path);
    let pack = packs(&path).remove(0);
    let whole = add_whole_pack(&path);
    unpack_into(&path, &whole);
    // Now the loose files are the only other copies.
    fs::remove_file(whole.with_extension("idx")).expect("because it is there");
    fs::remove_file(whole).expect("because it is there");
    let original = fs::read(&pack).expect("because it is there");
    let all = entries(&pack);
    assert!(all.iter().any(|(_, _, is_delta)| *is_delta), "{all:?}");
    let archived = archive(&path);
    for (offset, id, is_delta) in &all {
        damage_entry(&pack, *offset);
        assert!(archive(&path) == archived, "Git reads {id} all the same");
        let found = import(&path, Verify::Checksums);
        let found = found.unwrap_or_else(|error| panic!("{id} {is_delta}: {error}"));
        assert!(found == expected, "{id} {is_delta}");
        change(&pack, |bytes| bytes.clone_from(&original));
    }
}

/// The deltas against a damaged base are nowhere else, and the base is: Git applies them to the copy.
#[test]
fn deltas_survive_their_damaged_base() {
    let (_folder, path) = sample();
    let expected = sound(&path);
    let pack = packs(&path).remove(0);
    let original = fs::read(&pack).expect("because it is there");
    let contents: Vec<(u64, String, Vec<u8>)> = entries(&pack)
        .into_iter()
        .filter(|(_, id, is_delta)| !is_delta && git(&path, &["cat-file", "-t", id]) == "blob")
        .map(|(offset, id, _)| {
            let text = git(&path, &["cat-file", "-p", &id]);
            (offset, id, format!("{text}\n").into_bytes())
        })
        .collect();
    let mut recovered = 0;
    for (offset, id, content) in contents {
        damage_entry(&pack, offset);
        let error = import(&path, Verify::Checksums).expect_err("because there is no other copy");
        assert_eq!(error.kind(), ErrorKind::CorruptObject, "{error}");
        assert_eq!(error.file(), Some(&*pack), "{error}");
        let written = without_packs(&path, || {
            git_with_input(&path, &["hash-object", "-w", "--stdin"], &content)
        });
        if written == id {
            let found = import(&path, Verify::Checksums);
            let found = found.unwrap_or_else(|error| panic!("{id}: {error}"));
            assert!(found == expected, "{id}");
            recovered += 1;
            let loose = path.join("objects").join(&id[..2]).join(&id[2..]);
            fs::remove_file(loose).expect("because Git wrote it");
        }
        change(&pack, |bytes| bytes.clone_from(&original));
    }
    assert!(recovered > 0);
}

#[test]
fn alternates_have_copies_too() {
    let (folder, path) = sample();
    let expected = sound(&path);
    let copy = folder.path().join("copy.git");
    git(
        folder.path(),
        &[
            "clone",
            "-q",
            "--bare",
            "--no-local",
            "sample.git",
            "copy.git",
        ],
    );
    let alternates = copy.join("objects/info/alternates");
    fs::write(&alternates, format!("{}\n", path.join("objects").display())).expect("room");
    for pack in packs(&copy) {
        change(&pack, |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle..].fill(0);
        });
    }
    let found = import(&copy, Verify::Checksums);
    assert!(found.expect("because the alternate has all") == expected);
    let options = Options::default().alternates(false);
    let error = local(&copy, &options)
        .map(|_| ())
        .expect_err("because nothing else is left");
    assert!(
        matches!(
            error.kind(),
            ErrorKind::CorruptObject | ErrorKind::CorruptRepository
        ),
        "{error}"
    );

    // Loose files of the alternate, for damaged loose files.
    let pack = packs(&path).remove(0);
    let whole = add_whole_pack(&path);
    unpack_into(&path, &pack);
    for pack in [pack, whole] {
        fs::remove_file(pack.with_extension("idx")).expect("because it is there");
        fs::remove_file(pack).expect("because it is there");
    }
    for pack in packs(&copy) {
        fs::remove_file(pack.with_extension("idx")).expect("because it is there");
        fs::remove_file(pack).expect("because it is there");
    }
    let head = git(&path, &["rev-parse", "HEAD:a/one"]);
    let own = copy.join("objects").join(&head[..2]);
    fs::create_dir_all(&own).expect("because there is room");
    fs::write(own.join(&head[2..]), b"nothing that zlib has made").expect("room");
    let found = import(&copy, Verify::Checksums);
    assert!(found.expect("because the alternate has all") == expected);
}

/// An object of which every copy is damaged is an error, however many others are sound.
#[test]
fn damage_of_all_copies_is_told() {
    let (_folder, path) = sample();
    let first = packs(&path).remove(0);
    let second = add_whole_pack(&path);
    let id = git(&path, &["rev-parse", "HEAD:a/one"]);
    for pack in [&first, &second] {
        let all = entries(pack);
        let (offset, ..) = all
            .iter()
            .find(|(_, it, _)| *it == id)
            .expect("it is in it");
        damage_entry(pack, *offset);
    }
    for verify in [Verify::Checksums, Verify::Ids] {
        let error = import(&path, verify).expect_err("because no copy is sound");
        assert_eq!(error.kind(), ErrorKind::CorruptObject, "{error}");
        let file = error.file().expect("because it is about a pack");
        assert!(file == first || file == second, "{error}");
    }
    // A loose copy mends it.
    let content = "one\n".repeat(300);
    let written = without_packs(&path, || {
        git_with_input(&path, &["hash-object", "-w", "--stdin"], content.as_bytes())
    });
    assert_eq!(written, id);
    import(&path, Verify::Checksums).expect("because a copy is sound");
}
