//! C and C++ see what Rust sees, entry by entry, byte by byte.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use gitlade::{
    Body, Content, Control, Entry, EntryKind, Import, Options, Policy, RemoteOptions, Source,
};
use gitlade_tests::server::{GitHttp, sample_repository, sample_repository_as};
use gitlade_tests::{corpus, scratch};

use crate::installed::{build, run};

/// FNV-1a of 64 bits, as the programs have it.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text as the programs print it.
pub(crate) fn text(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "-".to_owned(), |bytes| format!("={}", hex(bytes)))
}

/// The number of a value among the words that the manifest has for them, from 1.
fn number(words: &[&str], value: Option<&serde_json::Value>) -> usize {
    let word = value.and_then(serde_json::Value::as_str);
    word.map_or(0, |word| {
        let place = words.iter().position(|known| *known == word);
        1 + place.unwrap_or_else(|| panic!("{word} has no number"))
    })
}

/// All that there is to say of an entry, in the form of the programs.
pub(crate) fn line(import: &Import, entry: Entry<'_>) -> String {
    // The words come from the entry's record, the numbers are those that the header documents.
    let record = serde_json::to_value(entry).expect("because entries are records");
    let (mut files, mut bytes, mut lines) = (0, 0, 0);
    let (mut encoding, mut mime, mut working, mut target, mut url) = (None, None, None, None, None);
    let (mut lfs, mut lfs_size, mut flags) = ([0; 32], 0, [false; 6]);
    match entry.kind() {
        EntryKind::Folder(folder) => (files, bytes) = (folder.files, folder.bytes),
        EntryKind::File(file) => {
            flags[2] = file.executable;
            if let Body::Read(facts) = file.body {
                flags[3] = facts.git_binary;
                working = facts.working_tree_encoding;
                match facts.content {
                    Content::Text {
                        encoding: name,
                        lines: count,
                        ..
                    } => (encoding, lines) = (Some(name.name()), count),
                    Content::Binary { mime: name, .. } => mime = name,
                    _ => {}
                }
                if let Some(found) = facts.lfs {
                    (lfs, lfs_size) = (found.pointer.oid.0, found.pointer.size);
                    (flags[4], flags[5]) = (true, found.filter);
                }
            }
        }
        EntryKind::Symlink(symlink) => {
            target = symlink.body.read().and_then(|facts| facts.target);
        }
        EntryKind::Submodule(submodule) => url = submodule.url,
        _ => {}
    }
    flags[0] = entry.digest().is_some();
    flags[1] = entry.size().is_some();
    let kinds = ["folder", "file", "symlink", "submodule"];
    let eols = ["none", "lf", "crlf", "cr", "mixed"];
    let eol = number(&eols, record.get("eol")).saturating_sub(1);
    let boms = ["utf8", "utf16-le", "utf16-be", "utf32-le", "utf32-be"];
    let bases = [
        "empty",
        "attributes",
        "bom",
        "utf8",
        "guess",
        "nul",
        "control",
        "malformed",
    ];
    let mut line = format!(
        "{}\t{}\t{}\t{:o}\t{:x}",
        entry.index(),
        entry.parent().map_or(0, |folder| folder.index() + 1),
        number(&kinds, record.get("kind")) - 1,
        entry.mode(),
        entry.flags().bits(),
    );
    let digest = entry.digest().map_or([0; 32], |digest| digest.0);
    let _ = write!(
        line,
        "\t{}\t{}\t{}\t{}\t{}\t{files}\t{bytes}\t{lines}",
        text(Some(entry.path())),
        text(Some(entry.name())),
        entry.id(),
        hex(&digest),
        entry.size().unwrap_or(0),
    );
    for told in [encoding, mime, working].map(|word| word.map(str::as_bytes)) {
        let _ = write!(line, "\t{}", text(told));
    }
    let _ = write!(
        line,
        "\t{}\t{}\t{}\t{lfs_size}\t{}\t{eol}\t{}\t{}\t{}\t",
        text(target),
        text(url),
        hex(&lfs),
        number(&["text", "binary"], record.get("content")),
        number(&boms, record.get("bom")),
        number(&bases, record.get("basis")),
        number(&["too_large", "missing"], record.get("skipped")),
    );
    for flag in flags {
        line.push(if flag { '1' } else { '0' });
    }
    match import.bytes(entry) {
        Err(error) => drop(write!(line, "\t{}", error.kind().code())),
        Ok(bytes) => {
            let _ = write!(line, "\t{:016x}", fnv(&bytes));
            match import.text(entry) {
                Ok(text) => drop(write!(line, "\t{:016x}", fnv(text.as_bytes()))),
                Err(error) => drop(write!(line, "\t{}", error.kind().code())),
            }
        }
    }
    line.push('\n');
    line
}

pub(crate) fn import(source: &str) -> Result<Import, gitlade::Error> {
    let remote = RemoteOptions::default().policy(Policy::unrestricted());
    let options = Options::default().remote(remote);
    gitlade::import(&Source::parse(source)?, &options, &Control::new())
}

/// Lets a program import `source`, and holds all that it says against what Rust says.
fn same(program: &Path, source: &str) -> usize {
    let folder = scratch();
    let file = folder.path().join("manifest");
    let mut command = Command::new(program);
    command.arg(source).arg(&file);
    match import(source) {
        Err(error) => {
            let output = command.output().expect("because it was compiled");
            let code = output.status.code();
            assert_eq!(code, Some(error.kind().code().into()), "{source}: {error}");
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(told.contains(&error.to_string()), "{source}: {told}");
            0
        }
        Ok(import) => {
            let told = String::from_utf8(run(&mut command).stdout).expect("because it is ASCII");
            let mut told = told.split_inclusive('\n');
            for entry in import.manifest().entries() {
                let expected = line(&import, entry);
                assert_eq!(told.next(), Some(expected.as_str()), "{source}");
            }
            assert_eq!(told.next(), None, "{source}");
            let mut ndjson = Vec::new();
            let written = import.manifest().write_ndjson(&mut ndjson);
            written.expect("because memory takes it");
            let file = std::fs::read(file).expect("because the program wrote it");
            assert!(file == ndjson, "{source}");
            import.manifest().len()
        }
    }
}

#[test]
fn local_imports_are_the_same_in_every_language() {
    let programs = [
        build("walk.c", "gcc", &[]),
        build("walk.c", "clang", &[]),
        build("walk.cpp", "g++", &[]),
        build("walk.cpp", "clang++", &[]),
    ];
    let folder = scratch();
    let mut entries = 0;
    for (index, sample) in corpus::all().into_iter().enumerate() {
        let place = folder.path().join(index.to_string());
        sample.make(&place);
        let path = sample.opened(&place);
        let path = path.to_str().expect("because the names are ASCII");
        // Every language sees each repository, and every compiler some of them.
        for language in 0..2 {
            entries += same(&programs[2 * language + index % 2], path);
        }
    }
    println!("{entries} entries of C and C++ are those of Rust");
    assert!(entries > 1_000, "{entries}");
}

#[test]
fn remote_imports_are_the_same_in_every_language() {
    let folder = scratch();
    sample_repository(folder.path());
    sample_repository_as(folder.path(), "sha256.git", "sha256");
    let server = GitHttp::serve(folder.path());
    let programs = [build("walk.c", "gcc", &[]), build("walk.cpp", "g++", &[])];
    for program in &programs {
        for name in ["sample.git", "sha256.git"] {
            assert!(same(program, &server.url(name)) > 3);
        }
        // What fails there fails here with the same words.
        assert_eq!(same(program, &server.url("nothing.git")), 0);
    }
}
