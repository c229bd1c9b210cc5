//! Stores that share the blobs among them.

use super::*;

#[test]
fn split_stores_route_by_what_an_import_says() {
    let source = scratch();
    let repository = crate::benign::repository(
        source.path(),
        "split.git",
        "sha1",
        &[
            crate::benign::file("a.rs", "fn main() {}\n"),
            crate::benign::file("logo.png", &b"\x89PNG\r\n\x1a\n\0\0\0"[..]),
            crate::benign::file("latin.txt", &b"gr\xfc\xdfe aus k\xf6ln\n"[..]),
            crate::benign::file("same.png", &b"\x89PNG\r\n\x1a\n\0\0\0"[..]),
            crate::benign::file("empty", ""),
        ],
    );
    let store = Verified::new(SplitBlobs::new(MemoryBlobs::new(), MemoryBlobs::new()));
    let import = gitlade::import_into(
        &gitlade::Source::parse(repository.display().to_string()).expect("because it is a path"),
        &gitlade::Options::default(),
        &gitlade::Control::new(),
        &StoreSink::new(&store),
    );
    let manifest = import.expect("because it is benign").into_manifest();
    let split = store.into_inner();
    let mut seen = [0, 0];
    for file in manifest.files() {
        let name = file.digest().expect("because nothing was skipped");
        let EntryKind::File(entry) = file.kind() else {
            panic!("these are files");
        };
        let content = entry.body.read().expect("because it was read").content;
        let is_text = matches!(content, Content::Text { .. });
        assert_eq!(split.text().contains(&name).expect("memory"), is_text);
        assert_eq!(split.binary().contains(&name).expect("memory"), !is_text);
        assert_eq!(split.size(&name).expect("memory"), file.size());
        seen[usize::from(is_text)] += 1;
    }
    assert_eq!(seen, [2, 3]);
    assert_eq!(list(&split).len(), 4);
    // By the bytes alone it goes the same way, and what one half has the other one does not get.
    assert_eq!(
        split
            .put(&digest(b"fn main() {}\n"), b"fn main() {}\n")
            .expect("memory"),
        Put::Present
    );
    let binary = put(&split, b"\0\x01");
    assert!(split.binary().contains(&binary).expect("memory"));
    split.text().put(&digest(b"\0"), b"\0").expect("memory");
    assert_eq!(
        split.put(&digest(b"\0"), b"\0").expect("memory"),
        Put::Present
    );
    assert!(!split.binary().contains(&digest(b"\0")).expect("memory"));
}
