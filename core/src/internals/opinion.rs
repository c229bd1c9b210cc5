//! What the stages say, in the words of programs that say it too.

use std::collections::BTreeSet;

use crate::Limits;
use crate::attributes::{AttributeStack, DiffAttribute, EolAttribute, TextAttribute};
use crate::content::Encoding;
use crate::filter::{Decision, Filter};
use crate::glob::MatchCounter;
use crate::id::ObjectFormat;
use crate::manifest::Flags;
use crate::tree::{Fault, FsckMessage, Variables, check};

/// The text that `bytes` are in the encoding called `encoding`; `None` if any of it is malformed.
pub fn decode(bytes: &[u8], encoding: &str) -> Option<String> {
    let encoding = Encoding::from_name(encoding).expect("because it was asked for by its name");
    let text = crate::content::decode(bytes, encoding, None).ok()?;
    Some(text.into_owned())
}

/// What is wrong with a tree, as message ids of `git fsck`: all that it is flagged for, or the first
/// for which it is refused.
pub fn tree(bytes: &[u8]) -> Result<BTreeSet<&'static str>, &'static str> {
    let checked = check(bytes, ObjectFormat::Sha1, u64::MAX).map_err(|fault| match *fault {
        Fault::Malformed(_) => "badTree",
        // Git's decoder stops at an empty name before fsck gets to its own message.
        Fault::Hostile {
            message: FsckMessage::EmptyName,
            ..
        } => "badTree",
        Fault::Hostile { message, .. } => message.id(),
    })?;
    let flags = checked.flags.iter();
    let flags = flags.fold(Flags::NONE, |all, (_, flags)| all | *flags);
    let told = [
        (Flags::ODD_MODE, "badFilemode"),
        (Flags::ZERO_PADDED_MODE, "zeroPaddedFilemode"),
        (Flags::GITATTRIBUTES_SYMLINK, "gitattributesSymlink"),
        (Flags::GITIGNORE_SYMLINK, "gitignoreSymlink"),
        (Flags::MAILMAP_SYMLINK, "mailmapSymlink"),
    ];
    let told = told.iter().filter(|(flag, _)| flags.contains(*flag));
    Ok(told.map(|(_, message)| *message).collect())
}

/// What an import sees of a path in a folder that has the attributes file `file`, where the folders
/// above have none: `text`, `diff`, `eol` and `filter=lfs` in the words of `git check-attr`, where
/// `value` stands for any driver. `None` if there is too much of it.
pub fn attributes(file: &[u8], path: &[u8]) -> Option<[&'static str; 4]> {
    let limits = Limits::default();
    let mut stack = AttributeStack::new(None, &limits).ok()?;
    stack.enter(b"folder", Some(file)).ok()?;
    let mut folders: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
    let name = folders.pop()?;
    for folder in folders {
        stack.enter(folder, None).ok()?;
    }
    let found = stack.attributes_of(name, false).ok()?;
    Some([
        match found.text {
            TextAttribute::Unspecified => "unspecified",
            TextAttribute::Set => "set",
            TextAttribute::Unset => "unset",
            TextAttribute::Auto => "auto",
        },
        match found.diff {
            DiffAttribute::Unspecified => "unspecified",
            DiffAttribute::Set => "set",
            DiffAttribute::Unset => "unset",
            DiffAttribute::Driver => "value",
        },
        match found.eol {
            None => "unspecified",
            Some(EolAttribute::Lf) => "lf",
            Some(EolAttribute::Crlf) => "crlf",
        },
        if found.lfs { "lfs" } else { "unspecified" },
    ])
}

/// Which of `paths`, all of them files, an import leaves out whose excluding patterns are the lines
/// of a `.gitignore`. `None` if one of the patterns is refused.
pub fn ignored(patterns: &[&[u8]], paths: &[&[u8]]) -> Option<Vec<bool>> {
    let filter = Filter::new(&[], patterns).ok()?;
    let mut counter = MatchCounter::new(&Limits::default());
    let mut is_out = |path: &[u8], is_folder| {
        let decision = filter.decide(path, is_folder, &mut counter);
        Some(decision.ok()? == Decision::Skip)
    };
    paths
        .iter()
        .map(|path| {
            let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
            for (slash, _) in slashes {
                if is_out(&path[..slash], true)? {
                    return Some(true);
                }
            }
            is_out(path, false)
        })
        .collect()
}

/// The variables of a configuration file, as `git config --list -z` prints them; `None` if it cannot
/// be read.
pub fn variables(file: &[u8]) -> Option<Vec<u8>> {
    let mut list = Vec::new();
    let mut variables = Variables::new(file);
    while let Some(variable) = variables.next().ok()? {
        if !variable.section.is_empty() {
            list.extend_from_slice(variable.section);
            list.push(b'.');
        }
        list.extend_from_slice(variable.key);
        if let Some(value) = variable.value {
            list.push(b'\n');
            list.extend_from_slice(value);
        }
        list.push(0);
    }
    Some(list)
}
