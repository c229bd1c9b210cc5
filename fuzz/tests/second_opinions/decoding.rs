//! Decoding, held against Python's codecs.
//!
//! The encodings are those of the [WHATWG Encoding Standard](https://encoding.spec.whatwg.org/), and
//! Python's codecs are older. Where the two are known to differ, and why, stands in [`differs`];
//! everywhere else they have to agree: character by character over all of each table, and on
//! mutations of contents of many kinds.

use gitlade::Encoding;
use gitlade::internals::opinion;
use gitlade_tests::random::Random;

use super::python::Python;

/// Encodings and the nearest codec of each. `x-user-defined` has none.
const CODECS: [(&str, &str); 40] = [
    ("utf-8", "utf_8"),
    ("utf-16le", "utf_16_le"),
    ("utf-16be", "utf_16_be"),
    ("utf-32le", "utf_32_le"),
    ("utf-32be", "utf_32_be"),
    ("windows-1252", "cp1252"),
    ("big5", "big5hkscs"),
    ("euc-jp", "euc_jp"),
    ("euc-kr", "cp949"),
    ("gb18030", "gb18030"),
    ("gbk", "gb18030"),
    ("ibm866", "cp866"),
    ("iso-2022-jp", "iso2022_jp"),
    ("iso-8859-10", "iso8859_10"),
    ("iso-8859-13", "iso8859_13"),
    ("iso-8859-14", "iso8859_14"),
    ("iso-8859-15", "iso8859_15"),
    ("iso-8859-16", "iso8859_16"),
    ("iso-8859-2", "iso8859_2"),
    ("iso-8859-3", "iso8859_3"),
    ("iso-8859-4", "iso8859_4"),
    ("iso-8859-5", "iso8859_5"),
    ("iso-8859-6", "iso8859_6"),
    ("iso-8859-7", "iso8859_7"),
    ("iso-8859-8", "iso8859_8"),
    ("iso-8859-8-i", "iso8859_8"),
    ("koi8-r", "koi8_r"),
    ("koi8-u", "koi8_u"),
    ("macintosh", "mac_roman"),
    ("shift_jis", "cp932"),
    ("windows-1250", "cp1250"),
    ("windows-1251", "cp1251"),
    ("windows-1253", "cp1253"),
    ("windows-1254", "cp1254"),
    ("windows-1255", "cp1255"),
    ("windows-1256", "cp1256"),
    ("windows-1257", "cp1257"),
    ("windows-1258", "cp1258"),
    ("windows-874", "cp874"),
    ("x-mac-cyrillic", "mac_cyrillic"),
];

/// Why the two may differ about `bytes`, or about some part of them.
fn differs(encoding: &str, bytes: &[u8]) -> Option<&'static str> {
    let has = |wanted: fn(u8) -> bool| bytes.iter().any(|&byte| wanted(byte));
    let has_pair = |wanted: fn(u8, u8) -> bool| bytes.windows(2).any(|two| wanted(two[0], two[1]));
    match encoding {
        "windows-1255" if has(|byte| byte == 0xca) => Some("U+05BA came after the table"),
        name if name.starts_with("windows-") && has(|byte| matches!(byte, 0x81..=0x9f)) => {
            // Of those only that have no character; the others are compared one by one.
            (bytes.len() > 1 || is_c1(name, bytes[0]))
                .then_some("bytes without a character are C1 controls, as Windows has them")
        }
        "koi8-u" if has(|byte| matches!(byte, 0xae | 0xbe)) => Some("it has KOI8-RU's short U"),
        "shift_jis" if has(|byte| matches!(byte, 0x80 | 0xa0 | 0xfd..)) => {
            Some("Windows has private characters for bytes that the standard refuses")
        }
        "gb18030" | "gbk" if has(|byte| byte == 0x80) => Some("0x80 is the euro sign"),
        "gb18030" | "gbk"
            if has_pair(|lead, trail| {
                matches!((lead, trail), (0xa3, 0xa0) | (0xa8, 0xbc))
                    || (lead == 0xa6 && matches!(trail, 0xd9..=0xdf | 0xec | 0xed | 0xf3))
                    || (lead == 0xfe
                        && matches!(trail, 0x59 | 0x61 | 0x66 | 0x67 | 0x6d | 0x7e | 0x90 | 0xa0))
            }) =>
        {
            Some("GB 18030-2022 has characters where that of 2000 had private ones")
        }
        "big5"
            if has_pair(|lead, trail| {
                matches!(lead, 0x87 | 0x8e..=0xa0 | 0xa3 | 0xc6 | 0xfa..)
                    || (lead == 0xa1 && matches!(trail, 0x45 | 0x4e | 0xc2 | 0xe3 | 0xf2 | 0xf3))
                    || (lead == 0xa2 && matches!(trail, 0x41 | 0x42 | 0x44 | 0x46 | 0x47))
            }) =>
        {
            Some("it has more of HKSCS, and Microsoft's punctuation")
        }
        "euc-jp"
            if has_pair(|lead, trail| {
                matches!(lead, 0xad | 0xf9..)
                    || matches!(
                        (lead, trail),
                        (0xa1, 0xc1 | 0xc2 | 0xdd | 0xf1 | 0xf2) | (0xa2, 0xcc | 0xb7)
                    )
            }) =>
        {
            Some("it has the characters of NEC and IBM, and Microsoft's punctuation")
        }
        "iso-2022-jp" if has(|byte| matches!(byte, 0x0e | 0x0f | 0x1b)) => {
            Some("it has other escapes, refuses empty runs, and has Microsoft's characters")
        }
        _ => None,
    }
}

/// Whether a byte has no character in a Windows code page, by the tables at
/// <https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/>.
fn is_c1(encoding: &str, byte: u8) -> bool {
    let none: &[u8] = match encoding {
        "windows-1250" => b"\x81\x83\x88\x90\x98",
        "windows-1251" => b"\x98",
        "windows-1252" => b"\x81\x8d\x8f\x90\x9d",
        "windows-1253" => b"\x81\x88\x8a\x8c\x8d\x8e\x8f\x90\x98\x9a\x9c\x9d\x9e\x9f",
        "windows-1254" => b"\x81\x8d\x8e\x8f\x90\x9d\x9e",
        "windows-1255" => b"\x81\x8a\x8c\x8d\x8e\x8f\x90\x9a\x9c\x9d\x9e\x9f",
        "windows-1257" => b"\x81\x83\x88\x8a\x8c\x90\x98\x9a\x9c\x9f",
        "windows-1258" => b"\x81\x8a\x8d\x8e\x8f\x90\x9a\x9d\x9e",
        "windows-874" => {
            b"\x81\x82\x83\x84\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f"
        }
        _ => b"",
    };
    none.contains(&byte)
}

/// All characters of an encoding that is no UTF, and all that is none, as far as they are told apart
/// by one or two bytes; some of the longer ones.
fn table(encoding: &str, random: &mut Random) -> Vec<Vec<u8>> {
    let mut contents: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    let pairs = || (0x80..=0xff).flat_map(|lead| (0..=0xff).map(move |trail| [lead, trail]));
    match encoding {
        "big5" | "euc-kr" | "gbk" | "shift_jis" => {
            contents.extend(pairs().map(|pair| pair.to_vec()));
        }
        "euc-jp" => {
            contents.extend(pairs().map(|pair| pair.to_vec()));
            contents.extend(pairs().map(|[lead, trail]| vec![0x8f, lead, trail]));
        }
        "gb18030" => {
            contents.extend(pairs().map(|pair| pair.to_vec()));
            for _ in 0..30_000 {
                let digit = |random: &mut Random| b'0' + random.below(10) as u8;
                let lead = |random: &mut Random| 0x81 + random.below(0x7e) as u8;
                let four = [lead(random), digit(random), lead(random), digit(random)];
                contents.push(four.to_vec());
            }
        }
        "iso-2022-jp" => {
            for row in 0x21..=0x7e {
                for cell in 0x21..=0x7e {
                    contents.push([b"\x1b$B", &[row, cell][..], b"\x1b(B"].concat());
                }
            }
        }
        _ => {}
    }
    contents
}

fn compare(python: &mut Python, encoding: &str, codec: &str, contents: &[Vec<u8>]) -> usize {
    let theirs = python.decode(codec, contents);
    let mut same = 0;
    for (content, theirs) in contents.iter().zip(theirs) {
        let ours = opinion::decode(content, encoding);
        if ours == theirs {
            same += 1;
            continue;
        }
        let shown = content.escape_ascii();
        assert!(
            differs(encoding, content).is_some(),
            "{encoding} of {shown}: {ours:?}, and Python says {theirs:?}"
        );
    }
    same
}

#[test]
fn tables_are_those_of_python() {
    let mut python = Python::start();
    let mut random = Random::new(5);
    for encoding in Encoding::all().map(Encoding::name) {
        let Some((_, codec)) = CODECS.iter().find(|(name, _)| *name == encoding) else {
            // By its definition.
            for byte in 0..=255_u8 {
                let expected = match byte {
                    ..0x80 => char::from(byte),
                    _ => char::from_u32(0xf780 + u32::from(byte) - 0x80)
                        .expect("because it is private"),
                };
                let text = opinion::decode(&[byte], encoding);
                assert_eq!(text, Some(expected.to_string()), "{encoding}");
            }
            continue;
        };
        let contents = table(encoding, &mut random);
        let same = compare(&mut python, encoding, codec, &contents);
        assert!(
            same * 10 > contents.len() * 8,
            "{encoding}: {same} are the same"
        );
    }
}

#[test]
fn mutated_contents_decode_as_python_decodes_them() {
    let mut python = Python::start();
    let inputs = super::inputs("content", 40);
    let contents: Vec<Vec<u8>> = inputs
        .into_iter()
        .filter_map(|input| Some(input.split_first()?.1.to_vec()))
        .collect();
    for (encoding, codec) in CODECS {
        let same = compare(&mut python, encoding, codec, &contents);
        assert!(
            same * 10 > contents.len() * 3,
            "{encoding}: {same} are the same"
        );
    }
}
