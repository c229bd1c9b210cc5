//! Facts compared with Git's, with `iconv` and with themselves, cut differently.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::attributes::AttributeStack;
use crate::limits::Limits;
use crate::oracle::{EMPTY_TREE, Repository, iconv};

fn in_pieces(content: &[u8], size: usize) -> BlobFacts {
    let mut examiner = Examiner::new();
    content
        .chunks(size)
        .for_each(|piece| examiner.update(piece));
    examiner.finish()
}

fn basis(content: &[u8]) -> Basis {
    examine(content).traits.basis
}

/// Content made of stretches that matter to the classifier, some longer than its buffers.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let stretch = prop_oneof![
        Just(b"ascii text\n".to_vec()),
        Just(b"dos text\r\n".to_vec()),
        Just(b"mac\r".to_vec()),
        Just("Grüße, 日本 😀\n".as_bytes().to_vec()),
        Just(b"caf\xe9 na\xefve\n".to_vec()),
        Just(b"\x82\xb1\x82\xea\x82\xcd\n".to_vec()),
        Just(b"\xd6\xd0\xce\xc4\xd7\xd6\n".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\x1a".to_vec()),
        Just(b"\x01".to_vec()),
        Just(b"\x81\x8d".to_vec()),
        Just(b"\xe2\x82".to_vec()),
        vec(any::<u8>(), 0..8),
    ];
    let times = prop_oneof![6 => Just(1_usize), 3 => 1..40_usize, 1 => 700..8_000_usize];
    let mark = prop_oneof![
        8 => Just(&b""[..]),
        1 => Just(&b"\xef\xbb\xbf"[..]),
        1 => Just(&b"\xff\xfe"[..]),
        1 => Just(&b"\xfe\xff"[..]),
        1 => Just(&b"\xff\xfe\0\0"[..]),
        1 => Just(&b"\0\0\xfe\xff"[..]),
    ];
    (mark, vec((stretch, times), 0..4)).prop_map(|(mark, stretches)| {
        let mut content = mark.to_vec();
        for (stretch, times) in stretches {
            content.extend(stretch.repeat(times));
        }
        content
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cutting_makes_no_difference(content in content(), size in 1..20_000_usize) {
        let whole = examine(&content);
        prop_assert_eq!(&in_pieces(&content, size), &whole);
        prop_assert_eq!(&in_pieces(&content, usize::MAX), &whole);
        if content.len() < 20_000 {
            prop_assert_eq!(&in_pieces(&content, size % 7 + 1), &whole);
        }
    }

    #[test]
    fn text_always_decodes(content in content()) {
        let second = guess(&content);
        for traits in [examine(&content).traits, second] {
            if let Some(encoding) = traits.encoding {
                let text = decode(&content, encoding, traits.bom);
                prop_assert!(text.is_ok(), "{encoding}");
            }
        }
        prop_assert!(second.encoding.is_some());
    }

    #[test]
    fn any_bytes_are_examined(content in vec(any::<u8>(), 0..600)) {
        let facts = examine(&content);
        prop_assert_eq!(in_pieces(&content, 5), facts);
    }
}

#[test]
fn utf_8_is_recognised_at_every_cut() {
    let text = format!("{}ß€😀\n", "x".repeat(8_186));
    let whole = examine(text.as_bytes());
    assert_eq!(whole.traits.basis, Basis::Utf8);
    for cut in 8_170..=text.len() {
        let mut examiner = Examiner::new();
        examiner.update(&text.as_bytes()[..cut]);
        examiner.update(&text.as_bytes()[cut..]);
        assert_eq!(examiner.finish(), whole, "cut at {cut}");
    }
}

/// From the test vectors of BLAKE3: input bytes count up to 250 and begin again.
#[test]
fn digests_are_those_of_blake3() {
    for (length, digest) in [
        (
            0,
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        ),
        (
            1,
            "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
        ),
        (
            1_023,
            "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
        ),
        (
            1_024,
            "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        ),
        (
            1_025,
            "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        ),
    ] {
        let content: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        assert_eq!(examine(&content).digest.to_string(), digest);
        assert_eq!(in_pieces(&content, 100).digest.to_string(), digest);
    }
}

#[test]
fn a_byte_order_mark_decides() {
    for (content, basis, name, lines) in [
        (&b"\xef\xbb\xbfa\nb"[..], Basis::Bom, "utf-8", 2),
        (b"\xef\xbb\xbf", Basis::Bom, "utf-8", 1),
        (b"\xff\xfea\0\n\0", Basis::Bom, "utf-16le", 1),
        (b"\xfe\xff\0a\0\n\0b", Basis::Bom, "utf-16be", 2),
        (b"\xff\xfe", Basis::Bom, "utf-16le", 0),
        (b"\xff\xfe\0\0a\0\0\0", Basis::Bom, "utf-32le", 1),
        (b"\0\0\xfe\xff\0\0\0a", Basis::Bom, "utf-32be", 1),
    ] {
        let traits = examine(content).traits;
        let found = (
            traits.basis,
            traits.encoding.map(Encoding::name),
            traits.lines,
        );
        assert_eq!(found, (basis, Some(name), lines), "{content:?}");
        assert_eq!(traits.bom, Bom::of(content));
    }
    assert_eq!(basis(b"\xef\xbb\xbf\xff"), Basis::Malformed);
    assert_eq!(basis(b"\xff\xfea"), Basis::Malformed);
    assert_eq!(basis(b"\xff\xfe\0\xd8"), Basis::Malformed);
    assert_eq!(basis(b"\xff\xfea\0\0\0"), Basis::Control);
    assert_eq!(basis(b"\xef\xbb\xbf\0"), Basis::Nul);
}

#[test]
fn control_characters_and_late_nuls_are_binary() {
    assert_eq!(basis(b""), Basis::Empty);
    assert_eq!(basis(b"a\x01"), Basis::Control);
    assert_eq!(basis(b"\x1b[31m\x07\x08\x0b\x0c"), Basis::Utf8);
    for (position, expected) in [(7_999, Basis::Nul), (8_000, Basis::Control)] {
        for length in [position + 1, 8_192, 8_193, 100_000] {
            let mut content = vec![b'a'; length];
            content[position] = 0;
            assert_eq!(basis(&content), expected, "{position} of {length}");
            assert_eq!(in_pieces(&content, 1_000), examine(&content));
        }
    }
}

#[test]
fn pointers_of_git_lfs_are_facts() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0\
                   ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let facts = examine(pointer.as_bytes());
    assert_eq!(in_pieces(pointer.as_bytes(), 10), facts);
    let found = facts.lfs.as_deref().expect("a pointer");
    assert_eq!(found.size, 12_345);
}

/// Sentences that say which language they are in.
const TEXTS: [(&str, &[&str]); 9] = [
    (
        "Der schnelle Fuchs läuft über die Straße, während die Bären schöne Äpfel und Öl kaufen.\n\
         Größe, Maße und Übergänge müssen überprüft werden; für später ist das nützlich.\n",
        &["windows-1252"],
    ),
    (
        "Le garçon a mangé une pêche à côté de la forêt, où l'été dure jusqu'à l'automne.\n",
        &["windows-1252"],
    ),
    (
        "Быстрая лиса прыгает через ленивую собаку. Программа читает файл и печатает строки.\n",
        &["windows-1251", "koi8-r", "ibm866", "iso-8859-5"],
    ),
    (
        "Příliš žluťoučký kůň úpěl ďábelské ódy. Následující řádek obsahuje další text.\n",
        &["windows-1250", "iso-8859-2"],
    ),
    (
        "これは日本語の文章です。プログラムはファイルを読み込みます。テストを実行してください。\n",
        &["shift_jis", "euc-jp"],
    ),
    (
        "这是一个中文句子。程序读取文件并且打印每一行。请运行测试以检查结果是否正确。\n",
        &["gbk"],
    ),
    (
        "這是一個中文句子。程式讀取檔案並且列印每一行。請執行測試以檢查結果是否正確。\n",
        &["big5"],
    ),
    (
        "이것은 한국어 문장입니다. 프로그램이 파일을 읽고 모든 줄을 출력합니다.\n",
        &["euc-kr"],
    ),
    (
        "Η γρήγορη αλεπού πηδάει πάνω από το τεμπέλικο σκυλί και διαβάζει το αρχείο.\n",
        &["windows-1253"],
    ),
];

#[test]
fn texts_of_many_languages_are_guessed() {
    for (text, names) in TEXTS {
        for name in names {
            for times in [1, 3, 2_000] {
                let text = text.repeat(times);
                let content = iconv(&text, name).expect("because the encoding has all of it");
                let traits = examine(&content).traits;
                assert_eq!(traits.basis, Basis::Guess, "{name}");
                let encoding = traits.encoding.expect("because it is text");
                let decoded = decode(&content, encoding, None).unwrap();
                assert_eq!(decoded, text, "{name} taken for {encoding}");
                assert_eq!(traits.lines, text.lines().count() as u64);
            }
        }
    }
}

#[test]
fn decoding_agrees_with_iconv() {
    let mut compared = BTreeMap::new();
    for encoding in Encoding::all() {
        for (text, _) in TEXTS {
            let Some(content) = iconv(text, encoding.name()) else {
                continue;
            };
            let decoded = decode(&content, encoding, None).unwrap();
            assert_eq!(decoded, text, "{encoding}");
            *compared.entry(encoding.name()).or_insert(0) += 1;
        }
    }
    for name in [
        "utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be", "gb18030",
    ] {
        assert_eq!(compared[name], TEXTS.len(), "{name}");
    }
    for name in [
        "big5",
        "euc-jp",
        "euc-kr",
        "iso-2022-jp",
        "koi8-r",
        "shift_jis",
        "windows-1250",
    ] {
        assert!(compared.contains_key(name), "{name}");
    }
}

#[test]
fn verdicts_and_lines_are_those_of_numstat() {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for length in [0, 1, 2, 7_999, 8_000, 8_001, 8_192, 9_000] {
        files.insert(
            format!("text-{length}"),
            b"line\n".repeat(length)[..length].to_vec(),
        );
        for position in [0, 1, 7_998, 7_999, 8_000, 8_191] {
            if position < length {
                let mut content = vec![b'\n'; length];
                content[position] = 0;
                files.insert(format!("nul-{length}-{position}"), content);
            }
        }
    }
    let ends: [&[u8]; 6] = [
        b"a\r\nb\r\n",
        b"a\rb\r",
        b"a\n\nb",
        b"\n",
        b"\r",
        b"caf\xe9\n\x01",
    ];
    for (index, content) in ends.into_iter().enumerate() {
        files.insert(format!("ends-{index}"), content.to_vec());
    }
    let utf_16 = iconv("a\nb\n", "UTF-16").expect("encodes");
    for (name, content) in [("a", &b"a\nb\n"[..]), ("b", b"a\0b\n"), ("c", &utf_16)] {
        for suffix in ["set", "unset", "driver", "binary", "back", "text", "-text"] {
            files.insert(format!("{name}.{suffix}"), content.to_vec());
        }
    }
    let attributes = b"*.set diff\n*.unset -diff\n*.driver diff=cpp\n*.binary binary\n\
                       *.back binary diff\n*.text text\n*.-text -text\n";
    let repository = Repository::new();
    for (name, content) in &files {
        repository.write(name, content);
    }
    repository.write(".gitattributes", attributes);
    repository.commit();
    let output = repository.git(&["diff", "--numstat", "-z", EMPTY_TREE, "HEAD"], b"");
    let output = String::from_utf8(output).unwrap();
    let mut stack = AttributeStack::new(Some(attributes), &Limits::default()).unwrap();
    let mut compared = 0;
    for record in output.trim_end_matches('\0').split('\0') {
        let fields: Vec<&str> = record.split('\t').collect();
        let Some(content) = files.get(fields[2]) else {
            continue;
        };
        let facts = examine(content);
        let path = stack.attributes_of(fields[2].as_bytes(), false).unwrap();
        let binary = is_binary_to_git(&facts.traits, facts.size, path);
        assert_eq!(binary, fields[0] == "-", "{record}");
        if !binary && facts.traits.encoding.is_some() && facts.traits.bom.is_none() {
            assert_eq!(facts.traits.lines.to_string(), fields[0], "{record}");
        }
        compared += 1;
    }
    assert_eq!(compared, files.len());
}
