//! Limits of the reader, at the limit and below it.

use super::sample::{large, ndjson};
use crate::error::ErrorKind;
use crate::limits::Limits;
use crate::manifest::{Manifest, Reader};

#[test]
fn each_limit_holds_at_its_value() {
    let bytes = ndjson(&large());
    let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap() as u64;
    let paths: Vec<usize> = large().entries().map(|entry| entry.path().len()).collect();
    let cases = [
        ("max_entries", paths.len() as u64),
        ("max_depth", 2),
        ("max_path", longest(&mut paths.iter().copied())),
        ("max_path_bytes", paths.iter().sum::<usize>() as u64),
        (
            "max_record",
            longest(
                &mut bytes
                    .split_inclusive(|&byte| byte == b'\n')
                    .map(<[u8]>::len),
            ),
        ),
    ];
    for (name, value) in cases {
        for (given, fits) in [(value - 1, false), (value, true), (value + 1, true)] {
            let mut limits = Limits::default();
            limits.set(name, given).unwrap();
            let whole = Manifest::read_ndjson(&bytes[..], &limits).map(drop);
            let stream = Reader::new(&bytes[..], &limits).and_then(Reader::verify);
            for result in [whole, stream.map(drop)] {
                match result {
                    Ok(()) => assert!(fits, "{name} of {given}"),
                    Err(error) => {
                        assert!(!fits, "{name} of {given}: {error}");
                        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
                        assert_eq!(error.limit(), Some(name));
                    }
                }
            }
        }
    }
}
