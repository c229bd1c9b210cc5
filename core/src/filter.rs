//! Which paths an import keeps: include and exclude patterns in gitignore syntax.

use std::borrow::Cow;

use crate::error::{ErrorKind, LimitError, StageError};
use crate::glob::{MatchCounter, Pattern, Target};
use crate::printable::Printable;

/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 4_096;

/// Include and exclude patterns, in the syntax of
/// [gitignore](https://git-scm.com/docs/gitignore), relative to the imported folder.
///
/// *Exclude*: the last pattern that matches a path decides, and a `!` before it takes the path back
/// in. What is inside an excluded folder stays out, whatever its own patterns say.
///
/// *Include*: if there are such patterns, a path is kept if it matches, or if a folder above it
/// does. A `!` takes out what an earlier pattern or a folder above has taken in. Excluding wins over
/// including.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    include: Vec<Rule>,
    exclude: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    pattern: Pattern,
    negative: bool,
}

/// What happens with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is imported. What is inside a folder is asked about too.
    Keep,
    /// It is left out, and a folder with all that is inside.
    Skip,
    /// A folder that is left out, unless something inside is kept.
    Descend,
}

/// A pattern cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the {role} pattern \"{}\" {reason}", Printable(.pattern))]
pub(crate) struct FilterError {
    role: &'static str,
    pattern: Vec<u8>,
    reason: &'static str,
}

impl StageError for FilterError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidOptions
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(
            "write it as a line of .gitignore, for example \"*.rs\", \"/docs\" or \"!keep.txt\"",
        ))
    }
}

impl Filter {
    /// Reads the patterns, each as one line of a `.gitignore`.
    ///
    /// # Errors
    ///
    /// If a pattern matches nothing: it is empty, a comment, has a bracket that is not closed, an
    /// unknown character class or a backslash at its end; or if it is over 4,096 bytes.
    pub(crate) fn new<P: AsRef<[u8]>>(include: &[P], exclude: &[P]) -> Result<Self, FilterError> {
        let rules = |patterns: &[P], role| {
            let rule = |pattern: &P| parse(pattern.as_ref(), role);
            patterns.iter().map(rule).collect::<Result<Vec<_>, _>>()
        };
        Ok(Filter {
            include: rules(include, "include")?,
            exclude: rules(exclude, "exclude")?,
        })
    }

    /// Whether every path is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Decides about `path`, relative to the imported folder and without a `/` at its end.
    ///
    /// A walk asks about each folder before what is inside, and not about what is inside a folder
    /// that is skipped.
    ///
    /// # Errors
    ///
    /// If the comparisons exceed the counter's cap.
    pub(crate) fn decide(
        &self,
        path: &[u8],
        is_folder: bool,
        counter: &mut MatchCounter,
    ) -> Result<Decision, LimitError> {
        let excluded = last_match(&self.exclude, Target::of(path, is_folder), counter)?;
        if excluded == Some(true) {
            return Ok(Decision::Skip);
        }
        if self.include.is_empty() || self.is_included(path, is_folder, counter)? {
            return Ok(Decision::Keep);
        }
        if !is_folder {
            return Ok(Decision::Skip);
        }
        let folder = [path, b"/"].concat();
        for rule in self.include.iter().filter(|rule| !rule.negative) {
            if rule.pattern.may_match_inside(&folder, counter)? {
                return Ok(Decision::Descend);
            }
        }
        Ok(Decision::Skip)
    }

    /// Whether `path` is included: the nearest of it and the folders above it that a pattern
    /// matches decides.
    fn is_included(
        &self,
        path: &[u8],
        is_folder: bool,
        counter: &mut MatchCounter,
    ) -> Result<bool, LimitError> {
        let mut target = Target::of(path, is_folder);
        loop {
            if let Some(included) = last_match(&self.include, target, counter)? {
                return Ok(included);
            }
            let Some(above) = target.name_start.checked_sub(1) else {
                return Ok(false);
            };
            target = Target::of(&path[..above], true);
        }
    }
}

/// Whether the last rule that matches is a positive one; `None` if none matches.
fn last_match(
    rules: &[Rule],
    target: Target<'_>,
    counter: &mut MatchCounter,
) -> Result<Option<bool>, LimitError> {
    for rule in rules.iter().rev() {
        if rule.pattern.matches(target, counter)? {
            return Ok(Some(!rule.negative));
        }
    }
    Ok(None)
}

fn parse(text: &[u8], role: &'static str) -> Result<Rule, FilterError> {
    let error = |reason| FilterError {
        role,
        pattern: text.to_vec(),
        reason,
    };
    if text.len() > MAX_PATTERN {
        return Err(error("is longer than 4096 bytes"));
    }
    if text.starts_with(b"#") {
        return Err(error(
            "is a comment; write \\# for a name that begins with #",
        ));
    }
    if text.iter().any(|byte| matches!(byte, 0 | b'\n')) {
        return Err(error("has a line end or a NUL in it"));
    }
    let trimmed = trim_spaces(text);
    let bare = trimmed.strip_prefix(b"!").unwrap_or(trimmed);
    if bare.iter().all(|&byte| byte == b'/') {
        return Err(error("names no file"));
    }
    let (pattern, negative) = Pattern::parse(trimmed);
    if pattern.is_malformed() {
        return Err(error(
            "has an open bracket, an unknown character class or a backslash at its end",
        ));
    }
    Ok(Rule { pattern, negative })
}

/// Takes spaces off the end, unless a backslash keeps them, as `trim_trailing_spaces` of Git's
/// `dir.c`.
fn trim_spaces(text: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut index = 0;
    while let Some(&byte) = text.get(index) {
        index += if byte == b'\\' { 2 } else { 1 };
        if byte != b' ' {
            end = index.min(text.len());
        }
    }
    &text[..end]
}

#[cfg(test)]
mod tests;
