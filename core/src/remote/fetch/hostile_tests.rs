//! Bytes that no server sends: whatever they are, they end in a result, and without a panic.

use proptest::prelude::*;

use super::pkt::{push_delimiter, push_flush, push_line};
use super::probe::{check, read_everything};
use super::revision::Revision;

/// Pieces of the protocol, and some that are not.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let id = "1234567890123456789012345678901234567890";
    let framed = |payload: &[u8]| {
        let mut out = Vec::new();
        push_line(&mut out, payload);
        out
    };
    let texts = [
        "# service=git-upload-pack\n".to_owned(),
        "version 1\n".to_owned(),
        "version 2\n".to_owned(),
        "object-format=sha1\n".to_owned(),
        "fetch=shallow\n".to_owned(),
        format!("{id} HEAD\0side-band-64k symref=HEAD:refs/heads/main object-format=sha1\n"),
        format!("{id} HEAD symref-target:refs/heads/main\n"),
        format!("{id} refs/heads/main\n"),
        format!("{id} refs/tags/v1^{{}}\n"),
        format!("{id} refs/tags/v1 peeled:{id}\n"),
        format!("shallow {id}\n"),
        "shallow-info\n".to_owned(),
        "packfile\n".to_owned(),
        "NAK\n".to_owned(),
        "ERR \x1b[2Jno\n".to_owned(),
        "\u{1}PACK".to_owned(),
        "\u{1}".to_owned(),
        "\u{2}Counting\x1b[2J\r".to_owned(),
        "\u{3}fatal: \x07no\n".to_owned(),
        String::new(),
    ];
    let mut pieces: Vec<Vec<u8>> = texts.iter().map(|text| framed(text.as_bytes())).collect();
    let (mut flush, mut delimiter) = (Vec::new(), Vec::new());
    push_flush(&mut flush);
    push_delimiter(&mut delimiter);
    pieces.extend([
        flush.clone(),
        flush,
        delimiter,
        b"0002".to_vec(),
        b"0003".to_vec(),
    ]);
    prop_oneof![
        8 => proptest::sample::select(pieces),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
        1 => proptest::collection::vec(any::<u8>(), 0..40).prop_map(move |payload| framed(&payload)),
    ]
}

proptest! {
    #[test]
    fn arbitrary_bytes_end_in_a_result(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        read_everything(&bytes);
    }

    #[test]
    fn shuffled_protocol_ends_in_a_result(
        pieces in proptest::collection::vec(piece(), 0..40),
        damage in proptest::option::of((any::<proptest::sample::Index>(), any::<u8>())),
    ) {
        let mut bytes = pieces.concat();
        if let Some((at, value)) = damage && !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        read_everything(&bytes);
    }

    #[test]
    fn revisions_of_any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        if let Err(failure) = Revision::parse(&bytes) {
            check(Some(&failure));
        }
    }
}
