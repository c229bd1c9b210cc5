//! What comes out is what Git has.

use super::*;

#[test]
fn every_sample_comes_out_as_git_has_it() {
    let place = Place::new();
    let mut count = 0;
    for sample in corpus::all() {
        if sample.name.starts_with("storage/partial") {
            // What it lacks is in the store by then, so that more comes out than from it alone.
            continue;
        }
        let dir = place.folder.path().join(sample.name);
        sample.make(&dir);
        let repository = sample.opened(&dir);
        let record = put(&place.store, &repository, &Options::default());
        let record = record.unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        check_against_git(&place, record.id, &repository, sample.name);
        count += 1;
        // Once more: nothing is added but a row of the registry.
        let before =
            place.number("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM contents)");
        let again = put_all(&place.store, &repository);
        assert_eq!(again.outcome, record.outcome, "{}", sample.name);
        let after =
            place.number("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM contents)");
        assert_eq!(before, after, "{}", sample.name);
    }
    assert!(count >= 45, "{count}");
    assert_sound(&place, "samples");
    let page = place
        .store
        .imports(&ImportFilter::default().limit(10_000))
        .expect("because it is sound");
    assert_eq!(page.total, 2 * count);
    assert!(
        page.items
            .iter()
            .all(|record| record.status == Status::Complete)
    );
}

#[test]
fn sqlite_shows_every_text_as_git_and_iconv_have_it_and_every_blob_has_the_name_of_b3sum() {
    let place = Place::new();
    let nul = b"declared text, with \0 inside\n";
    let more = [
        file("u16.txt", b"\xff\xfeh\0\xe4\0l\0l\0\n\0"),
        file("u16be.txt", b"\xfe\xff\0h\0\xe4\0\n"),
        file("u32.txt", b"\xff\xfe\0\0h\0\0\0\n\0\0\0"),
        file("bom.txt", b"\xef\xbb\xbfwith a mark\n"),
        file(
            "latin.txt",
            "Stra\u{df}e und \u{c4}rger, sch\u{f6}n gr\u{fc}n, na\u{ef}ve caf\u{e9}\n"
                .chars()
                .map(|c| c as u8)
                .collect::<Vec<u8>>(),
        ),
        file(".gitattributes", "nul.c diff\nplain.dat binary\n"),
        file("nul.c", nul),
        file("plain.dat", "text by its bytes, binary by its attributes\n"),
        file("empty", ""),
        file("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        file(b"not-utf8-\xff\xfe.txt", "its name is bytes\n"),
    ];
    let files = [
        shapes()
            .into_iter()
            .filter(|file| file.1 != b".gitattributes")
            .collect(),
        more.to_vec(),
        many(200),
    ]
    .concat();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let record = put_all(&place.store, &repository);
    let truth = blobs(&repository, "HEAD");

    let rows = place.sql(&format!(
        "SELECT hex(CAST(path AS BLOB)), typeof(path), kind, content, encoding, digest,
                hex(CAST(text AS BLOB)), text IS NULL, hex(CAST(target AS BLOB))
         FROM import_files WHERE import_id = {}",
        record.id
    ));
    let (mut texts, mut binaries, mut links) = (0, 0, 0);
    let mut encodings = BTreeSet::new();
    for row in &rows {
        let path = unhex(&row[0]);
        let shown = gitlade::Printable(&path).to_string();
        let is_utf8 = std::str::from_utf8(&path).is_ok();
        assert_eq!(row[1], if is_utf8 { "text" } else { "blob" }, "{shown}");
        match (row[2].as_str(), row[3].as_str()) {
            ("symlink", _) => {
                assert_eq!(unhex(&row[8]), truth[&path], "{shown}");
                links += 1;
            }
            ("file", "text") => {
                let expected = match row[4].as_str() {
                    "utf-8" => truth[&path]
                        .strip_prefix(b"\xef\xbb\xbf")
                        .unwrap_or(&truth[&path])
                        .to_vec(),
                    encoding => decoded(&truth[&path], encoding),
                };
                assert!(unhex(&row[6]) == expected, "{shown} in {}", row[4]);
                encodings.insert(row[4].clone());
                texts += 1;
            }
            ("file", "binary") => {
                assert_eq!(row[7], "1", "{shown}");
                let blob = place
                    .root()
                    .join("blobs")
                    .join(&row[5][..2])
                    .join(&row[5][2..]);
                assert!(
                    std::fs::read(blob).expect("because it is there") == truth[&path],
                    "{shown}"
                );
                binaries += 1;
            }
            other => assert_eq!(other, ("submodule", "NULL"), "{shown}"),
        }
    }
    assert_eq!((texts + binaries + links), truth.len());
    assert!(
        texts > 200 && binaries >= 3 && links >= 2,
        "{texts} {binaries} {links}"
    );
    for encoding in ["utf-8", "utf-16le", "utf-16be", "utf-32le"] {
        assert!(encodings.contains(encoding), "{encodings:?}");
    }
    assert!(
        encodings.len() >= 5,
        "a legacy one is missing: {encodings:?}"
    );
    assert_eq!(
        place
            .store
            .text(record.id, "nul.c")
            .expect("because it is declared")
            .as_bytes(),
        nul
    );

    // Names are what b3sum prints, for every file below `blobs`.
    let mut files = 0;
    for fan in std::fs::read_dir(place.root().join("blobs")).expect("because it is there") {
        let fan = fan.expect("because it is there").path();
        let Some(first) = fan
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| name.len() == 2)
        else {
            continue;
        };
        for blob in std::fs::read_dir(&fan).expect("because it is there") {
            let blob = blob.expect("because it is there").path();
            let said = through(
                "b3sum",
                &["--no-names"],
                &std::fs::read(&blob).expect("because it is there"),
            );
            let name = format!(
                "{first}{}",
                blob.file_name()
                    .and_then(|name| name.to_str())
                    .expect("hex")
            );
            assert_eq!(String::from_utf8_lossy(&said).trim(), name);
            files += 1;
        }
    }
    assert!(files >= 7, "{files}");
    check_against_git(&place, record.id, &repository, "shapes");
}

/// From 4 MiB on a text is written piece by piece, and its value is a BLOB of which the view makes TEXT.
#[test]
fn large_texts_come_out_of_the_view_as_git_and_iconv_have_them() {
    const LARGE: usize = 4 << 20;
    let place = Place::new();
    let text = |size: usize, line: &str| -> Vec<u8> {
        line.bytes().cycle().take(size - 1).chain([b'\n']).collect()
    };
    // Characters of several bytes lie over the ends of all pieces; the last one is whole.
    let wide = ["x", &"\u{2192}\u{e4}\n".repeat(LARGE / 6 + 1)].concat();
    let latin = text(LARGE + 5, "na\u{ef}ve caf\u{e9}s\n");
    let latin = through("iconv", &["-c", "-f", "utf-8", "-t", "latin1"], &latin);
    let files = [
        file("below", text(LARGE - 1, "below the size\n")),
        file("at", text(LARGE, "at the size\n")),
        file("above", text(LARGE + 1, "above the size\n")),
        file("wide", wide),
        file("latin", [latin, text(LARGE, "and more\n")].concat()),
        file("small", "small\n"),
    ];
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let record = put_all(&place.store, &repository);
    assert_sound(&place, "large texts");
    check_against_git(&place, record.id, &repository, "large texts");
    for (path, bytes) in blobs(&repository, "HEAD") {
        let name = String::from_utf8(path).expect("because it is ASCII");
        let encoding = place.sql(&format!(
            "SELECT encoding FROM import_files WHERE path = '{name}'"
        ));
        let expected = decoded(&bytes, &encoding[0][0]);
        let file = place.folder.path().join("expected");
        std::fs::write(&file, &expected).expect("because there is room");
        let rows = place.sql(&format!(
            "SELECT v.text = CAST(readfile('{}') AS TEXT), typeof(v.text), typeof(t.text)
             FROM import_files v JOIN files f USING (path) JOIN texts t USING (content_id)
             WHERE path = '{name}'",
            file.display()
        ));
        let kept = if expected.len() < LARGE {
            "text"
        } else {
            "blob"
        };
        assert_eq!(rows, [["1", "text", kept]], "{name}");
    }
    let known = place.number("SELECT count(*) FROM texts WHERE typeof(text) = 'blob'");
    assert_eq!(known, 4);
    // All of it is what it should be, and nothing is written twice.
    let report = place
        .store
        .check(&gitlade::CheckOptions::default(), &Control::new())
        .expect("because nothing is wrong with it");
    assert_eq!(report.problems, 0);
    assert_eq!(report.texts, 6);
    let again = put(
        &place.store,
        &repository,
        &Options::default().exclude("small"),
    );
    again.expect("because it is sound");
    assert_eq!(place.number("SELECT count(*) FROM texts"), 6);
}
