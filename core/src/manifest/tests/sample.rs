//! A manifest with every kind of record, made by hand.

use crate::content::{Basis, Bom, Content, Encoding, Eol, LfsId, LfsPointer};
use crate::id::{ContentHash, ObjectFormat, ObjectId};
use crate::manifest::{
    BlobIndex, Builder, Choices, Flags, Header, Manifest, Origin, SkipReason, Verdict,
};

/// The id that `git hash-object` would give, were this a test of ids; here any will do.
pub(in crate::manifest) fn id(seed: &str) -> ObjectId {
    ObjectId::from_bytes(&blake3::hash(seed.as_bytes()).as_bytes()[..20]).unwrap()
}

pub(in crate::manifest) fn header() -> Header {
    let mut origin = Origin::of_tree(id("the tree"));
    origin.url = Some("https://example.org/a/b.git".to_owned());
    origin.reference = Some(b"refs/heads/main".to_vec());
    origin.commit = Some(id("the commit"));
    Header::new(origin, Choices::default())
}

pub(in crate::manifest) fn text() -> Content {
    Content::Text {
        encoding: Encoding::from_name("utf-8").unwrap(),
        bom: None,
        eol: Eol::Lf,
        lines: 2,
        basis: Basis::Utf8,
    }
}

pub(in crate::manifest) fn binary(mime: Option<&'static str>) -> Content {
    Content::Binary {
        mime,
        basis: Basis::Nul,
    }
}

pub(in crate::manifest) fn verdict(content: Content) -> Verdict<'static> {
    Verdict {
        content,
        git_binary: matches!(content, Content::Binary { .. }),
        lfs_filter: false,
        working_tree_encoding: None,
    }
}

pub(in crate::manifest) fn blob(builder: &mut Builder, bytes: &[u8]) -> BlobIndex {
    let id = id(&format!("blob {bytes:?}"));
    builder.add_blob_parts(id, ContentHash::of(bytes), bytes.len() as u64)
}

/// A small manifest: one folder, one file, one symlink.
pub(in crate::manifest) fn small() -> Manifest {
    let mut builder = Builder::new(header());
    builder.open_folder(b"d", 0o040_000, id("d"), Flags::NONE);
    let file = blob(&mut builder, b"one\ntwo\n");
    builder.file(b"f", 0o100_644, file, &verdict(text()), Flags::NONE);
    builder.close_folder();
    let link = blob(&mut builder, b"d/f");
    builder.symlink(b"l", 0o120_000, link, Some(b"d/f"), Flags::NONE);
    builder.finish().unwrap()
}

/// Every kind of record, and every member.
pub(in crate::manifest) fn large() -> Manifest {
    let mut header = header();
    header.source.subdir = Some(b"sub/\xffdir".to_vec());
    header.options.include = vec!["*.rs".to_owned(), "say \"hi\"".to_owned()];
    header.options.exclude = vec!["/target".to_owned()];
    header.options.allow_missing = true;
    let mut b = Builder::new(header);
    let source = blob(&mut b, b"one\ntwo\n");
    let image = blob(&mut b, b"\x89PNG\r\n\x1a\n\0");
    let utf16 = blob(&mut b, b"\xff\xfea\0");
    let pointer = blob(&mut b, b"version https://git-lfs.github.com/spec/v1\n...");
    b.set_lfs(
        pointer,
        LfsPointer {
            oid: LfsId([0xab; 32]),
            size: 123_456,
        },
    );
    let up = blob(&mut b, b"../up");
    let odd_link = blob(&mut b, b"\xfe");
    let long_link = blob(&mut b, &[b'x'; 5000]);

    b.file(
        b".gitattributes",
        0o100_644,
        source,
        &verdict(text()),
        Flags::NONE,
    );
    b.file(
        b"a",
        0o100_644,
        image,
        &verdict(binary(Some("image/png"))),
        Flags::NONE,
    );
    b.open_folder(b"a-", 0o040_000, id("a-"), Flags::CASE_COLLISION);
    b.close_folder();
    b.file(
        b"a.bin",
        0o100_755,
        image,
        &verdict(binary(Some("image/png"))),
        Flags::NONE,
    );
    b.open_folder(b"aa", 0o040_000, id("aa"), Flags::NONE);
    b.file(
        b"forced",
        0o100_664,
        image,
        &Verdict {
            content: Content::Text {
                encoding: Encoding::from_name("windows-1252").unwrap(),
                bom: None,
                eol: Eol::Mixed,
                lines: 3,
                basis: Basis::Attributes,
            },
            git_binary: false,
            lfs_filter: false,
            working_tree_encoding: Some("UTF-16LE-BOM"),
        },
        Flags::ODD_MODE,
    );
    b.open_folder(b"inner", 0o040_000, id("inner"), Flags::NONE);
    b.file(
        b"pointer",
        0o100_644,
        pointer,
        &Verdict {
            lfs_filter: true,
            ..verdict(text())
        },
        Flags::NONE,
    );
    b.file(
        b"pointer-only",
        0o100_644,
        pointer,
        &verdict(text()),
        Flags::NONE,
    );
    b.close_folder();
    b.file(
        b"utf16",
        0o100_644,
        utf16,
        &Verdict {
            content: Content::Text {
                encoding: Encoding::from_name("utf-16le").unwrap(),
                bom: Some(Bom::Utf16Le),
                eol: Eol::None,
                lines: 1,
                basis: Basis::Bom,
            },
            git_binary: true,
            lfs_filter: false,
            working_tree_encoding: None,
        },
        Flags::NONE,
    );
    b.close_folder();
    b.skipped(
        b"huge",
        0o100_644,
        id("huge"),
        Some(1 << 40),
        SkipReason::TooLarge,
        Flags::NONE,
    );
    b.symlink(b"link", 0o120_000, up, Some(b"../up"), Flags::NONE);
    b.symlink(b"link-long", 0o120_000, long_link, None, Flags::NONE);
    b.symlink(b"link-odd", 0o120_000, odd_link, Some(b"\xfe"), Flags::NONE);
    b.skipped(
        b"lost",
        0o120_000,
        id("lost"),
        None,
        SkipReason::Missing,
        Flags::NONE,
    );
    b.submodule(
        b"mod",
        0o160_000,
        id("mod"),
        Some(b"https://example.org/mod"),
        Flags::NONE,
    );
    b.submodule(b"mod-none", 0o160_000, id("mod-none"), None, Flags::NONE);
    b.submodule(
        b"mod-odd",
        0o160_000,
        id("mod-odd"),
        Some(b"\xc0url"),
        Flags::NONE,
    );
    b.file(
        "new\nline \"q\" \u{202e}".as_bytes(),
        0o100_644,
        source,
        &verdict(text()),
        Flags::CONTROL_CHARACTERS | Flags::INVISIBLE_CHARACTERS,
    );
    b.file(
        b"unknown",
        0o100_644,
        odd_link,
        &verdict(binary(None)),
        Flags::NONE,
    );
    b.file(
        "über".as_bytes(),
        0o100_644,
        source,
        &verdict(text()),
        Flags::NONE,
    );
    b.file(
        b"\xffodd",
        0o100_644,
        source,
        &verdict(text()),
        Flags::NOT_UTF8,
    );
    b.exclude(3);
    b.exclude(4);
    b.finish().unwrap()
}

/// A repository without commits.
pub(in crate::manifest) fn empty() -> Manifest {
    let header = Header::new(Origin::empty(ObjectFormat::Sha256), Choices::default());
    Builder::new(header).finish().unwrap()
}

pub(in crate::manifest) fn ndjson(manifest: &Manifest) -> Vec<u8> {
    let mut out = Vec::new();
    manifest.write_ndjson(&mut out).unwrap();
    out
}
