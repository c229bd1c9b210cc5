//! `gitlade show`, and `gitlade cat` of what is in a store

use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use gitlade::{Entry, EntryKind, ErrorKind, ImportId, Manifest, Printable, Store};
use serde::Serialize;
use serde_json::{Value, json};

use super::args::ShowArgs;
use super::{json as values, open, say};
use crate::args::CatArgs;
use crate::describe::{bytes, counted};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::table::{Table, facts};

/// Bytes of content that are written at once.
const PIECE: usize = 256 << 10;

/// What "gitlade show --json" prints.
#[derive(Serialize)]
struct Shown<'a> {
    import: values::Record<'a>,
    entries: &'a [Entry<'a>],
}

pub(crate) fn show(args: &ShowArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let store = open::to_read(&args.store.store)?;
    if args.manifest {
        let manifest = store.manifest(args.id)?;
        let mut output = Output::stdout()?;
        return match manifest.write_ndjson(interrupt.watch(&mut output)) {
            Ok(()) => Ok(()),
            Err(error) => output.failed(error),
        };
    }
    let record = store.import_record(args.id)?;
    let path = args.path.as_deref().map(|path| trimmed(path.as_bytes()));
    if record.outcome.is_none() && path.is_none() {
        // There is nothing to list yet, and nothing wrong with that.
        let json = || Shown {
            import: values::record(&record),
            entries: &[],
        };
        return args.store.print(json, || say::record(&record));
    }
    let manifest = store.manifest(args.id)?;
    let path = path.unwrap_or_default();
    let entries: Vec<Entry<'_>> = match manifest.children(path) {
        Some(children) => children.collect(),
        None => vec![entry(&manifest, args.id, path)?],
    };
    let json = || Shown {
        import: values::record(&record),
        entries: &entries,
    };
    args.store.print(json, || {
        let about = match args.path {
            None => say::record(&record) + "\n",
            Some(_) => String::new(),
        };
        match (manifest.get(path), entries.as_slice()) {
            (Some(found), [entry]) if !found.is_folder() => facts(&described(*entry)),
            _ => about + &listing(&entries),
        }
    })
}

pub(crate) fn cat(
    args: &CatArgs,
    folder: &Path,
    path: &[u8],
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let id: ImportId = args.source.to_string_lossy().parse()?;
    let store = open::to_read(folder)?;
    let content = content(&store, id, path, args.text)?;
    copy(interrupt.watch(content), path)
}

/// What stands in a file, byte for byte or as text.
fn content(
    store: &Store,
    id: ImportId,
    path: &[u8],
    as_text: bool,
) -> Result<Box<dyn Read>, Failure> {
    if as_text {
        let text = store.text(id, path)?;
        return Ok(Box::new(std::io::Cursor::new(text.into_bytes())));
    }
    Ok(Box::new(store.reader(id, path)?))
}

fn copy(mut content: impl Read, path: &[u8]) -> Result<(), Failure> {
    let mut output = Output::stdout()?;
    let mut piece = vec![0; PIECE];
    loop {
        match content.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => output.write_bytes(&piece[..count])?,
            Err(error) => {
                let text = format!("cannot read \"{}\": {error}", Printable(path));
                return Err(Failure::new(ErrorKind::of_io(&error), text)
                    .hint("\"gitlade check\" says what is damaged"));
            }
        }
    }
}

/// A path without the slashes and dots that people put around it.
fn trimmed(path: &[u8]) -> &[u8] {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    let end = path.iter().rposition(|&byte| byte != b'/');
    let path = &path[..end.map_or(0, |end| end + 1)];
    if path == b"." { b"" } else { path }
}

fn entry<'a>(manifest: &'a Manifest, id: ImportId, path: &[u8]) -> Result<Entry<'a>, Failure> {
    manifest.get(path).ok_or_else(|| {
        let text = format!("there is no \"{}\" in import {id}", Printable(path));
        Failure::new(ErrorKind::PathNotFound, text)
            .hint("check the spelling and the case; \"gitlade show\" lists what there is")
    })
}

/// What lies in a folder.
fn listing(entries: &[Entry<'_>]) -> String {
    let mut table = Table::new(&["MODE", "#SIZE", "CONTENT", "NAME"]);
    for entry in entries {
        let name = Printable(entry.name()).to_string();
        let (size, content, after) = match entry.kind() {
            EntryKind::Folder(folder) => {
                let content = counted(folder.files, "file");
                (bytes(folder.bytes), content, "/".to_owned())
            }
            EntryKind::Symlink(symlink) => {
                let target = symlink.body.read().and_then(|facts| facts.target);
                let target = target.map(|target| format!(" -> {}", Printable(target)));
                (
                    size(*entry),
                    "symlink".to_owned(),
                    target.unwrap_or_default(),
                )
            }
            EntryKind::Submodule(_) => (String::new(), "submodule".to_owned(), String::new()),
            _ => (size(*entry), content_of(*entry), String::new()),
        };
        let mode = format!("{:06o}", entry.mode());
        table.row([mode, size, content, format!("{name}{after}")]);
    }
    table.render()
}

fn size(entry: Entry<'_>) -> String {
    entry.size().map_or_else(String::new, bytes)
}

/// Text or binary, and of which kind; or why it was skipped.
fn content_of(entry: Entry<'_>) -> String {
    let value = json!(entry);
    let word = |key: &str| value[key].as_str().map(str::to_owned);
    if let Some(reason) = word("skipped") {
        return format!("skipped: {}", reason.replace('_', " "));
    }
    let kind = word("content").unwrap_or_default();
    match word("encoding").or_else(|| word("mime")) {
        Some(detail) => format!("{kind}, {detail}"),
        None => kind,
    }
}

/// What is known of one entry: the members of its record in the manifest.
fn described(entry: Entry<'_>) -> Vec<(&'static str, String)> {
    const KEYS: [&str; 18] = [
        "kind",
        "mode",
        "oid",
        "size",
        "digest",
        "content",
        "encoding",
        "bom",
        "eol",
        "lines",
        "basis",
        "mime",
        "git_binary",
        "working_tree_encoding",
        "target",
        "url",
        "lfs",
        "skipped",
    ];
    let value = json!(entry);
    let mut lines = vec![("path", Printable(entry.path()).to_string())];
    lines.extend(KEYS.iter().filter_map(|key| {
        let text = match value.get(key)? {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((*key, text))
    }));
    lines
}
