//! Trees by shape, the same from every run: what differs between them is what costs.

use std::io;

/// A sequence of numbers that looks like chance and is always the same (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Begins the sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end as u64) as usize
    }

    /// `len` bytes of text, which zlib makes about as small as it makes sources.
    pub fn text(&mut self, len: usize) -> Vec<u8> {
        const WORDS: [&[u8]; 24] = [
            b"static",
            b"int",
            b"return",
            b"struct",
            b"device",
            b"if",
            b"err",
            b"ret",
            b"(",
            b")",
            b"->",
            b"=",
            b"==",
            b"NULL",
            b"{",
            b"}",
            b"const",
            b"void",
            b"for",
            b"unsigned",
            b"/*",
            b"*/",
            b"goto",
            b"out",
        ];
        let mut text = Vec::with_capacity(len + 32);
        while text.len() < len {
            for _ in 0..3 + self.below(8) {
                match self.below(4) {
                    0 => text.extend_from_slice(format!("{:x}", self.number() >> 40).as_bytes()),
                    _ => text.extend_from_slice(WORDS[self.below(WORDS.len())]),
                }
                text.push(b' ');
            }
            text.push(b'\n');
        }
        text.truncate(len);
        text
    }

    /// `len` bytes that begin as a PNG image does and cannot be made smaller.
    pub fn binary(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        while bytes.len() < len {
            bytes.extend_from_slice(&self.number().to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }
}

/// A kind of tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Files of 200 to 800 bytes, a hundred to a folder.
    ManyTiny,
    /// One file of text.
    OneHuge,
    /// Small files in one folder.
    Wide,
    /// Ten files in each of many folders that lie inside each other.
    Deep,
    /// Many paths, a hundred contents.
    Duplicates,
    /// Files of 4 to 64 KiB that are already compressed.
    Binary,
    /// Versions of one file, a line apart, which Git stores as deltas.
    Deltas,
    /// Texts in ten encodings by turns, six of them without Unicode.
    Encodings,
}

/// A path and what is there.
pub type File = (String, Vec<u8>);

impl Shape {
    /// All of them.
    pub const ALL: [Shape; 8] = [
        Shape::ManyTiny,
        Shape::OneHuge,
        Shape::Wide,
        Shape::Deep,
        Shape::Duplicates,
        Shape::Binary,
        Shape::Deltas,
        Shape::Encodings,
    ];

    /// What it is called in results.
    pub fn name(self) -> &'static str {
        match self {
            Shape::ManyTiny => "many-tiny",
            Shape::OneHuge => "one-huge",
            Shape::Wide => "wide",
            Shape::Deep => "deep",
            Shape::Duplicates => "duplicates",
            Shape::Binary => "binary",
            Shape::Deltas => "deltas",
            Shape::Encodings => "encodings",
        }
    }

    /// A tree of `size` files; of one file with `size` MiB where there is only one.
    pub fn files(self, size: usize) -> Box<dyn Iterator<Item = File>> {
        if self == Shape::OneHuge {
            return Box::new(std::iter::once_with(move || {
                let mut content = Vec::with_capacity(size << 20);
                huge(size, |piece| {
                    content.extend_from_slice(piece);
                    Ok(())
                })
                .expect("because memory takes it");
                (HUGE.to_owned(), content)
            }));
        }
        Box::new((0..size).map(move |number| self.file(number)))
    }

    fn file(self, number: usize) -> File {
        let mut random = Random::new(number as u64);
        match self {
            Shape::ManyTiny | Shape::OneHuge => {
                let len = 200 + random.below(600);
                (leaf(number, "c"), random.text(len))
            }
            Shape::Wide => {
                let len = 200 + random.below(600);
                (format!("{number:07}.c"), random.text(len))
            }
            Shape::Encodings => {
                let (name, content) = encoded(number, &mut random);
                (leaf(number, name), content)
            }
            Shape::Deep => {
                let path = format!("{}{:02}.c", "d/".repeat(number / 10), number % 10);
                (path, random.text(500))
            }
            Shape::Duplicates => {
                let content = Random::new(number as u64 % 100).text(5_000);
                (leaf(number, "c"), content)
            }
            Shape::Binary => {
                let len = (4 << 10) + random.below(60 << 10);
                (leaf(number, "png"), random.binary(len))
            }
            Shape::Deltas => {
                // Each differs from the next in one more line, as versions of a file do.
                let mut content = Random::new(0).text(20_000);
                for version in 0..=number {
                    let at = (version * 97) % (content.len() - 20);
                    content[at..at + 11].copy_from_slice(format!("\n{version:09}\n").as_bytes());
                }
                (leaf(number, "c"), content)
            }
        }
    }
}

/// So many texts of `len` bytes each, a hundred to a folder.
pub(crate) fn texts(count: usize, len: usize) -> impl Iterator<Item = File> {
    (0..count).map(move |number| (leaf(number, "c"), Random::new(number as u64).text(len)))
}

/// The path of the one file of [`Shape::OneHuge`].
pub(crate) const HUGE: &str = "huge.txt";

/// Makes so many MiB of text, and passes on one after the other. They differ in their first line only,
/// which zlib does not notice: it looks back 32 KiB.
pub(crate) fn huge(
    mebibytes: usize,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut mebibyte = Random::new(1).text(1 << 20);
    for number in 0..mebibytes {
        mebibyte[..11].copy_from_slice(format!("{number:010}\n").as_bytes());
        take(&mebibyte)?;
    }
    Ok(())
}

/// A word as files of old have it: as bytes, in the encoding that is named.
const LEGACY: [(&str, &[u8]); 6] = [
    ("shift-jis", b"\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd"),
    ("euc-kr", b"\xc7\xd1\xb1\xb9\xbe\xee"),
    ("gbk", b"\xd6\xd0\xce\xc4\xd7\xd6"),
    ("koi8-r", b"\xd0\xd2\xc9\xd7\xc5\xd4"),
    ("windows-1251", b"\xef\xf0\xe8\xe2\xe5\xf2"),
    ("latin-1", b"gr\xf6\xdfe"),
];

/// A text in the encoding of that number, with comments in its language, and what it is called.
fn encoded(number: usize, random: &mut Random) -> (&'static str, Vec<u8>) {
    let len = 1_000 + random.below(8_000);
    let ascii = random.text(len);
    let unicode = || String::from_utf8_lossy(&ascii).replace("/*", "/* größe 中文 привет");
    let words = || unicode().encode_utf16().collect::<Vec<u16>>();
    match number % 10 {
        0 => ("ascii", ascii),
        1 => ("utf-8", unicode().into_bytes()),
        2 => {
            let words = std::iter::once(0xfeff).chain(words());
            ("utf-16le", words.flat_map(u16::to_le_bytes).collect())
        }
        3 => {
            let words = std::iter::once(0xfeff).chain(words());
            ("utf-16be", words.flat_map(u16::to_be_bytes).collect())
        }
        other => {
            let (name, word) = LEGACY[other - 4];
            let mut text = Vec::new();
            for line in ascii.split_inclusive(|&byte| byte == b'\n') {
                text.extend_from_slice(b"// ");
                for _ in 0..1 + random.below(4) {
                    text.extend_from_slice(word);
                    text.push(b' ');
                }
                text.extend_from_slice(line);
            }
            (name, text)
        }
    }
}

/// The path of a file where a folder holds a hundred files or folders.
fn leaf(number: usize, extension: &str) -> String {
    format!(
        "{:02}/{:02}/{:02}.{extension}",
        number / 10_000,
        number / 100 % 100,
        number % 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn random_numbers_are_those_of_splitmix64() {
        // The published test vector of seed 1234567.
        let mut random = Random::new(1_234_567);
        let numbers = [random.number(), random.number(), random.number()];
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn shapes_are_what_they_say() {
        for shape in Shape::ALL {
            let size = if shape == Shape::OneHuge { 1 } else { 1_000 };
            let files: Vec<File> = shape.files(size).collect();
            let paths: HashSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
            let contents: HashSet<&[u8]> = files.iter().map(|(_, bytes)| &bytes[..]).collect();
            assert_eq!(paths.len(), size, "{shape:?}");
            let expected = if shape == Shape::Duplicates {
                100
            } else {
                size
            };
            assert_eq!(contents.len(), expected, "{shape:?}");
            if shape == Shape::Encodings {
                let utf8 = files
                    .iter()
                    .filter(|file| std::str::from_utf8(&file.1).is_ok());
                assert_eq!(utf8.count(), size / 5);
            }
            let has_nul = files.iter().all(|(_, bytes)| bytes.contains(&0));
            assert_eq!(has_nul, shape == Shape::Binary, "{shape:?}");
        }
        assert_eq!(Shape::OneHuge.files(3).next().unwrap().1.len(), 3 << 20);
        let deepest = Shape::Deep
            .files(1_000)
            .map(|(path, _)| path.matches('/').count());
        assert_eq!(deepest.max(), Some(99));
    }
}
