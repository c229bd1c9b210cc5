//! What has to hold for any bytes that a server sends, for tests and fuzz targets.

use std::io::Read;
use std::time::Duration;

use super::error::FetchError;
use super::pkt::Pkts;
use super::refs::RemoteRef;
use super::revision::{Finder, Revision};
use super::sideband::{Framing, PackStream, Rules};
use super::{advertisement, response};
use crate::id::ObjectFormat;
use crate::limits::Limits;
use crate::progress::Progress;
use crate::remote::redact::Redactor;

/// Runs all that reads from a server over `bytes`, and checks what it says of them.
pub(crate) fn read_everything(bytes: &[u8]) {
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
pub(super) fn check(failure: Option<&FetchError>) {
    if let Some(failure) = failure {
        let text = failure.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.chars().count() < 1_000, "{text}");
    }
}
