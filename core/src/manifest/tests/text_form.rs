//! What is written.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use super::sample::{empty, large, ndjson, small};
use crate::error::ErrorKind;
use crate::limits::Limits;
use crate::manifest::{Body, EntryKind, Manifest, Reader};

#[test]
fn records_are_as_described() {
    insta::assert_snapshot!(String::from_utf8(ndjson(&large())).unwrap(), @r##"
{"manifest":"gitlade/1","source":{"url":"https://example.org/a/b.git","ref":"refs/heads/main","commit":"efa62e3305edb9fb3acd9e3401a4cc3ae9a5261b","tree":"ecbbb3054af53af032635b325897f6c6400e9027","object_format":"sha1","subdir_base64":"c3ViL/9kaXI="},"options":{"include":["*.rs","say \"hi\""],"exclude":["/target"],"max_blob":1073741824,"allow_missing":true},"checksum":"55195d7f93a89c8862ac4a208b9d4f811bb211b8a351a9d4169e91e7e6da9ea4"}
{"path":".gitattributes","kind":"file","mode":"100644","oid":"520c4a260ecf6818952dfb9a69b7f35d9ffd3c94","size":8,"digest":"04d2649eb72531af4fa85b201f6610814cb48e8ffb171b64bea1be6051ee8ba5","content":"text","encoding":"utf-8","eol":"lf","lines":2,"basis":"utf8"}
{"path":"a","kind":"file","mode":"100644","oid":"ccb0f386e3cf70731a1b5d280fa845e21eb8cd7e","size":9,"digest":"af271a5d3c42ec4008f07477f10e0d48d757576f4b415de546b00ce2769ba1e8","content":"binary","mime":"image/png","basis":"nul"}
{"path":"a-","kind":"folder","mode":"040000","oid":"c6acee284b54960d7a7b4e3eca5cb525f15d6947","digest":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","files":0,"bytes":0,"flags":["case_collision"]}
{"path":"a.bin","kind":"file","mode":"100755","oid":"ccb0f386e3cf70731a1b5d280fa845e21eb8cd7e","size":9,"digest":"af271a5d3c42ec4008f07477f10e0d48d757576f4b415de546b00ce2769ba1e8","content":"binary","mime":"image/png","basis":"nul"}
{"path":"aa","kind":"folder","mode":"040000","oid":"211db469968e18af8a4c08b0aaca0901a09e1dd5","digest":"b11fdd370fe3b07487d6c3df58a8975b5c65b061095d36bfd397656f3ea94150","files":4,"bytes":105}
{"path":"aa/forced","kind":"file","mode":"100664","oid":"ccb0f386e3cf70731a1b5d280fa845e21eb8cd7e","size":9,"digest":"af271a5d3c42ec4008f07477f10e0d48d757576f4b415de546b00ce2769ba1e8","content":"text","encoding":"windows-1252","eol":"mixed","lines":3,"basis":"attributes","working_tree_encoding":"UTF-16LE-BOM","flags":["odd_mode"]}
{"path":"aa/inner","kind":"folder","mode":"040000","oid":"8f29baa61a7245fc5993eb146fe17858f85c6c67","digest":"23155484dbd8fc7af645fc79232b87674221efe19b94309e86212dfd649eefec","files":2,"bytes":92}
{"path":"aa/inner/pointer","kind":"file","mode":"100644","oid":"3555d3bba2e111a0819446836a6c6bb88a8ddb66","size":46,"digest":"5156523ec191d04e450b3d309472c6712e77f06e440443622b996710254cfa09","content":"text","encoding":"utf-8","eol":"lf","lines":2,"basis":"utf8","lfs":{"oid":"abababababababababababababababababababababababababababababababab","size":123456}}
{"path":"aa/inner/pointer-only","kind":"file","mode":"100644","oid":"3555d3bba2e111a0819446836a6c6bb88a8ddb66","size":46,"digest":"5156523ec191d04e450b3d309472c6712e77f06e440443622b996710254cfa09","content":"text","encoding":"utf-8","eol":"lf","lines":2,"basis":"utf8","lfs":{"oid":"abababababababababababababababababababababababababababababababab","size":123456,"filter":false}}
{"path":"aa/utf16","kind":"file","mode":"100644","oid":"1a40e115e9c093f9c16a5d2e28fbd51c927936cc","size":4,"digest":"f39266355de47d9a0c94957cb8b6d2ae477ae939955c395553769cbbcb32aec0","content":"text","encoding":"utf-16le","eol":"none","lines":1,"basis":"bom","bom":"utf16-le","git_binary":true}
{"path":"huge","kind":"file","mode":"100644","oid":"5b478cbb94c41cf6204b1e196a44ec1c1ea7ad4f","size":1099511627776,"skipped":"too_large"}
{"path":"link","kind":"symlink","mode":"120000","oid":"fc6e19aaeecbdda4c54f5fc7fad01a3fcaa88047","size":5,"digest":"ccd99f875b8a87577ad24f4d2597fced35a8793294fcd9adfa11d887de04dace","target":"../up"}
{"path":"link-long","kind":"symlink","mode":"120000","oid":"02887f3aa7e8b28e501cee98419ff6df56c6ceb6","size":5000,"digest":"52b712cd5eb5ba93e295fe417a06e3c30e5b13270850a43a28fe4d69570564a9"}
{"path":"link-odd","kind":"symlink","mode":"120000","oid":"64004be45b94e6a3316a06e9e266d416ca47b11d","size":1,"digest":"29e0f11cf95a8a0b317dbbec3704abe89d5416b0ca354bc27b0ddcf28d59da2d","target_base64":"/g=="}
{"path":"lost","kind":"symlink","mode":"120000","oid":"60cab5f9ced81f5890d6c6daee6ad18f28e5b938","skipped":"missing"}
{"path":"mod","kind":"submodule","mode":"160000","oid":"d3390571606bdc4255d7a5f699c13854f9d86377","url":"https://example.org/mod"}
{"path":"mod-none","kind":"submodule","mode":"160000","oid":"bd9cfc794ea96e8f4b08184b63dc4a274bc210fd","url":null}
{"path":"mod-odd","kind":"submodule","mode":"160000","oid":"99f61f4b81bc3e67bd1f7b47dd1b7c9a82b7f83c","url_base64":"wHVybA=="}
{"path":"new\nline \"q\" \u202e","kind":"file","mode":"100644","oid":"520c4a260ecf6818952dfb9a69b7f35d9ffd3c94","size":8,"digest":"04d2649eb72531af4fa85b201f6610814cb48e8ffb171b64bea1be6051ee8ba5","content":"text","encoding":"utf-8","eol":"lf","lines":2,"basis":"utf8","flags":["control_characters","invisible_characters"]}
{"path":"unknown","kind":"file","mode":"100644","oid":"64004be45b94e6a3316a06e9e266d416ca47b11d","size":1,"digest":"29e0f11cf95a8a0b317dbbec3704abe89d5416b0ca354bc27b0ddcf28d59da2d","content":"binary","basis":"nul"}
{"path":"über","kind":"file","mode":"100644","oid":"520c4a260ecf6818952dfb9a69b7f35d9ffd3c94","size":8,"digest":"04d2649eb72531af4fa85b201f6610814cb48e8ffb171b64bea1be6051ee8ba5","content":"text","encoding":"utf-8","eol":"lf","lines":2,"basis":"utf8"}
{"path_base64":"/29kZA==","kind":"file","mode":"100644","oid":"520c4a260ecf6818952dfb9a69b7f35d9ffd3c94","size":8,"digest":"04d2649eb72531af4fa85b201f6610814cb48e8ffb171b64bea1be6051ee8ba5","content":"text","encoding":"utf-8","eol":"lf","lines":2,"basis":"utf8","flags":["not_utf8"]}
{"totals":{"folders":3,"files":12,"symlinks":4,"submodules":3,"bytes":5162,"text":8,"binary":3},"skipped":{"too_large":1,"missing":1,"excluded":7},"root":"4e55a18e44ee69c89769f0792443f56c8923783032b6a91010eda58f6c2527d6","complete":true,"checksum":"307f714e9c3b1806ae9485c2706a4539818cbf13e78a608e3dd92d96bcf915c0"}
"##);
}

#[test]
fn a_repository_without_commits_has_header_and_trailer() {
    insta::assert_snapshot!(String::from_utf8(ndjson(&empty())).unwrap(), @r##"
{"manifest":"gitlade/1","source":{"url":null,"ref":null,"commit":null,"tree":"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321","object_format":"sha256","subdir":null},"options":{"max_blob":1073741824},"checksum":"92d7be4e1ce2f34a58f3cf8d916821526f8159ce3389e24a9941811835139ee9"}
{"totals":{"folders":0,"files":0,"symlinks":0,"submodules":0,"bytes":0,"text":0,"binary":0},"skipped":{},"root":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","complete":true,"checksum":"3233dd0a967084860091ee25580f6a0555039a3da8c3e441ba73bc74067f6d6f"}
"##);
    let manifest = Manifest::read_ndjson(&ndjson(&empty())[..], &Limits::default()).unwrap();
    assert!(manifest.is_empty());
    assert_eq!(manifest.entries().count(), 0);
    assert_eq!(manifest.children(b"").unwrap().count(), 0);
}

#[test]
fn pythons_parser_reads_every_line() {
    let script = "
import sys, json
keys = []
for line in sys.stdin.buffer:
    record = json.loads(line.decode('utf-8'), parse_constant=lambda name: 1 / 0)
    assert len(line.splitlines()) == 1
    keys.append(list(record)[0])
print(','.join(keys))
";
    let mut python = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python
        .stdin
        .take()
        .unwrap()
        .write_all(&ndjson(&large()))
        .unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let keys = String::from_utf8(output.stdout).unwrap();
    let mut expected = vec!["path"; large().len() + 2];
    expected[0] = "manifest";
    expected[large().len()] = "path_base64";
    expected[large().len() + 1] = "totals";
    assert_eq!(keys.trim(), expected.join(","));
}

#[test]
fn checksums_are_where_the_documentation_says() {
    for manifest in [small(), large(), empty()] {
        let bytes = ndjson(&manifest);
        let header_end = memchr::memchr(b'\n', &bytes).unwrap() + 1;
        let (header, rest) = bytes.split_at(header_end);
        for part in [header, rest] {
            // `head -c -80 | b3sum`
            let (covered, end) = part.split_at(part.len() - 80);
            let checksum = blake3::hash(covered).to_hex();
            assert_eq!(end, format!(",\"checksum\":\"{checksum}\"}}\n").as_bytes());
        }
    }
}

#[test]
fn url_and_ref_change_the_header_alone() {
    let bytes = ndjson(&small());
    let mut other = small();
    other.header.source.url = None;
    other.header.source.reference = None;
    let other = ndjson(&other);
    let rest = |bytes: &[u8]| bytes[memchr::memchr(b'\n', bytes).unwrap()..].to_vec();
    assert_ne!(bytes, other);
    assert_eq!(rest(&bytes), rest(&other));
}

#[test]
fn serde_gives_the_same_members_in_the_same_order() {
    let manifest = large();
    let bytes = ndjson(&manifest);
    let lines: Vec<&str> = std::str::from_utf8(&bytes).unwrap().lines().collect();
    let header = serde_json::to_string(manifest.header()).unwrap();
    let until_checksum = header.strip_suffix('}').unwrap();
    assert_eq!(lines[0].find(",\"checksum\""), Some(until_checksum.len()));
    assert!(lines[0].starts_with(until_checksum));
    let records = Reader::new(&bytes[..], &Limits::default()).unwrap();
    for ((entry, record), line) in manifest.entries().zip(records).zip(&lines[1..]) {
        let json = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::to_string(&record.unwrap()).unwrap(), json);
        // serde_json leaves the marks of direction as they are.
        assert_eq!(json.replace('\u{202e}', "\\u202e"), *line);
    }
}

#[test]
fn what_is_read_is_written_the_same() {
    for manifest in [small(), large(), empty()] {
        let bytes = ndjson(&manifest);
        let again = Manifest::read_ndjson(&bytes[..], &Limits::default()).unwrap();
        assert_eq!(ndjson(&again), bytes);
        assert_eq!(again.header(), manifest.header());
        assert_eq!(again.trailer(), manifest.trailer());
        assert_eq!(manifest.differences(&again).count(), 0);
        let trailer = Reader::new(&bytes[..], &Limits::default())
            .unwrap()
            .verify()
            .unwrap();
        assert_eq!(&trailer, manifest.trailer());
    }
}

#[test]
fn texts_are_written_whole_whatever_their_pieces() {
    let manifest = large();
    // Longer than what is gathered, with characters of all lengths at the seams.
    let long = "aé\u{20ac}😀\"\\\n\u{1b}".repeat(20_000);
    let with_pieces = |piece: usize| {
        let mut out = Vec::new();
        let mut asked = Vec::new();
        manifest
            .write_ndjson_with_text(&mut out, |entry, sink| {
                asked.push(entry.path().to_vec());
                match entry.path() {
                    b".gitattributes" => sink.push(""),
                    b"\xffodd" => Ok(()),
                    _ => {
                        let mut rest = &long[..];
                        while !rest.is_empty() {
                            let mut end = piece.min(rest.len());
                            while !rest.is_char_boundary(end) {
                                end += 1;
                            }
                            sink.push(&rest[..end])?;
                            rest = &rest[end..];
                        }
                        Ok(())
                    }
                }
            })
            .unwrap();
        (out, asked)
    };
    let (bytes, asked) = with_pieces(usize::MAX);
    assert_eq!(with_pieces(1).0, bytes);
    assert_eq!(with_pieces(40_000).0, bytes);
    let text_files: Vec<_> = manifest
        .files()
        .filter(|entry| {
            let EntryKind::File(file) = entry.kind() else {
                return false;
            };
            matches!(file.body, Body::Read(facts) if matches!(facts.content, crate::Content::Text { .. }))
        })
        .map(|entry| entry.path().to_vec())
        .collect();
    assert_eq!(asked, text_files);

    let reader = Reader::new(&bytes[..], &Limits::default()).unwrap();
    assert!(reader.has_text());
    for record in reader {
        let record = record.unwrap();
        match record.path() {
            b".gitattributes" => assert_eq!(record.text(), Some("")),
            path if path != b"\xffodd" && asked.iter().any(|asked| asked == path) => {
                assert_eq!(record.text(), Some(&long[..]));
            }
            _ => assert_eq!(record.text(), None),
        }
    }
    let without = Manifest::read_ndjson(&bytes[..], &Limits::default()).unwrap();
    assert_eq!(ndjson(&without), ndjson(&manifest));
}

#[test]
fn a_stream_that_fails_gives_its_kind() {
    struct Fails(io::ErrorKind, usize);
    impl Write for Fails {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1 == 0 {
                return Err(self.0.into());
            }
            self.1 -= 1;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }
    for after in 0..4 {
        for (io, kind) in [
            (io::ErrorKind::StorageFull, ErrorKind::StorageFull),
            (io::ErrorKind::PermissionDenied, ErrorKind::PermissionDenied),
            (io::ErrorKind::BrokenPipe, ErrorKind::Io),
        ] {
            let error = large().write_ndjson(Fails(io, after)).unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(std::error::Error::source(&error).is_some());
        }
    }
}
