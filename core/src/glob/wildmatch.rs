//! The wildcard machine: `*`, `**`, `?`, brackets and escapes, as in Git's `wildmatch.c`.
//!
//! A pattern becomes a list of tokens, and all positions in the list that the text may have reached
//! are followed at once. The time is therefore at most tokens times bytes of text, whatever the
//! pattern; Git's own matcher backtracks, and `a*a*a*…b` takes it exponential time.

use memchr::memmem;

use super::bracket::{self, ByteSet};
use super::positions::{Positions, Scratch};

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(super) struct Wildmatch {
    tokens: Box<[Token]>,
    sets: Box<[ByteSet]>,
    /// Bytes that every text that matches has in it somewhere.
    needle: Box<[u8]>,
    /// How many tokens at the end stand for the last bytes of every text that matches, one each.
    tail: usize,
}

/// One step of a pattern, in two bytes: a literal byte, one of the values below, or
/// `FIRST_SET` plus the index of a set.
type Token = u16;

/// `?` in a path: any byte but `/`.
const ANY: Token = 0x100;
/// `*` in a path: any number of bytes other than `/`.
const STAR: Token = 0x101;
/// `**` between slashes, or `*` in a bare name: any number of bytes.
const STAR_STAR: Token = 0x102;
/// `**/` matches no folder too: the two tokens that follow may be left out.
const MAYBE_TWO: Token = 0x103;
/// `?` in a bare name: any byte.
const ANY_BYTE: Token = 0x104;
const FIRST_SET: Token = 0x200;

/// Longest pattern that is compiled, in bytes, so that the index of a set fits into a token.
const MAX_PATTERN: usize = 16 << 10;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The whole text matches.
    Match,
    /// The text does not match, yet a longer text that begins with it could.
    Begins,
    /// Neither does this text match, nor any that begins with it.
    Fails,
}

impl Wildmatch {
    /// Compiles `pattern`; `None` if nothing can match it. In `path` mode wildcards other than `**`
    /// do not match a `/`.
    pub(super) fn new(pattern: &[u8], path: bool) -> Option<Self> {
        if pattern.len() > MAX_PATTERN {
            return None;
        }
        let mut tokens = Vec::with_capacity(pattern.len());
        let mut sets = Vec::new();
        let mut index = 0;
        while let Some(&byte) = pattern.get(index) {
            index += 1;
            match byte {
                b'\\' => {
                    tokens.push(Token::from(*pattern.get(index)?));
                    index += 1;
                }
                b'?' => tokens.push(if path { ANY } else { ANY_BYTE }),
                b'*' => {
                    let first = index - 1;
                    while pattern.get(index) == Some(&b'*') {
                        index += 1;
                    }
                    push_stars(&mut tokens, pattern, first, index, path);
                }
                b'[' => {
                    let (mut set, read) = bracket::parse(&pattern[index..])?;
                    index += read;
                    if path {
                        set.remove(b'/');
                    }
                    tokens.push(FIRST_SET + sets.len() as Token);
                    sets.push(set);
                }
                literal => tokens.push(Token::from(literal)),
            }
        }
        Some(Wildmatch {
            needle: needle(&tokens).into(),
            tail: tail(&tokens),
            tokens: tokens.into(),
            sets: sets.into(),
        })
    }

    /// Whether every text matches.
    pub(super) fn matches_all(&self) -> bool {
        *self.tokens == [STAR_STAR]
    }

    /// Whether `text` matches. Adds the steps that were taken to `steps`.
    pub(super) fn matches(&self, text: &[u8], scratch: &mut Scratch, steps: &mut u64) -> bool {
        if !self.has_tail(text, steps) {
            return false;
        }
        // Such as `*.[ch]`.
        if self.tokens.first() == Some(&STAR_STAR) && self.tail == self.tokens.len() - 1 {
            return true;
        }
        memmem::find(text, &self.needle).is_some()
            && self.run(text, scratch, steps) == Outcome::Match
    }

    /// Whether `text` ends as everything does that matches.
    fn has_tail(&self, text: &[u8], steps: &mut u64) -> bool {
        let Some(start) = text.len().checked_sub(self.tail) else {
            return false;
        };
        let tokens = &self.tokens[self.tokens.len() - self.tail..];
        let mut bytes = tokens.iter().zip(&text[start..]);
        bytes.all(|(&token, &byte)| {
            *steps += 1;
            self.takes(token, byte)
        })
    }

    /// Runs the machine over `text` and adds the steps it took to `steps`.
    pub(super) fn run(&self, text: &[u8], scratch: &mut Scratch, steps: &mut u64) -> Outcome {
        let Scratch { now, next } = scratch;
        now.reset(self.tokens.len());
        next.reset(self.tokens.len());
        reach(now, &self.tokens, 0);
        for &byte in text {
            next.clear();
            *steps += now.list.len() as u64 + 1;
            for &position in &now.list {
                let Some(&token) = self.tokens.get(usize::from(position)) else {
                    continue;
                };
                match token {
                    STAR_STAR => reach(next, &self.tokens, position),
                    STAR if byte != b'/' => reach(next, &self.tokens, position),
                    _ if self.takes(token, byte) => reach(next, &self.tokens, position + 1),
                    _ => {}
                }
            }
            std::mem::swap(now, next);
            if now.list.is_empty() {
                return Outcome::Fails;
            }
        }
        if now.list.contains(&(self.tokens.len() as u16)) {
            Outcome::Match
        } else {
            Outcome::Begins
        }
    }

    /// Whether a token that stands for one byte stands for this one.
    fn takes(&self, token: Token, byte: u8) -> bool {
        match token {
            ANY => byte != b'/',
            ANY_BYTE => true,
            STAR | STAR_STAR | MAYBE_TWO => false,
            token if token >= FIRST_SET => self.sets[usize::from(token - FIRST_SET)].contains(byte),
            literal => literal == Token::from(byte),
        }
    }
}

/// Adds what `pattern[first..end]`, all asterisks, means.
fn push_stars(tokens: &mut Vec<Token>, pattern: &[u8], first: usize, end: usize, path: bool) {
    if !path {
        tokens.push(STAR_STAR);
        return;
    }
    let rest = &pattern[end..];
    let begins_folder = first == 0 || pattern[first - 1] == b'/';
    let ends_folder = rest.is_empty() || rest[0] == b'/' || rest.starts_with(b"\\/");
    if end - first == 1 || !begins_folder || !ends_folder {
        tokens.push(STAR);
        return;
    }
    if rest.first() == Some(&b'/') {
        tokens.push(MAYBE_TWO);
    }
    tokens.push(STAR_STAR);
}

/// Adds `position` and all that can be reached from it without taking a byte.
fn reach(positions: &mut Positions, tokens: &[Token], position: u16) {
    let first_new = positions.list.len();
    positions.push(position);
    let mut index = first_new;
    while let Some(&position) = positions.list.get(index) {
        index += 1;
        match tokens.get(usize::from(position)) {
            Some(&(STAR | STAR_STAR)) => positions.push(position + 1),
            Some(&MAYBE_TWO) => {
                positions.push(position + 1);
                positions.push(position + 3);
            }
            _ => {}
        }
    }
}

/// Counts the tokens at the end that each take one byte, and that no text can do without.
fn tail(tokens: &[Token]) -> usize {
    // It makes tokens optional, and those may be among the last ones.
    if tokens.contains(&MAYBE_TWO) {
        return 0;
    }
    let star = tokens
        .iter()
        .rposition(|token| matches!(*token, STAR | STAR_STAR));
    tokens.len() - star.map_or(0, |star| star + 1)
}

/// The longest literal in `tokens` that no text can do without.
fn needle(tokens: &[Token]) -> Vec<u8> {
    let (mut longest, mut current) = (Vec::new(), Vec::new());
    let mut index = 0;
    while let Some(&token) = tokens.get(index) {
        index += if token == MAYBE_TWO { 3 } else { 1 };
        match u8::try_from(token) {
            Ok(literal) => current.push(literal),
            Err(_) => current.clear(),
        }
        if current.len() > longest.len() {
            longest.clone_from(&current);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(pattern: &str, text: &str) -> Outcome {
        Wildmatch::new(pattern.as_bytes(), true)
            .expect("well formed")
            .run(text.as_bytes(), &mut Scratch::default(), &mut 0)
    }

    /// From Git's `t/t3070-wildmatch.sh`, the column for paths.
    #[test]
    fn agrees_with_the_cases_of_git() {
        for (matches, text, pattern) in [
            (true, "foo", "foo"),
            (false, "foo", "bar"),
            (true, "", ""),
            (true, "foo", "???"),
            (false, "foo", "??"),
            (true, "foo", "*"),
            (true, "foo", "f*"),
            (false, "foo", "*f"),
            (true, "foo", "*foo*"),
            (true, "foobar", "*ob*a*r*"),
            (true, "aaaaaaabababab", "*ab"),
            (true, "foo*", "foo\\*"),
            (false, "foobar", "foo\\*bar"),
            (true, "f\\oo", "f\\\\oo"),
            (true, "ball", "*[al]?"),
            (false, "ten", "[ten]"),
            (true, "ten", "**[!te]"),
            (false, "ten", "**[!ten]"),
            (true, "ten", "t[a-g]n"),
            (false, "ten", "t[!a-g]n"),
            (true, "ton", "t[!a-g]n"),
            (true, "ton", "t[^a-g]n"),
            (true, "a]b", "a[]]b"),
            (true, "a-b", "a[]-]b"),
            (true, "aab", "a[]a-]b"),
            (true, "]", "]"),
            (false, "foo/baz/bar", "foo*bar"),
            (false, "foo/baz/bar", "foo**bar"),
            (true, "foobazbar", "foo**bar"),
            (true, "foo/baz/bar", "foo/**/bar"),
            (true, "foo/baz/bar", "foo/**/**/bar"),
            (true, "foo/b/a/z/bar", "foo/**/bar"),
            (true, "foo/b/a/z/bar", "foo/**/**/bar"),
            (true, "foo/bar", "foo/**/bar"),
            (true, "foo/bar", "foo/**/**/bar"),
            (false, "foo/bar", "foo?bar"),
            (false, "foo/bar", "foo[/]bar"),
            (false, "foo/bar", "foo[^a-z]bar"),
            (false, "foo/bar", "f[^eiu][^eiu][^eiu][^eiu][^eiu]r"),
            (true, "foo-bar", "f[^eiu][^eiu][^eiu][^eiu][^eiu]r"),
            (true, "foo", "**/foo"),
            (true, "XXX/foo", "**/foo"),
            (true, "bar/baz/foo", "**/foo"),
            (false, "bar/baz/foo", "*/foo"),
            (false, "foo/bar/baz", "**/bar*"),
            (true, "deep/foo/bar/baz", "**/bar/*"),
            (false, "deep/foo/bar/baz/", "**/bar/*"),
            (true, "deep/foo/bar/baz/", "**/bar/**"),
            (false, "deep/foo/bar", "**/bar/*"),
            (true, "deep/foo/bar/", "**/bar/**"),
            (false, "foo/bar/baz", "**/bar**"),
            (true, "foo/bar/baz/x", "*/bar/**"),
            (false, "deep/foo/bar/baz/x", "*/bar/**"),
            (true, "deep/foo/bar/baz/x", "**/bar/*/*"),
            (false, "foobarzab", "-*-*-*-*-*-*-12-*-*-*-m-*-*-*"),
        ] {
            let machine = Wildmatch::new(pattern.as_bytes(), true).expect("well formed");
            assert_eq!(
                machine.matches(text.as_bytes(), &mut Scratch::default(), &mut 0),
                matches,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn what_can_never_match_is_not_compiled() {
        for pattern in ["a\\", "[a", "[[:nothing:]]", "a/[\\"] {
            assert!(Wildmatch::new(pattern.as_bytes(), true).is_none());
        }
    }

    #[test]
    fn tells_whether_more_text_could_match() {
        assert_eq!(run("a/*/c", "a/"), Outcome::Begins);
        assert_eq!(run("a/*/c", "a/b/"), Outcome::Begins);
        assert_eq!(run("a/*/c", "a/b/d/"), Outcome::Fails);
        assert_eq!(run("**/c", "x/y/"), Outcome::Begins);
    }

    proptest! {
        #[test]
        fn the_tail_rejects_nothing_that_matches(
            pattern in "[ab/?*]{0,6}(\\[ab\\])?[ab/?]{0,2}", text in "[ab/]{0,8}", path: bool,
        ) {
            let machine = Wildmatch::new(pattern.as_bytes(), path).expect("well formed");
            let scratch = &mut Scratch::default();
            prop_assert_eq!(
                machine.matches(text.as_bytes(), scratch, &mut 0),
                machine.run(text.as_bytes(), scratch, &mut 0) == Outcome::Match
            );
        }
    }

    #[test]
    fn exponential_patterns_stay_cheap() {
        let pattern = format!("{}b", "a*".repeat(1000));
        let text = "a".repeat(4096);
        let mut steps = 0;
        let machine = Wildmatch::new(pattern.as_bytes(), true).expect("well formed");
        assert_eq!(
            machine.run(text.as_bytes(), &mut Scratch::default(), &mut steps),
            Outcome::Begins
        );
        assert!(steps <= 2002 * 4096, "{steps}");
    }
}
