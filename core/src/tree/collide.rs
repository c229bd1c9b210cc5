//! Finds names of one folder that are the same when case or Unicode normalisation is ignored.
//!
//! File systems of Windows and macOS ignore one or both, so that one of two such entries
//! overwrites the other there.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use unicode_normalization::UnicodeNormalization;

use crate::manifest::Flags;

/// A longer name fits into no path, so its bytes are compared as they are.
const LONGEST_FOLDED: usize = 4_096;

/// Marks those of `names` that collide, by their index and in that order.
///
/// Takes 16 bytes for each name, and the time of sorting them.
pub(crate) fn collisions<'a>(names: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<(u32, Flags)> {
    let mut alike = alike(names.clone());
    alike.sort_unstable();
    let mut next = alike.iter().peekable();
    let mut members: Vec<_> = (0u32..)
        .zip(names)
        .filter(|(index, _)| next.next_if_eq(&index).is_some())
        .map(|(index, name)| Member {
            caseless: digest(&caseless(name)),
            normalized: digest(&normalized(name)),
            index,
        })
        .collect();
    members.sort_unstable();
    let mut marks: Vec<_> = members
        .chunk_by(|a, b| a.caseless == b.caseless)
        .filter(|group| group.len() > 1)
        .flat_map(mark)
        .collect();
    marks.sort_unstable_by_key(|mark| mark.0);
    marks
}

/// Indexes of names that are most probably the same when case and normalisation are ignored.
fn alike<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<u32> {
    let hasher = RandomState::new();
    let mut hashes: Vec<(u64, u32)> = names
        .map(|name| hasher.hash_one(caseless(name)))
        .zip(0..)
        .collect();
    hashes.sort_unstable();
    hashes
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|run| run.len() > 1)
        .flatten()
        .map(|(_, index)| *index)
        .collect()
}

/// A name that is alike to another one, by digests that nobody can make collide.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    caseless: [u8; 16],
    normalized: [u8; 16],
    index: u32,
}

fn digest(key: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&blake3::hash(key).as_bytes()[..16]);
    half
}

/// Tells what the names of a group, all the same without case and normalisation, differ in.
fn mark(group: &[Member]) -> Vec<(u32, Flags)> {
    let mut spellings = group.chunk_by(|a, b| a.normalized == b.normalized);
    let case = match spellings.clone().count() {
        1 => Flags::NONE,
        _ => Flags::CASE_COLLISION,
    };
    let mut marks = Vec::with_capacity(group.len());
    for spelling in &mut spellings {
        let form = match spelling.len() {
            1 => Flags::NONE,
            _ => Flags::NORMALIZATION_COLLISION,
        };
        marks.extend(spelling.iter().map(|member| (member.index, case | form)));
    }
    marks
}

/// The name in Normalization Form D, if it is UTF-8.
fn normalized(name: &[u8]) -> Cow<'_, [u8]> {
    match text(name) {
        Some(text) if !text.is_ascii() => Cow::Owned(text.nfd().collect::<String>().into_bytes()),
        _ => Cow::Borrowed(name),
    }
}

/// A key that two names share if they differ only in case and normalisation.
///
/// Unicode's default caseless matching folds with a table that the standard library lacks; lower,
/// upper and lower again reaches the same classes for letters such as `ß`, `ſ` and the final sigma.
fn caseless(name: &[u8]) -> Cow<'_, [u8]> {
    match text(name) {
        Some(text) if !text.is_ascii() => {
            let folded: String = text.nfd().flat_map(fold).nfd().collect();
            Cow::Owned(folded.into_bytes())
        }
        _ if name.iter().any(u8::is_ascii_uppercase) => Cow::Owned(name.to_ascii_lowercase()),
        _ => Cow::Borrowed(name),
    }
}

fn fold(c: char) -> impl Iterator<Item = char> {
    // The dotless i becomes I in upper case, and is nevertheless a letter of its own.
    let letter = (c != 'ı').then_some(c);
    let folded = letter
        .into_iter()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    folded.chain((c == 'ı').then_some(c))
}

fn text(name: &[u8]) -> Option<&str> {
    if name.len() > LONGEST_FOLDED {
        return None;
    }
    std::str::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(names: &[&str]) -> Vec<(u32, Vec<&'static str>)> {
        collisions(names.iter().map(|name| name.as_bytes()))
            .into_iter()
            .map(|(index, flags)| (index, flags.names().collect()))
            .collect()
    }

    const CASE: &str = "case_collision";
    const FORM: &str = "normalization_collision";

    #[test]
    fn names_that_differ_do_not_collide() {
        assert_eq!(marks(&["A", "b", "a.c", "ä", "ı", "i", "\u{345}"]), []);
    }

    #[test]
    fn case_alone() {
        assert_eq!(
            marks(&["Makefile", "README", "makefile"]),
            [(0, vec![CASE]), (2, vec![CASE])]
        );
        assert_eq!(marks(&["Ä", "ä"]).len(), 2);
        // As in Unicode's CaseFolding.txt.
        assert_eq!(marks(&["straße", "STRASSE", "strasse", "STRAẞE"]).len(), 4);
        assert_eq!(marks(&["ς", "σ", "Σ"]).len(), 3);
        assert_eq!(marks(&["\u{212a}", "K", "k"]).len(), 3);
    }

    #[test]
    fn normalization_alone_and_with_case() {
        assert_eq!(
            marks(&["\u{e9}", "e\u{301}"]),
            [(0, vec![FORM]), (1, vec![FORM])]
        );
        assert_eq!(
            marks(&["\u{c9}", "e\u{301}"]),
            [(0, vec![CASE]), (1, vec![CASE])]
        );
        assert_eq!(
            marks(&["\u{c9}", "E\u{301}", "\u{e9}"]),
            [
                (0, vec![CASE, FORM]),
                (1, vec![CASE, FORM]),
                (2, vec![CASE])
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_collide_in_ascii_case() {
        let names = [&b"\xffA"[..], b"\xffa", b"\xfea"];
        let marks = collisions(names.into_iter());
        assert_eq!(
            marks,
            [(0, Flags::CASE_COLLISION), (1, Flags::CASE_COLLISION)]
        );
    }
}
