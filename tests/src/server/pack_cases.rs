//! What servers do wrong with the pack.

use gitlade::ErrorKind;

use super::liar::Lie;
use super::misbehaviour::{Row, row};
use super::pkt::{band, join_pack, shallow_line, split_pack};

/// A lie about the pack's own bytes.
fn about_pack(change: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Lie {
    Lie::change(move |honest| {
        let (before, pack) = split_pack(&honest);
        join_pack(&before, &change(pack))
    })
}

/// A lie that follows what stands before the pack.
fn in_place_of_pack(bytes: Vec<u8>) -> Lie {
    Lie::change(move |honest| [split_pack(&honest).0, bytes.clone()].concat())
}

/// Bytes that are sent for ever after what stands before the pack and `first`.
fn flood(first: Vec<u8>, again: &[u8]) -> Lie {
    // An answer that is longer than any limit of the cases is endless enough.
    const LENGTH: usize = 16 << 20;
    let again = again.to_vec();
    Lie::change(move |honest| {
        let mut out = [split_pack(&honest).0, first.clone()].concat();
        out.extend(again.repeat(LENGTH / again.len()));
        out
    })
}

pub(super) fn pack_cases() -> Vec<Row> {
    use ErrorKind::{
        ConnectionFailed, CorruptPack, LimitExceeded, Protocol, RevisionNotFound, Server,
    };
    // A damaged pack may also go over a limit before the damage shows.
    const DAMAGED: &[ErrorKind] = &[CorruptPack, ErrorKind::CorruptObject, LimitExceeded];
    let mut rows = vec![
        row(
            "not our ref",
            &[RevisionNotFound],
            Lie::replace(super::pkt::line(b"ERR upload-pack: not our ref 1234")),
        )
        .any_version(),
        row(
            "endless boundaries of the depth",
            &[Protocol],
            Lie::Endless(0, shallow_line()),
        )
        .any_version(),
        row(
            "a flush in place of the pack",
            &[Protocol],
            Lie::replace(b"0000"),
        ),
        row(
            "an unknown section",
            &[Protocol],
            Lie::before(b"0011packfile-uri\n"),
        ),
        row(
            "endless messages",
            &[LimitExceeded],
            flood(Vec::new(), &band(2, &[b'.'; 500])),
        )
        .any_version(),
        row(
            "endless keep-alives",
            &[LimitExceeded],
            flood(Vec::new(), &band(1, b"")),
        )
        .any_version(),
        row(
            "an endless pack",
            DAMAGED,
            flood(band(1, b"PACK\0\0\0\x02\0\0\0\x01"), &band(1, &[0x30; 900])),
        )
        .any_version(),
        row(
            "an error in band 3",
            &[Server],
            in_place_of_pack(band(3, b"fatal: out of memory\n")),
        )
        .any_version(),
        row(
            "an error in band 3, in the middle",
            &[Server],
            Lie::change(|honest| {
                let (before, pack) = split_pack(&honest);
                let half = band(1, &pack[..pack.len().min(2_000) / 2]);
                [
                    before,
                    half,
                    band(3, b"aborting due to possible repository corruption\n"),
                ]
                .concat()
            }),
        )
        .any_version(),
        row(
            "an unknown band",
            &[Protocol],
            in_place_of_pack(band(9, b"x")),
        )
        .any_version(),
        row("no band", &[Protocol], in_place_of_pack(b"0004".to_vec())).any_version(),
        row(
            "a delimiter",
            &[Protocol],
            in_place_of_pack(b"0001".to_vec()),
        )
        .any_version(),
        row(
            "nothing",
            &[ConnectionFailed, Protocol],
            in_place_of_pack(Vec::new()),
        )
        .any_version()
        .http(),
        row(
            "an empty pack stream",
            &[CorruptPack],
            in_place_of_pack(b"0000".to_vec()),
        )
        .any_version(),
        row(
            "a pack of no objects",
            &[CorruptPack],
            about_pack(|_| EMPTY_PACK.to_vec()),
        )
        .any_version(),
        row(
            "bytes after the pack",
            &[CorruptPack],
            about_pack(|pack| [pack, b"more".to_vec()].concat()),
        )
        .any_version(),
        row(
            "two packs",
            &[CorruptPack],
            about_pack(|pack| pack.repeat(2)),
        )
        .any_version(),
    ];
    for (what, at, value) in [
        ("another magic word", 0, b'p'),
        ("an unknown pack version", 7, 9),
        ("more objects than there are", 11, 0xff),
        ("far more objects than there are", 8, 0xff),
    ] {
        let lie = about_pack(move |mut pack| {
            pack[at] = value;
            pack
        });
        rows.push(row(what, DAMAGED, lie).any_version());
    }
    for hundredths in [1, 10, 50, 90, 99] {
        let lie = about_pack(move |mut pack| {
            pack.truncate(pack.len() * hundredths / 100);
            pack
        });
        rows.push(row(format!("a pack that ends at {hundredths} %"), DAMAGED, lie).any_version());
        let lie = about_pack(move |mut pack| {
            let at = pack.len() * hundredths / 100;
            pack[at] ^= 0x55;
            pack
        });
        rows.push(row(format!("a byte changed at {hundredths} %"), DAMAGED, lie).any_version());
    }
    rows
}

/// `git pack-objects --stdout </dev/null`.
const EMPTY_PACK: &[u8] = b"PACK\0\0\0\x02\0\0\0\0\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e";
