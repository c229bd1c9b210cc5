//! What has to hold for any input, stage by stage: the bodies of the fuzz targets.
//!
//! Each function takes bytes as a stranger would choose them, and panics if a promise is broken. A
//! typed error is an answer like any other.

use std::io::{Cursor, Read};

use crate::attributes::AttributeStack;
use crate::budget::Budget;
use crate::content::{Examiner, ForcedExaminer, TextReader, decode, guess};
use crate::filter::Filter;
use crate::glob::MatchCounter;
use crate::id::{ObjectFormat, ObjectId};
use crate::object::object_id;
use crate::pack::{Found, Kind, Work};
use crate::spill::Buffers;
use crate::tree::{Outline, Submodules, TreeSet, Visit};
use crate::{Cancel, Error, Limits, Manifest, Progress, Source};

/// Limits under which any input ends soon.
fn limits() -> Limits {
    Limits::default()
        .max_blob(1 << 20)
        .max_entries(10_000)
        .max_tree_bytes(4 << 20)
        .max_pack_bytes(1 << 20)
        .max_pattern_matches(100_000)
}

/// P12: what is said of an error can be shown.
pub(crate) fn check_message(error: &Error) {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        cause = error.source();
    }
    if let Some(advice) = error.advice() {
        assert!(!advice.chars().any(char::is_control), "{advice:?}");
    }
}

/// The name that Git has for an object of the kind `blob`, `tree` or `commit`.
pub fn name(kind: &str, bytes: &[u8]) -> ObjectId {
    let kind = match kind {
        "blob" => Kind::Blob,
        "tree" => Kind::Tree,
        _ => Kind::Commit,
    };
    object_id(ObjectFormat::Sha1, kind, bytes).expect("because it is no attack on SHA-1")
}

/// A source that is understood says the same when it is parsed from its own text; no password is
/// left in it.
pub fn source(input: &[u8]) {
    let source = match Source::parse(input) {
        Ok(source) => source,
        Err(error) => return check_message(&error),
    };
    if let Source::Remote(url) = &source {
        let text = url.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        let again = Source::parse(&text).expect("because it was just written");
        assert_eq!(again, source, "{text}");
        for part in [url.owner(), url.repository(), url.path()] {
            assert!(!part.contains('\0'));
        }
    }
}

/// Pkt-lines, an advertisement, refs, the answer to a fetch, side-bands.
pub fn wire(input: &[u8]) {
    crate::remote::read_everything(input);
}

/// What a pack held, as far as another reader of packs can tell.
#[derive(Debug, PartialEq, Eq)]
pub struct PackObjects {
    /// Names of all objects, sorted.
    pub ids: Vec<ObjectId>,
}

/// Takes in one pack after another: starting a thread for each would cost more than a small pack.
pub struct Packs {
    work: Work,
    limits: Limits,
}

impl Packs {
    /// Starts the thread.
    pub fn new() -> Self {
        let limits = limits();
        let buffers = Buffers::new(Budget::new(8 << 20), std::env::temp_dir(), 64 << 20);
        let work = Work::new(1, buffers, Cancel::new(), limits.max_inflate_ratio)
            .expect("because a thread can be started");
        Packs { work, limits }
    }

    /// A pack as it arrives. Whatever is taken in can be read again, with the same names and facts.
    pub fn take(&mut self, input: &[u8]) -> Option<PackObjects> {
        self.work.renew();
        pack(input, &self.work, &self.limits)
    }
}

impl Default for Packs {
    fn default() -> Self {
        Self::new()
    }
}

fn pack(input: &[u8], work: &Work, limits: &Limits) -> Option<PackObjects> {
    let format = ObjectFormat::Sha1;
    let progress = Progress::new();
    let mut reader = Cursor::new(input);
    let companions = crate::ingest::Companions::default();
    let received = crate::ingest::ingest(&mut reader, format, limits, work, &progress, companions);
    let received = match received {
        Ok(received) => received,
        Err(error) => {
            check_message(&error);
            return None;
        }
    };
    let mut ids: Vec<ObjectId> = received.places.keys().copied().collect();
    ids.sort_unstable();
    let requests = ids
        .iter()
        .enumerate()
        .map(|(number, id)| crate::pack::Request {
            offset: received.places[id].offset,
            number,
            id: *id,
            crc32: None,
            check_id: true,
        })
        .collect();
    let check = |number: usize, found: Found<'_>| {
        if let Found::Whole(kind, bytes) = found {
            assert_eq!(object_id(format, kind, bytes).ok(), Some(ids[number]));
            if kind == Kind::Blob {
                let facts = crate::content::examine(bytes);
                let place = received.places[&ids[number]];
                assert_eq!(received.facts[place.blob as usize], facts);
            }
        }
        Ok(())
    };
    let lookup = |id: &ObjectId| received.places.get(id).map(|place| place.offset);
    crate::pack::read_entries(&received.pack, requests, &lookup, limits, work, &check)
        .expect("because the pack was taken in");
    Some(PackObjects { ids })
}

/// Folders: those that are taken hold nothing that could harm a host. The first object is the root,
/// and lengths stand in front of the objects. Says whether they were taken.
pub fn trees(input: &[u8]) -> bool {
    let mut set = TreeSet::new(ObjectFormat::Sha1, &limits());
    let mut root = None;
    for bytes in pieces(input) {
        let Ok(id) = object_id(ObjectFormat::Sha1, Kind::Tree, bytes) else {
            return false;
        };
        root.get_or_insert(id);
        if let Err(error) = set.insert(id, bytes) {
            check_message(&error);
            return false;
        }
    }
    let Some(root) = root else {
        return false;
    };
    let outline = match Outline::new(set, root, None, &mut |_| Ok(None), &Cancel::new()) {
        Ok(outline) => outline,
        Err(error) => {
            check_message(&error);
            return false;
        }
    };
    let mut walk = outline.walk();
    while let Some(visit) = walk.next() {
        let (Visit::Enter(item)
        | Visit::File(item, _)
        | Visit::Symlink(item, _)
        | Visit::Submodule(item)) = visit
        else {
            continue;
        };
        assert!(!item.name.is_empty() && !item.name.contains(&b'/') && !item.name.contains(&0));
        assert!(!matches!(item.name, b"." | b".."));
        assert!(!item.name.eq_ignore_ascii_case(b".git"));
        assert!(item.path.ends_with(item.name));
    }
    true
}

/// Commits and tags that point to each other; lengths stand in front of the objects.
pub fn peel(input: &[u8]) {
    let mut objects = pieces(input);
    let id = ObjectId::null(ObjectFormat::Sha1);
    let peeled = crate::peel::peel(b"HEAD", id, &mut |_| {
        let bytes = objects.next().unwrap_or_default();
        let kind = match bytes.first() {
            Some(b'o') => Kind::Tag,
            Some(b't') => Kind::Commit,
            Some(b'b') => Kind::Blob,
            _ => Kind::Tree,
        };
        Ok((kind, bytes.to_vec()))
    });
    if let Err(error) = peeled {
        check_message(&error);
    }
}

/// An attributes file, and paths below it, one in each line behind the first NUL.
pub fn attributes(input: &[u8]) {
    let mut parts = input.splitn(2, |&byte| byte == 0);
    let file = parts.next().unwrap_or_default();
    let mut stack = match AttributeStack::new(Some(file), &limits()) {
        Ok(stack) => stack,
        Err(error) => return check_message(&error.into()),
    };
    for path in parts
        .next()
        .unwrap_or_default()
        .split(|&byte| byte == b'\n')
    {
        let mut folders: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
        let name = folders.pop().unwrap_or_default();
        let mut depth = 0;
        for folder in folders {
            if stack.enter(folder, Some(file)).is_err() {
                break;
            }
            depth += 1;
        }
        let first = stack.attributes_of(name, false).ok();
        let again = stack.attributes_of(name, false).ok();
        if first.is_some() && again.is_some() {
            assert_eq!(first, again);
        }
        for _ in 0..depth {
            stack.leave();
        }
    }
}

/// A pattern of what is imported, one of what is not, and paths, one in each line.
pub fn patterns(input: &[u8]) {
    let mut lines = input.split(|&byte| byte == b'\n');
    let include = lines.next().unwrap_or_default();
    let exclude = lines.next().unwrap_or_default();
    let filter = match Filter::new(&[include], &[exclude]) {
        Ok(filter) => filter,
        Err(error) => return check_message(&error.into()),
    };
    let mut counter = MatchCounter::new(&limits());
    for path in lines {
        for is_folder in [false, true] {
            let _ = filter.decide(path, is_folder, &mut counter);
        }
    }
}

/// Content: the facts do not depend on the pieces in which it comes, and a text decodes to the same
/// in one go and piece by piece.
pub fn content(input: &[u8]) {
    let (&step, content) = match input.split_first() {
        Some(split) => split,
        None => (&0, input),
    };
    let step = usize::from(step) + 1;
    let facts = crate::content::examine(content);
    let mut examiner = Examiner::new();
    let mut forced = ForcedExaminer::new();
    for piece in content.chunks(step) {
        examiner.update(piece);
        forced.update(piece);
    }
    assert_eq!(examiner.finish(), facts);
    assert_eq!(forced.finish(), guess(content));
    assert_eq!(facts.size, content.len() as u64);
    let Some(encoding) = facts.traits.encoding else {
        return;
    };
    let text = decode(content, encoding, facts.traits.bom).expect("because the facts say so");
    let mut reader = TextReader::new(Slow(content, step), encoding, facts.traits.bom);
    let mut pieces = String::new();
    reader
        .read_to_string(&mut pieces)
        .expect("because it was decoded whole");
    assert_eq!(text, pieces);
}

/// Hands out no more than a few bytes at once.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let length = out.len().min(self.1);
        self.0.read(&mut out[..length])
    }
}

/// A manifest: what is read is written the same, byte for byte unless its JSON was spelled otherwise.
pub fn manifest(input: &[u8]) {
    let manifest = match Manifest::read_ndjson(input, &limits()) {
        Ok(manifest) => manifest,
        Err(error) => return check_message(&error),
    };
    let mut out = Vec::new();
    manifest
        .write_ndjson(&mut out)
        .expect("because memory takes what is written");
    if out == input {
        return;
    }
    let lines = |text: &[u8]| -> Vec<serde_json::Value> {
        let lines = text.split(|&byte| byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty()).map(|line| {
            let mut value = serde_json::from_slice(line).expect("because it was read");
            condense(&mut value);
            value
        });
        lines.collect()
    };
    assert_eq!(lines(&out), lines(input));
}

/// Leaves out what has more than one spelling: what is not there, the order of flags, and the checksum
/// of the spelling itself. Texts are not in what is written.
fn condense(value: &mut serde_json::Value) {
    use serde_json::Value;
    if let Value::Object(members) = value {
        members.remove("checksum");
        members.remove("text");
        for (name, member) in members.iter_mut() {
            if let (true, Value::Array(flags)) = (name == "flags", &mut *member) {
                flags.sort_by_key(ToString::to_string);
                flags.dedup();
            }
            condense(member);
        }
        members.retain(|_, member| match member {
            Value::Null | Value::Bool(false) => false,
            Value::Array(list) => !list.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => true,
        });
    }
}

/// A `.gitmodules`: the URL of the path that follows the first NUL.
pub fn submodules(input: &[u8]) {
    let mut parts = input.splitn(2, |&byte| byte == 0);
    let file = parts.next().unwrap_or_default();
    let submodules = Submodules::parse(file, &limits());
    let _ = submodules.url(parts.next().unwrap_or_default());
    let _ = submodules.fault();
}

/// Pieces with their length, two bytes with the low one first, in front of each.
fn pieces(mut input: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&[low, high], rest) = input.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        input = rest;
        Some(piece)
    })
}
