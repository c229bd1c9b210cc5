//! Sound inputs for the fuzz targets, made by the real Git where it makes such.

use gitlade::{Control, Options};

use crate::corpus;
use crate::git::Git;
use crate::objects::deflate;

/// The largest seed: small ones are mutated to more effect.
const MAX: usize = 16 << 10;

/// Seeds for the fuzz target called `target`. They are the same each time.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = match target {
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
        "source" => texts(SOURCES),
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
