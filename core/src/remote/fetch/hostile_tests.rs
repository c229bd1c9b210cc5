//! Bytes that no server sends: whatever they are, they end in a result, and without a panic.

use std::io::Read;
use std::time::Duration;

use proptest::prelude::*;

use super::error::FetchError;
use super::pkt::{Pkts, push_delimiter, push_flush, push_line};
use super::refs::RemoteRef;
use super::revision::{Finder, Revision};
use super::sideband::{Framing, PackStream, Rules};
use super::{advertisement, response};
use crate::id::ObjectFormat;
use crate::limits::Limits;
use crate::progress::Progress;
use crate::remote::redact::Redactor;

/// Runs all that reads from a server over `bytes`, and checks what it says of them.
fn read_everything(bytes: &[u8]) {
    let limits = Limits::default().max_refs(50);
    let revision = Revision::parse(b"main").expect("because it is a name");
    let mut finder = Finder::new(&revision);
    let mut seen = 0;
    let mut see = |found: RemoteRef| {
        assert!(found.name.iter().all(|&byte| byte > b' ' && byte != 0x7f));
        seen += 1;
        finder.see(found);
        Ok(())
    };
    let mut pkts = Pkts::new(bytes, "now");
    let announced = advertisement::read(&mut pkts, &limits, &mut see);
    check(announced.as_ref().err());
    if let Ok(capabilities) = announced {
        check(
            response::read_to_pack(&mut pkts, &capabilities)
                .err()
                .as_ref(),
        );
    }
    let mut pkts = Pkts::new(bytes, "now");
    let listed = response::read_refs(&mut pkts, &limits, ObjectFormat::Sha1, &mut see);
    check(listed.err().as_ref());
    assert!(seen <= 100, "the limit counts");
    check(Some(&finder.not_found()));

    let progress = Progress::new();
    let rules = Rules {
        limits: &limits,
        patience: Duration::from_secs(60),
        progress: &progress,
        redactor: &Redactor::default(),
    };
    for framing in [Framing::SideBand, Framing::Bare] {
        let mut pack = PackStream::new(Pkts::new(bytes, "now"), framing, rules);
        let mut out = Vec::new();
        let failed = pack.read_to_end(&mut out).is_err();
        assert!(out.len() <= bytes.len());
        let failure = pack.take_failure();
        assert_eq!(failed, failure.is_some());
        check(failure.as_ref());
    }
    assert!(!progress.snapshot().message.chars().any(char::is_control));
}

/// P12: what is shown holds no control characters.
fn check(failure: Option<&FetchError>) {
    if let Some(failure) = failure {
        let text = failure.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.chars().count() < 1_000, "{text}");
    }
}

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
