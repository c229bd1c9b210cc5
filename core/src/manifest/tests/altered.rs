//! Whatever is altered by accident is refused.

use super::sample::{large, ndjson, small};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::manifest::{Manifest, Reader};

/// Reads both ways, which have to agree.
pub(super) fn read(bytes: &[u8]) -> Result<Manifest, Error> {
    let whole = Manifest::read_ndjson(bytes, &Limits::default());
    let stream = Reader::new(bytes, &Limits::default()).and_then(Reader::verify);
    match (&whole, &stream) {
        (Ok(manifest), Ok(trailer)) => assert_eq!(manifest.trailer(), trailer),
        // Only one that keeps all entries sees that an object contradicts itself.
        (Err(whole), Ok(_)) => assert!(whole.to_string().contains("under an earlier path")),
        (Err(_), Err(_)) => {}
        (Ok(_), Err(error)) => panic!("refused while streaming alone: {error}"),
    }
    whole
}

#[track_caller]
fn refused(bytes: &[u8], what: &str) {
    let error = read(bytes).expect_err(what);
    assert_eq!(error.kind(), ErrorKind::CorruptManifest, "{what}: {error}");
}

#[test]
fn every_other_value_of_every_byte() {
    let bytes = ndjson(&small());
    let mut altered = bytes.clone();
    for at in 0..bytes.len() {
        for value in 0..=u8::MAX {
            if value != bytes[at] {
                altered[at] = value;
                let error = Reader::new(&altered[..], &Limits::default())
                    .and_then(Reader::verify)
                    .expect_err("one byte is altered");
                assert_eq!(error.kind(), ErrorKind::CorruptManifest);
            }
        }
        altered[at] = bytes[at];
    }
}

#[test]
fn some_other_values_of_every_byte_of_every_kind_of_record() {
    let bytes = ndjson(&large());
    let mut altered = bytes.clone();
    for at in 0..bytes.len() {
        for value in [bytes[at] ^ 1, bytes[at] ^ 0x20, b'"', b'\n', b' '] {
            if value != bytes[at] {
                altered[at] = value;
                refused(&altered, &format!("byte {at} as {value}"));
            }
        }
        altered[at] = bytes[at];
    }
}

#[test]
fn cut_off_anywhere() {
    for bytes in [ndjson(&small()), ndjson(&large())] {
        for len in 0..bytes.len() {
            refused(&bytes[..len], &format!("cut off at {len}"));
        }
        assert!(read(&bytes).is_ok());
    }
}

#[test]
fn lines_removed_doubled_and_swapped() {
    let bytes = ndjson(&large());
    let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    for one in 0..lines.len() {
        let mut removed = lines.clone();
        removed.remove(one);
        refused(&removed.concat(), &format!("without line {one}"));
        let mut doubled = lines.clone();
        doubled.insert(one, lines[one]);
        refused(&doubled.concat(), &format!("line {one} twice"));
        for other in 0..one {
            let mut swapped = lines.clone();
            swapped.swap(one, other);
            refused(
                &swapped.concat(),
                &format!("lines {one} and {other} swapped"),
            );
        }
    }
}

#[test]
fn anything_after_the_end() {
    let bytes = ndjson(&small());
    for more in [&b"\n"[..], b" ", b"\0", b"{}\n", &bytes] {
        refused(&[&bytes[..], more].concat(), "more after the end");
    }
}
