//! `gitlade cat`

use std::io::Read;
use std::os::unix::ffi::OsStrExt;

use gitlade::{ErrorKind, Options, Printable};

use crate::args::CatArgs;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::source;
use crate::store;

/// Bytes of text that are decoded and written at once.
const PIECE: usize = 256 << 10;

pub(crate) fn run(args: &CatArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let path = trimmed(args.path.as_bytes());
    if let Some(folder) = &args.store {
        return store::cat(args, folder, path, interrupt);
    }
    let wanted = Wanted::new(path)?;
    let options = wanted.narrow(args.revision.apply(args.reading.options()?));
    let control = interrupt.control();
    let import = source::import(&args.source, &options, args.reading.progress, &control)?;
    let not_found = || {
        let text = format!("there is no \"{}\" in the revision", Printable(path));
        Failure::new(ErrorKind::PathNotFound, text)
            .hint("check the spelling and the case; \"gitlade import\" lists what there is")
    };
    let entry = import.manifest().get(wanted.below).ok_or_else(not_found)?;
    if entry.is_folder() {
        let text = format!("\"{}\" is a folder", Printable(path));
        return Err(Failure::new(ErrorKind::PathIsOther, text)
            .hint("name a file; \"gitlade import --subdir\" lists what is in a folder"));
    }
    let mut output = Output::stdout()?;
    if !args.text {
        return output.write_bytes(&import.blob(entry)?);
    }
    let mut text = import.text_reader(entry)?;
    let mut piece = vec![0; PIECE];
    loop {
        if control.cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        match text.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => output.write_bytes(&piece[..count])?,
            Err(error) => {
                let text = format!("cannot decode \"{}\": {error}", Printable(path));
                return Err(Failure::new(ErrorKind::NotText, text)
                    .hint("leave out --text, and take its bytes"));
            }
        }
    }
}

/// A path, cut where the import begins.
struct Wanted<'a> {
    /// The folder to import.
    folder: &'a [u8],
    /// What is left of the path: a name.
    below: &'a [u8],
}

impl<'a> Wanted<'a> {
    fn new(path: &'a [u8]) -> Result<Self, Failure> {
        if path.is_empty() {
            return Err(
                Failure::new(ErrorKind::PathIsOther, "the path is the root folder")
                    .hint("name a file, by its path from the root of the repository"),
            );
        }
        let slash = path.iter().rposition(|&byte| byte == b'/');
        Ok(Wanted {
            folder: &path[..slash.unwrap_or(0)],
            below: &path[slash.map_or(0, |slash| slash + 1)..],
        })
    }

    /// Takes in this one path. If it is a folder, what is inside stays out.
    fn narrow(&self, mut options: Options) -> Options {
        let pattern = literal(self.below);
        if !self.folder.is_empty() {
            options.subdir = Some(self.folder.to_vec());
        }
        options
            .exclude(format!("/{pattern}/*"))
            .include(format!("/{pattern}"))
    }
}

/// A pattern in the syntax of `.gitignore` that matches the path, and hardly another.
fn literal(path: &[u8]) -> String {
    let mut pattern = String::new();
    for chunk in path.utf8_chunks() {
        for c in chunk.valid().chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '\\' | ' ' | '!' | '#') {
                pattern.push('\\');
            }
            // A pattern is one line.
            pattern.push(if c == '\n' { '?' } else { c });
        }
        // A question mark stands for one byte.
        pattern.extend(chunk.invalid().iter().map(|_| '?'));
    }
    pattern
}

/// Takes off what changes nothing at the ends.
fn trimmed(path: &[u8]) -> &[u8] {
    let mut path = path.strip_prefix(b"./").unwrap_or(path);
    while let Some(rest) = path.strip_prefix(b"/") {
        path = rest;
    }
    if path == b"." { b"" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(path: &[u8]) -> (&[u8], &[u8]) {
        let wanted = Wanted::new(path).expect("it is no root");
        (wanted.folder, wanted.below)
    }

    #[test]
    fn paths_are_cut_where_the_import_begins() {
        assert_eq!(cut(b"a"), (&b""[..], &b"a"[..]));
        assert_eq!(cut(b"a/b/c"), (&b"a/b"[..], &b"c"[..]));
        assert_eq!(cut(b"a/\xff/c"), (&b"a/\xff"[..], &b"c"[..]));
        assert_eq!(cut(b"\xff/c"), (&b"\xff"[..], &b"c"[..]));
        assert!(Wanted::new(b"").is_err());
    }

    #[test]
    fn patterns_mean_the_path_itself() {
        assert_eq!(literal(b"a[1]*?.txt"), r"a\[1\]\*\?.txt");
        assert_eq!(literal(b"end \\"), r"end\ \\");
        assert_eq!(literal(b"\xff\xfe/n\nl"), "??/n?l");
        assert_eq!(trimmed(b"./a/b"), b"a/b");
        assert_eq!(trimmed(b"/a"), b"a");
        assert_eq!(trimmed(b"."), b"");
    }
}
