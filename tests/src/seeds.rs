//! Sound inputs for the fuzz targets, made by the real Git where it makes such.

use std::path::Path;

use gitlade::{Control, Options};

use crate::corpus;
use crate::git::Git;
use crate::objects::deflate;
use crate::random::Random;

/// The largest seed: small ones are mutated to more effect.
const MAX: usize = 16 << 10;

/// Seeds for the fuzz target called `target`. They are the same each time.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = match target {
        "abi" => texts(CALLS),
        "attributes" => texts(ATTRIBUTES),
        "content" => blobs().map(|blob| [&[6], &blob[..]].concat()).collect(),
        "delta" => texts(DELTAS),
        "inflate" => blobs()
            .map(|blob| [&[40], &deflate(&blob)[..]].concat())
            .collect(),
        "manifest" => each_sample(manifest),
        "pack" => each_sample(|git| git.feed(PACK_OBJECTS, b"HEAD\n")),
        "patterns" => texts(PATTERNS),
        "peel" => each_sample(|git| framed([git.run(&["cat-file", "commit", "HEAD"])])),
        "rows" => texts(ROWS),
        "source" => texts(SOURCES),
        "store" => texts(STORES),
        "submodules" => texts(SUBMODULES),
        "trees" => each_sample(trees),
        "wire" => each_sample(|git| git.run(&["upload-pack", "--advertise-refs", "."]))
            .into_iter()
            .chain(texts(WIRE))
            .collect(),
        other => panic!("there are no seeds for {other}"),
    };
    seeds.retain(|seed| seed.len() <= MAX);
    seeds
}

/// Inputs that broke a promise of `target` once: the files of `fuzz/regressions/TARGET`.
pub fn regressions(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/regressions");
    files(&folder.join(target))
}

/// The contents of the files of a folder, by their names; none if there is no folder.
pub fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(files) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = files
        .map(|file| file.expect("because the folder can be read").path())
        .collect();
    paths.sort();
    let read = |path| std::fs::read(path).expect("because the file can be read");
    paths.into_iter().map(read).collect()
}

/// Changes a few bytes, cuts, doubles.
pub fn mutate(input: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return vec![random.byte()];
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] = random.byte(),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.insert(at, random.byte()),
            3 => {
                bytes.remove(at);
            }
            4 => bytes.truncate(at),
            _ => {
                let end = at + random.below(bytes.len() - at).min(64);
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

const PACK_OBJECTS: &[&str] = &[
    "pack-objects",
    "--revs",
    "--stdout",
    "--delta-base-offset",
    "-q",
];

const SOURCES: &[&[u8]] = &[
    b"https://github.com/vercel/next.js.git",
    b"http://user@example.com:8080/a%20b/c.git/",
    b"git@github.com:vercel/next.js.git",
    b"ssh://git@[::1]:2222/~user/repo",
    b"git://example.com/repo",
    b"file:///tmp/repo",
    b"https://user:password@example.com/repo",
    "https://b\u{fc}cher.example/repo".as_bytes(),
    b"ext::sh -c true",
    b"-oProxyCommand=true",
    b"./a/path",
    b"C:\\repo",
];

const ATTRIBUTES: &[&[u8]] = &[
    b"*.png binary\n*.txt text eol=lf\n\0a.png\nb/c.txt",
    b"[attr]mine -diff text=auto\n*.x mine !text\n/only/*.y -text\n\0only/a.y",
    b"\"a b\" diff working-tree-encoding=UTF-16\n**/deep/** -text\n\0x/deep/y/z",
    b"a/**/b -diff\n[a-z]*[!0-9]? text\n\0a/x/b\nabc",
];

const PATTERNS: &[&[u8]] = &[
    b"src/\n*.o\nsrc/a.o\nsrc/b.c\nlib/c",
    b"/a/**/b\n!a/x\na/x/b\na/b",
    b"[[:alpha:]]*\n\\!x\nabc\n!x",
    b"**\n**/node_modules/\na/node_modules/b",
];

const DELTAS: &[&[u8]] = &[
    b"\x05\x00hello\x05\x06\x90\x05\x01!",
    b"\x03\x00abc\x03\x09\x90\x03\x90\x03\x90\x03",
    b"\x00\x00\x00\x03\x03new",
];

const SUBMODULES: &[&[u8]] = &[
    b"[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = https://example.com/lib.git\n\0vendor/lib",
    b"[submodule \"a\\\"b\"] path = \"x y\" ; comment\n url = ../rel\\\n ative\n\0x y",
];

const WIRE: &[&[u8]] = &[
    b"000eversion 2\n0013agent=git/2.47\n000cls-refs\n0012fetch=shallow\n0017object-format=sha1\n0000",
    b"003f1234567890123456789012345678901234567890 refs/heads/master\n0000",
    b"0011shallow-info\n00351234567890123456789012345678901234567890 x00010010packfile\n\
      000a\x02Count0009\x01PACK0000",
    b"001e# service=git-upload-pack\n0000",
];

/// What is asked; then table, row, column and value of each change.
const ROWS: &[&[u8]] = &[
    b"\x00\x04\x01\x09\x03\x06queued",
    b"\x11\x02\x00\x02\x01\x01\x05",
    b"\x12\x01\x00\x03\x03\x04blob",
    b"\x03\x09\x01\xff\x08\x00\xfe\x01\x09",
    b"\x04\x00\x02\x03\x06\x29\x01",
    b"\x05\x02\x03\x01\x01\x01\x07",
    b"\x06\x0b\x01\x01\x06\x10\x01",
    b"\x07\x09\x00\x06\x01\x01\x07",
    b"\x21\x03\x01\x08\x02\x01",
];

/// What is altered and done; then places and differences, or changes of rows.
const STORES: &[&[u8]] = &[
    b"\x78",
    b"\x7c\x40\x00\x00\x01",
    b"\x18\x00\x20\x00\x80\x10\x40\x00\x01",
    b"\x1a\x00\x10",
    b"\x79\x01\x00\x02\x01\x01\x05",
    b"\x39\x04\x03\x03\x03\x04a\x00/b",
    b"\x19\x09\x01\xff\x08\x00\xfe\x01\x09",
];

/// Calls of the C ABI, as `fuzz/src/abi` reads them: a number with its kind, and what it takes.
const CALLS: &[&[u8]] = &[
    // A source, an import, its manifest's entries, a text, a reader.
    b"\x00\x00\x00\x00\x40\x00\x00\x00\x00\x09\x3f\x00\x00\x00\x00\x00\x00\x00\
      \x4a\x40\x00\x00\x00\x00\x49\x00\x00\x00\x00\x4f\x00\x07\x00\x00\x51\x00\x07\x00\x00\
      \x53\x00\x10\x00",
    // A manifest out of text, its header, an entry, a table.
    b"\x41\x00\x00\x00\x00\x46\x00\x00\x00\x00\x00\x00\x44\x00\x03\x00\x00\x00\x00\
      \x57\x00\x10\x00\x00\x00\x4d\x02\x00\x00\x00\x00\x00",
    // A manifest by a callback that hands out few bytes, and one that lies.
    b"\x43\x00\xff\x01\x00\x00\x00\x00\x00\x43\x00\xff\x01\xf1\x00\x00\x01\x00",
    // A store, its list, a record, a text, a reader.
    b"\xa0\x00\x00\x00\x00\xa2\x00\x00\x01\x00\x00\xae\x00\x00\x00\x00\x00\
      \xa9\x00\x01\x00\x00\x00\xab\x00\x01\x00\x00\x00\x53\x00\x10\x00\xb2\x00",
    // Options, credentials, constants, and frees.
    b"\x04\x00\x00\x00\x00\x05\x00\x02\x07\x00\x08\x00\x01\x00\x00\x09\x00\x00\x05https\x00\
      \x0d\x00\x03abc\x02de\x00\x00\x12\x00\x00\x13\x00\x15\x00\x00\x00\x00\x17\x05\xe1\x00\xe2\x00",
];

fn texts(texts: &[&[u8]]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.to_vec()).collect()
}

/// What `make` makes of each small sound repository.
fn each_sample(make: impl Fn(&Git) -> Vec<u8>) -> Vec<Vec<u8>> {
    let small = [
        "nothing",
        "one-file",
        "kinds",
        "order",
        "names-bytes",
        "modes",
        "submodules",
        "lfs",
    ];
    let folder = crate::scratch_in_memory();
    corpus::all()
        .iter()
        .filter(|sample| {
            let name = sample.name.strip_prefix("contents/");
            name.is_some_and(|name| small.contains(&name))
        })
        .map(|sample| {
            let place = folder.path().join(sample.name);
            sample.make(&place);
            make(&sample.git(&place))
        })
        .collect()
}

/// Contents of many kinds, the small ones of the corpus.
fn blobs() -> impl Iterator<Item = Vec<u8>> {
    let folder = crate::scratch_in_memory();
    let mut blobs = Vec::new();
    for sample in corpus::all() {
        if ![
            "contents/encodings",
            "contents/line-endings",
            "contents/binaries",
            "contents/lfs",
        ]
        .contains(&sample.name)
        {
            continue;
        }
        let place = folder.path().join(sample.name);
        sample.make(&place);
        let git = sample.git(&place);
        let listed = git.run(&["ls-tree", "-r", "HEAD", "--format=%(objectname)"]);
        let listed = String::from_utf8(listed).expect("because ids are ASCII");
        for id in listed.lines() {
            blobs.push(git.run(&["cat-file", "blob", id]));
        }
    }
    blobs.into_iter().filter(|blob| blob.len() <= 4 << 10)
}

fn manifest(git: &Git) -> Vec<u8> {
    let import = gitlade::import_path(git.dir(), &Options::default(), &Control::new())
        .expect("because the sample is sound");
    let mut out = Vec::new();
    import
        .manifest()
        .write_ndjson(&mut out)
        .expect("because memory takes what is written");
    out
}

/// The root and the folders below it.
fn trees(git: &Git) -> Vec<u8> {
    let format = "--format=%(objecttype) %(objectname)";
    let listed = git.run(&["ls-tree", "-r", "-d", "HEAD", format]);
    let listed = String::from_utf8(listed).expect("because ids are ASCII");
    let below = listed.lines().filter_map(|line| line.strip_prefix("tree "));
    let ids = std::iter::once("HEAD^{tree}").chain(below);
    framed(ids.map(|id| git.run(&["cat-file", "tree", id])))
}

/// Objects with their length in two bytes, the low one first, in front of each.
fn framed(objects: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    for object in objects {
        let length = u16::try_from(object.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&object[..usize::from(length)]);
    }
    out
}
