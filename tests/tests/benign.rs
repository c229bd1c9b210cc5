//! Benign repositories, made by the real Git, with everything in them that has to be told apart.

use std::path::{Path, PathBuf};

use gitlade_tests::server::{git, git_with_input};

/// A file of a commit: mode, path and content.
pub(crate) type File = (&'static str, Vec<u8>, Vec<u8>);

/// Bytes that no two calls with different seeds share, and that do not compress (xorshift64).
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(len);
    out
}

/// A regular file.
pub(crate) fn file(path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> File {
    ("100644", path.as_ref().to_vec(), content.as_ref().to_vec())
}

/// Every kind of entry, name, content and attribute.
pub(crate) fn shapes() -> Vec<File> {
    let mut files = vec![
        (
            "100755",
            b"run.sh".to_vec(),
            b"#!/bin/sh\necho hello\n".to_vec(),
        ),
        ("120000", b"link".to_vec(), b"../outside".to_vec()),
        (
            "120000",
            b"deep/dangling".to_vec(),
            b"/etc/passwd\xff".to_vec(),
        ),
        (
            "160000",
            b"vendor/lib".to_vec(),
            b"1234567890123456789012345678901234567890".to_vec(),
        ),
        file(
            ".gitmodules",
            "[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = https://example.com/lib.git\n",
        ),
        file(
            ".gitattributes",
            "*.forced -diff\n*.shown diff\n*.bin binary\n*.txt text\n[attr]mine -diff\n*.mine mine\n\
             sub/*.over -diff\n\"quo ted\" -diff\n*.again diff\n*.again -diff\n",
        ),
        file("sub/.gitattributes", "*.over diff\n*.forced !diff\n"),
        file("sub/a.over", "nul \0 inside"),
        file("sub/b.forced", "text\n"),
        file("b.forced", "text\n"),
        file("c.shown", "nul \0 inside\n"),
        file("d.bin", "text\n"),
        file("e.txt", "nul \0 inside\n"),
        file("f.mine", "text\n"),
        file("g.again", "text\n"),
        file("quo ted", "text\n"),
    ];
    // What sorts differently as a file and as a folder.
    for path in [
        "sort",
        "sort-",
        "sort.b",
        "sort0",
        "sort1/x",
        "sort1.x",
        "sort1-x",
        "A",
        "a/b/c/d/e/f",
    ] {
        files.push(file(path, path));
    }
    // Names that only bytes can hold.
    for path in [
        &b"names/\xff\xfe"[..],
        b"names/new\nline",
        b"names/tab\t",
        b"names/\"quoted\"",
        b"names/back\\slash",
        "names/\u{e9}t\u{e9}".as_bytes(),
        "names/e\u{301}".as_bytes(),
        "names/\u{202e}desrever".as_bytes(),
        b"names/-option",
        b"names/ space ",
        b"names/\x1b[31mred",
        b"names/con.txt",
    ] {
        files.push(file(path, path));
    }
    // Sizes at the borders: BLAKE3's chunk, Git's look for NULs, and what is handed on in pieces.
    for size in [
        0,
        1,
        1023,
        1024,
        1025,
        2048,
        2049,
        7999,
        8000,
        8001,
        65_535,
        65_536,
        65_537,
        (1 << 20) + 1,
    ] {
        files.push(file(format!("sizes/{size}"), noise(size as u64, size)));
        files.push(file(format!("sizes/{size}.a"), vec![b'a'; size]));
    }
    for at in [7_998, 7_999, 8_000, 8_001] {
        let mut content = vec![b'x'; 10_000];
        content[at] = 0;
        files.push(file(format!("nul/{at}"), content));
    }
    for (name, content) in [
        ("utf8-bom", &b"\xef\xbb\xbftext\n"[..]),
        ("utf16le", b"\xff\xfet\0e\0x\0t\0\n\0"),
        ("utf16be", b"\xfe\xff\0t\0e\0x\0t"),
        ("utf32le", b"\xff\xfe\0\0t\0\0\0"),
        ("latin1", b"caf\xe9 cr\xe8me br\xfbl\xe9e\n"),
        ("crlf", b"one\r\ntwo\r\n"),
        ("cr", b"one\rtwo\r"),
        ("mixed", b"one\r\ntwo\nthree\r"),
        ("no-end", b"one\ntwo"),
        ("invalid", b"text \xc3\x28 \xff\n"),
        ("escape", b"\x1b[31mred\x1b[0m\n"),
        ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ] {
        files.push(file(format!("content/{name}"), content));
    }
    files.push(file(
        "pointer",
        format!(
            "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
            "ab".repeat(32)
        ),
    ));
    for copy in 0..20 {
        files.push(file(format!("copies/{copy}/same"), "the same everywhere\n"));
    }
    files
}

/// Files that Git stores as deltas of each other.
pub(crate) fn alike(count: usize) -> Vec<File> {
    let mut content = noise(77, 20_000);
    (0..count)
        .map(|number| {
            // Each is closer to the last one than to those in front of it.
            let at = number * 190 % 19_000;
            content[at..at + 150].copy_from_slice(&noise(number as u64 + 100, 150));
            content.extend_from_slice(&noise(number as u64, 5));
            file(format!("alike/{:02}/{number}", number % 7), &content)
        })
        .collect()
}

/// Many small files.
pub(crate) fn many(count: usize) -> Vec<File> {
    (0..count)
        .map(|number| {
            let path = format!("many/{}/{}/{number}.txt", number % 10, number % 7);
            file(path, format!("file {number}\n"))
        })
        .collect()
}

/// Makes a bare repository `name` below `folder`, with one commit of `files` on `main`.
pub(crate) fn repository(folder: &Path, name: &str, format: &str, files: &[File]) -> PathBuf {
    let path = folder.join(name);
    let format = format!("--object-format={format}");
    git(
        folder,
        &["init", "-q", "--bare", "-b", "main", &format, name],
    );
    git_with_input(
        &path,
        &["fast-import", "--quiet"],
        &stream("main", "", files, &path),
    );
    path
}

/// Commits `files` on top of what `main` has.
pub(crate) fn commit_more(repository: &Path, files: &[File]) {
    let stream = stream("main", "from refs/heads/main^0\n", files, repository);
    git_with_input(repository, &["fast-import", "--quiet"], &stream);
}

/// A stream for `git fast-import`.
fn stream(branch: &str, from: &str, files: &[File], repository: &Path) -> Vec<u8> {
    let who = "committer C O Mitter <committer@example.com> 1704067200 +0000\n";
    let mut out = format!("commit refs/heads/{branch}\n{who}data 7\nchange\n\n{from}").into_bytes();
    let is_sha256 = git(repository, &["rev-parse", "--show-object-format"]) == "sha256";
    for (mode, path, content) in files {
        let quoted = quote(path);
        if *mode == "160000" {
            let id = String::from_utf8_lossy(content);
            let id = if is_sha256 {
                format!("{id:0<64}")
            } else {
                id.into_owned()
            };
            out.extend(format!("M 160000 {id} {quoted}\n").bytes());
            continue;
        }
        out.extend(format!("M {mode} inline {quoted}\ndata {}\n", content.len()).bytes());
        out.extend_from_slice(content);
        out.push(b'\n');
    }
    out.push(b'\n');
    out
}

/// A path as C would write it.
fn quote(path: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in path {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}
