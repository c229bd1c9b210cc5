//! Names that mean `.git`, or another file of Git's own, on some file system.
//!
//! The rules are those of Git's `is_ntfs_dotgit`, `is_ntfs_dot_generic` (`path.c`) and
//! `is_hfs_dot_generic` (`utf8.c`), with which Git's fsck judges names on every platform.

/// The files whose content Git itself reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GitFile {
    Modules,
    Attributes,
    Ignore,
    Mailmap,
}

impl GitFile {
    const ALL: [GitFile; 4] = [
        GitFile::Modules,
        GitFile::Attributes,
        GitFile::Ignore,
        GitFile::Mailmap,
    ];

    /// The name without its dot.
    fn stem(self) -> &'static [u8] {
        match self {
            GitFile::Modules => b"gitmodules",
            GitFile::Attributes => b"gitattributes",
            GitFile::Ignore => b"gitignore",
            GitFile::Mailmap => b"mailmap",
        }
    }

    /// The first six letters of the short name that NTFS makes from a hash, when the plain ones
    /// are taken.
    fn hashed_short_name(self) -> &'static [u8; 6] {
        match self {
            GitFile::Modules => b"gi7eba",
            GitFile::Attributes => b"gi7d29",
            GitFile::Ignore => b"gi250a",
            GitFile::Mailmap => b"maba30",
        }
    }

    /// The file that `name` means on NTFS or HFS+, in whatever spelling.
    pub(crate) fn meant_by(name: &[u8]) -> Option<GitFile> {
        Self::ALL
            .into_iter()
            .find(|file| is_hfs_dot(name, file.stem()) || file.is_ntfs_name(name))
    }

    /// Whether `name` is its usual spelling.
    pub(crate) fn is_spelled(self, name: &[u8]) -> bool {
        name.strip_prefix(b".") == Some(self.stem())
    }

    /// Whether NTFS takes `name` for the file: in any case, with dots, spaces or a stream behind
    /// it, or as a short name.
    pub(crate) fn is_ntfs_name(self, name: &[u8]) -> bool {
        let stem = self.stem();
        if let Some(tail) = name.strip_prefix(b".").and_then(|n| strip(n, stem)) {
            return is_ignored_by_ntfs(tail);
        }
        if let Some([b'~', b'1'..=b'4', tail @ ..]) = strip(name, &stem[..6]) {
            return is_ignored_by_ntfs(tail);
        }
        let Some((short, tail)) = name.split_at_checked(8) else {
            return false;
        };
        let Some(tilde) = short.iter().position(|&byte| byte == b'~') else {
            return false;
        };
        tilde <= 6
            && short[..tilde].eq_ignore_ascii_case(&self.hashed_short_name()[..tilde])
            && matches!(short.get(tilde + 1), Some(b'1'..=b'9'))
            && short[tilde + 2..].iter().all(u8::is_ascii_digit)
            && is_ignored_by_ntfs(tail)
    }
}

/// Whether `name` means `.git` on NTFS or HFS+. A backslash separates folders on Windows, so what
/// follows one counts by itself.
pub(crate) fn is_dotgit(name: &[u8]) -> bool {
    is_hfs_dot(name, b"git") || after_backslashes(name).any(is_ntfs_dotgit)
}

/// Whether a part of `name` behind a backslash means `.gitmodules` on NTFS.
pub(crate) fn hides_gitmodules(name: &[u8]) -> bool {
    after_backslashes(name)
        .skip(1)
        .any(|part| GitFile::Modules.is_ntfs_name(part))
}

/// `name` itself, and every tail of it that follows a backslash.
///
/// The rules look at a few bytes of each tail, and at a run of dots and spaces, which holds no
/// backslash: all tails together cost no more than the name's length.
fn after_backslashes(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::once(name)
        .chain(memchr::memchr_iter(b'\\', name).map(|position| &name[position + 1..]))
}

fn is_ntfs_dotgit(name: &[u8]) -> bool {
    let tail = strip(name, b".git").or_else(|| strip(name, b"git~1"));
    let Some(tail) = tail else {
        return false;
    };
    match tail.iter().find(|byte| !matches!(byte, b'.' | b' ')) {
        None => true,
        Some(byte) => matches!(byte, b':' | b'\\' | b'/'),
    }
}

/// NTFS drops dots and spaces at the end, and takes what follows a colon for a stream.
fn is_ignored_by_ntfs(tail: &[u8]) -> bool {
    match tail.iter().find(|byte| !matches!(byte, b'.' | b' ')) {
        None => true,
        Some(&byte) => byte == b':',
    }
}

/// Removes `prefix` in any ASCII case.
fn strip<'a>(name: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (head, tail) = name.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// Whether HFS+, which ignores case and some code points, takes `name` for a dot and `stem`.
///
/// As in Git, bytes that are not UTF-8 end the name.
fn is_hfs_dot(name: &[u8], stem: &[u8]) -> bool {
    let mut chars = hfs_chars(name);
    chars.next() == Some('.')
        && stem.iter().all(|&byte| {
            chars
                .next()
                .is_some_and(|c| c.eq_ignore_ascii_case(&char::from(byte)))
        })
        && matches!(chars.next(), None | Some('/'))
}

fn hfs_chars(name: &[u8]) -> impl Iterator<Item = char> {
    let valid = name.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    valid
        .chars()
        // Git's decoder refuses these two as well.
        .take_while(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .filter(|c| {
            !matches!(
                c,
                '\u{200c}'..='\u{200f}'
                    | '\u{202a}'..='\u{202e}'
                    | '\u{206a}'..='\u{206f}'
                    | '\u{feff}'
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The spellings are those of Git's t0060-path-utils.sh, "match .gitmodules" and after.
    #[test]
    fn ntfs_names_of_gitmodules() {
        for name in [
            ".gitmodules",
            ".GITMODULES",
            ".gitmodules ",
            ".gitmodules.",
            ".gitmodules  .",
            ".gitmodules ..",
            ".gitmodules:stream",
            "gitmod~1",
            "GITMOD~4 . :x",
            "gi7eba~1",
            "gi7eb~10",
            "GI7EB~99",
            "gi7e~123",
            "g~123456",
            "~1000000",
            "gi7eba~9. :x",
        ] {
            assert!(GitFile::Modules.is_ntfs_name(name.as_bytes()), "{name}");
        }
        for name in [
            ".gitmodules x",
            ".gitmodules .x",
            " .gitmodules",
            "..gitmodules",
            "gitmodules",
            ".gitmodule",
            ".gitmodules x ",
            "gitmod~5",
            "gitmod~1x",
            "gi7eba~",
            "gi7eba~!",
            "gi7eba~X",
            "gi7eba~0",
            "gi7eb~1",
            "GI7EB~01",
            "gi7eb~1X",
            "gi7eba~10",
            "gi7d29~1",
        ] {
            assert!(!GitFile::Modules.is_ntfs_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn files_are_found_in_every_spelling() {
        for (name, file) in [
            (&b".gitattributes"[..], GitFile::Attributes),
            (b"GI7D29~1", GitFile::Attributes),
            (b".git\xe2\x80\x8cignore", GitFile::Ignore),
            (b"gi250a~3", GitFile::Ignore),
            (b"MAILMA~2", GitFile::Mailmap),
            (b"maba30~1", GitFile::Mailmap),
            (b".GitModules", GitFile::Modules),
        ] {
            assert_eq!(GitFile::meant_by(name), Some(file));
        }
        assert!(GitFile::Modules.is_spelled(b".gitmodules"));
        assert!(!GitFile::Modules.is_spelled(b".Gitmodules"));
        assert_eq!(GitFile::meant_by(b".gitkeep"), None);
        assert!(hides_gitmodules(b"a\\gitmod~1"));
        assert!(!hides_gitmodules(b".gitmodules\\a"));
    }
}
