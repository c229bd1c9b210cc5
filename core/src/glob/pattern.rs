//! One pattern of an attributes or ignore file.

use super::MatchCounter;
use super::wildmatch::{Outcome, Wildmatch};
use crate::error::LimitError;

/// A pattern, relative to the folder of the file that has it.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    form: Form,
    /// It has no `/` but a last one: it is compared with the last component, at any depth.
    name_only: bool,
    /// It ended with a `/`.
    folders_only: bool,
}

/// How the text of a pattern is compared; most need no wildcard machine.
#[derive(Clone, Debug)]
enum Form {
    /// Equal to this.
    Literal(Box<[u8]>),
    /// A name that ends with this (`*.rs`).
    Suffix(Box<[u8]>),
    /// A path that is this, or ends with `/` and this (`**/name`).
    Tail(Box<[u8]>),
    /// Begins with the bytes, and the rest is for the machine.
    Glob(Box<[u8]>, Box<Wildmatch>),
    /// Malformed, which matches nothing.
    Never,
}

/// What patterns are compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    /// The path, without a `/` at the end, relative to the folder of the pattern's file.
    pub(crate) path: &'a [u8],
    /// Where the last component begins in it.
    pub(crate) name_start: usize,
    pub(crate) is_folder: bool,
}

impl<'a> Target<'a> {
    /// The target at `path`, whose last component begins after its last `/`.
    pub(crate) fn of(path: &'a [u8], is_folder: bool) -> Self {
        Target {
            path,
            name_start: memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1),
            is_folder,
        }
    }
}

impl Pattern {
    /// Parses a pattern; the flag is set if a `!` stands before it.
    ///
    /// The rules are those of `parse_path_pattern` in Git's `dir.c`. Comments, quotes and spaces
    /// around it are the caller's.
    pub(crate) fn parse(text: &[u8]) -> (Self, bool) {
        let (text, negative) = match text.strip_prefix(b"!") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (text, folders_only) = match text.strip_suffix(b"/") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let name_only = !text.contains(&b'/');
        let form = match name_only {
            true => name_form(text),
            false => path_form(text.strip_prefix(b"/").unwrap_or(text)),
        };
        let pattern = Pattern {
            form,
            name_only,
            folders_only,
        };
        (pattern, negative)
    }

    /// Whether the pattern is malformed and matches nothing.
    pub(crate) fn is_malformed(&self) -> bool {
        matches!(self.form, Form::Never)
    }

    /// Whether the pattern is bound to the folder of its file.
    pub(crate) fn is_anchored(&self) -> bool {
        !self.name_only
    }

    /// Whether `target` matches.
    pub(crate) fn matches(
        &self,
        target: Target<'_>,
        counter: &mut MatchCounter,
    ) -> Result<bool, LimitError> {
        counter.spend(1)?;
        if self.folders_only && !target.is_folder {
            return Ok(false);
        }
        let text = match self.name_only {
            true => &target.path[target.name_start..],
            false => target.path,
        };
        Ok(match &self.form {
            Form::Literal(literal) => **literal == *text,
            Form::Suffix(suffix) => text.ends_with(suffix),
            Form::Tail(tail) => match text.strip_suffix(&**tail) {
                Some(before) => before.is_empty() || before.ends_with(b"/"),
                None => false,
            },
            Form::Glob(prefix, machine) => match text.strip_prefix(&**prefix) {
                Some(rest) => {
                    machine.matches_all()
                        || counter.run(|scratch, steps| machine.matches(rest, scratch, steps))
                }
                None => false,
            },
            Form::Never => false,
        })
    }

    /// Whether the pattern could match something inside `folder`, which ends with a `/` and is
    /// relative like a target's path. May say yes where nothing would match, never the reverse.
    pub(crate) fn may_match_inside(
        &self,
        folder: &[u8],
        counter: &mut MatchCounter,
    ) -> Result<bool, LimitError> {
        counter.spend(1)?;
        Ok(match &self.form {
            Form::Never => false,
            _ if self.name_only => true,
            Form::Literal(literal) => literal.starts_with(folder),
            Form::Suffix(_) | Form::Tail(_) => true,
            Form::Glob(prefix, _) if prefix.starts_with(folder) => true,
            Form::Glob(prefix, machine) => match folder.strip_prefix(&**prefix) {
                Some(rest) => {
                    let outcome = counter.run(|scratch, steps| machine.run(rest, scratch, steps));
                    outcome != Outcome::Fails
                }
                None => false,
            },
        })
    }

    /// Whether the literal beginning of the pattern allows a match inside `folder`: like
    /// [`may_match_inside`](Pattern::may_match_inside), cheaper and less exact.
    pub(crate) fn reaches_into(&self, folder: &[u8]) -> bool {
        match &self.form {
            Form::Never => false,
            _ if self.name_only => true,
            Form::Literal(literal) => literal.starts_with(folder),
            Form::Suffix(_) | Form::Tail(_) => true,
            Form::Glob(prefix, _) => prefix.starts_with(folder) || folder.starts_with(prefix),
        }
    }
}

fn name_form(text: &[u8]) -> Form {
    let literal = literal_length(text);
    if literal == text.len() {
        return Form::Literal(text.into());
    }
    if let Some(suffix) = text.strip_prefix(b"*")
        && literal_length(suffix) == suffix.len()
    {
        return Form::Suffix(suffix.into());
    }
    // Git compares the whole name here, without taking the literal beginning off, which makes no
    // difference: in a name `*` and `**` mean the same.
    glob(text, literal, false)
}

fn path_form(text: &[u8]) -> Form {
    let literal = literal_length(text);
    if literal == text.len() {
        return Form::Literal(text.into());
    }
    if let Some(tail) = text.strip_prefix(b"**/")
        && literal_length(tail) == tail.len()
    {
        return Form::Tail(tail.into());
    }
    // The literal beginning is taken off before the stars are looked at, as Git does: so `a/x**`
    // crosses folders, although its stars do not stand between slashes.
    glob(text, literal, true)
}

fn glob(text: &[u8], literal: usize, path: bool) -> Form {
    match Wildmatch::new(&text[literal..], path) {
        Some(machine) => Form::Glob(text[..literal].into(), Box::new(machine)),
        None => Form::Never,
    }
}

/// Bytes before the first one that has a special meaning.
fn literal_length(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'))
        .unwrap_or(text.len())
}
