//! Which commit of a remote repository is wanted.

use super::error::FetchError;
use super::near::Names;
use super::refs::RemoteRef;
use crate::ancestry::Ancestry;
use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;
use crate::printable::Printable;

/// Where a short name is looked for, in Git's order (gitrevisions, "*refname*").
const PLACES: [&[u8]; 4] = [b"refs/", b"refs/tags/", b"refs/heads/", b"refs/remotes/"];

/// Bytes of the longest name that is sent: Git keeps refs in files of such names.
const MAX_NAME: usize = 4_096;

/// The greatest depth, which means all of the history to Git's servers.
const MAX_DEPTH: u32 = 0x7fff_ffff;

/// A revision that a server can be asked for.
///
/// Servers know refs and full ids; they resolve neither abbreviations nor expressions. Those that go
/// back from a commit are walked [here](Wanted), once the commits are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Revision {
    /// What `HEAD` names, usually the default branch.
    Head,
    /// A branch, tag or other ref, by its short or full name.
    Name(Vec<u8>),
    /// An object, by its full id.
    Id(ObjectId),
}

/// A revision that a server can be asked for, and the way back from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) revision: Revision,
    /// Is walked over the commits that have arrived, since servers do not.
    pub(crate) ancestry: Ancestry,
}

impl Wanted {
    /// Reads what a user wrote, to be asked for with `depth` generations of commits.
    pub(crate) fn parse(text: &[u8], depth: u32) -> Result<Self, FetchError> {
        if !(1..=MAX_DEPTH).contains(&depth) {
            return Err(FetchError::Options(Error::advised(
                ErrorKind::InvalidOptions,
                format!("there is no depth of {depth}"),
                format!("a depth is from 1 to {MAX_DEPTH}"),
            )));
        }
        let Some((base, ancestry)) = Ancestry::split(text) else {
            // Its error says why not.
            let revision = Revision::parse(text)?;
            let ancestry = Ancestry::default();
            return Ok(Wanted { revision, ancestry });
        };
        let revision = Revision::parse(base)?;
        let needed = ancestry.generations() + 1;
        if needed > depth {
            return Err(FetchError::BeyondDepth {
                revision: shown(text),
                depth,
                needed,
            });
        }
        Ok(Wanted { revision, ancestry })
    }
}

fn shown(text: &[u8]) -> String {
    Printable(&text[..text.len().min(200)]).to_string()
}

impl Revision {
    /// Reads what a user wrote; nothing or `@` is `HEAD`.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, FetchError> {
        let invalid = |reason| {
            Err(FetchError::InvalidRevision {
                revision: shown(text),
                reason,
            })
        };
        if matches!(text, b"" | b"HEAD" | b"@") {
            return Ok(Revision::Head);
        }
        if let Some(id) = ObjectId::from_hex(text) {
            return Ok(Revision::Id(id));
        }
        if text.len() > MAX_NAME {
            return invalid("is longer than a ref may be");
        }
        if text.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
            return invalid("holds control characters");
        }
        // What follows are the characters that no ref may have (git-check-ref-format), because
        // expressions of gitrevisions are made with them.
        let expression = text.iter().any(|byte| b"^~:{".contains(byte))
            || memchr::memmem::find(text, b"..").is_some();
        if expression {
            return invalid("is an expression, which servers do not resolve");
        }
        let no_ref = text.iter().any(|byte| b" ?*[\\".contains(byte))
            || text.starts_with(b"-")
            || text.starts_with(b"/")
            || text.ends_with(b"/")
            || memchr::memmem::find(text, b"//").is_some();
        if no_ref {
            return invalid("cannot be the name of a ref");
        }
        Ok(Revision::Name(text.to_vec()))
    }

    /// Full names that it may stand for, the preferred one first.
    fn candidates(&self) -> Vec<Vec<u8>> {
        match self {
            Revision::Head => vec![b"HEAD".to_vec()],
            Revision::Id(_) => Vec::new(),
            Revision::Name(name) => {
                let whole = name.starts_with(b"refs/").then(|| name.clone());
                let placed = PLACES.iter().map(|place| [place, name.as_slice()].concat());
                whole.into_iter().chain(placed).collect()
            }
        }
    }

    /// The beginnings of the refs that the server is asked for.
    ///
    /// `HEAD` is always among them: its target is the advice when a name is not found.
    pub(super) fn prefixes(&self) -> Vec<Vec<u8>> {
        let mut prefixes = self.candidates();
        if !matches!(self, Revision::Head) {
            prefixes.push(b"HEAD".to_vec());
        }
        prefixes
    }

    /// Whether it looks like the beginning of an object id.
    pub(super) fn is_abbreviation(&self) -> bool {
        match self {
            Revision::Name(name) => {
                (4..64).contains(&name.len()) && name.iter().all(u8::is_ascii_hexdigit)
            }
            _ => false,
        }
    }
}

/// Looks for a revision among the refs of a server, each of which is shown to it once.
pub(super) struct Finder<'a> {
    revision: &'a Revision,
    candidates: Vec<Vec<u8>>,
    best: Option<(usize, RemoteRef)>,
    head: Option<RemoteRef>,
    /// The tip through which the id that is wanted can be had.
    tip: Option<ObjectId>,
    names: Names,
}

impl<'a> Finder<'a> {
    pub(super) fn new(revision: &'a Revision) -> Self {
        Finder {
            revision,
            candidates: revision.candidates(),
            best: None,
            head: None,
            tip: None,
            names: Names::default(),
        }
    }

    pub(super) fn see(&mut self, found: RemoteRef) {
        if let Revision::Id(wanted) = self.revision {
            // Older servers hand out what they announced, and an annotated tag is announced by its
            // own id: asking for the tag brings what it is about as well.
            if found.id == Some(*wanted) || found.peeled == Some(*wanted) && self.tip.is_none() {
                self.tip = found.id;
            }
        }
        if found.id.is_some() {
            self.names.add(&found.name);
        }
        if found.name == b"HEAD" {
            self.head = Some(found.clone());
        }
        if found.id.is_none() {
            return;
        }
        let rank = self.candidates.iter().position(|name| *name == found.name);
        if let Some(rank) = rank
            && self.best.as_ref().is_none_or(|(best, _)| rank < *best)
        {
            self.best = Some((rank, found));
        }
    }

    /// The ref that is wanted, if it was seen.
    pub(super) fn found(&self) -> Option<&RemoteRef> {
        self.best.as_ref().map(|(_, found)| found)
    }

    /// The ref that `HEAD` stands for, born or not.
    pub(super) fn head_target(&self) -> Option<&[u8]> {
        self.head.as_ref()?.symref_target.as_deref()
    }

    /// The object of a ref that is the wanted id, or a tag about it.
    pub(super) fn tip(&self) -> Option<ObjectId> {
        self.tip
    }

    /// Whether any ref that points to an object was seen.
    pub(super) fn saw_any(&self) -> bool {
        !self.names.is_empty()
    }

    /// The error for a name that is not there, once the names that are there were seen.
    pub(super) fn not_found(&self) -> FetchError {
        match self.revision {
            Revision::Head => FetchError::UnbornHead {
                branches: self.names.branches(),
            },
            Revision::Id(id) => FetchError::IdNotFound {
                id: id.to_string(),
                tips_only: true,
            },
            Revision::Name(name) => FetchError::RefNotFound {
                revision: Printable(name).to_string(),
                near: self.names.near(name),
                default_branch: self
                    .head_target()
                    .filter(|_| self.saw_any())
                    .map(|name| Printable(super::near::short(name)).to_string()),
                abbreviation: self.revision.is_abbreviation(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b4d11e8ce0b3a1c0c0eb9e3dba23b5bdb8d0ddb6";

    fn a_ref(name: &str) -> RemoteRef {
        RemoteRef {
            name: name.into(),
            id: ObjectId::from_hex(ID.as_bytes()),
            peeled: None,
            symref_target: None,
        }
    }

    #[test]
    fn users_words_are_understood() {
        assert_eq!(Revision::parse(b"").expect("valid"), Revision::Head);
        assert_eq!(Revision::parse(b"@").expect("valid"), Revision::Head);
        assert!(matches!(
            Revision::parse(ID.as_bytes()),
            Ok(Revision::Id(_))
        ));
        assert!(matches!(
            Revision::parse(b"feature/x"),
            Ok(Revision::Name(_))
        ));
        assert!(
            Revision::parse(b"deadbeef")
                .expect("may be a branch")
                .is_abbreviation()
        );
        assert!(
            !Revision::parse(b"decade!")
                .expect("valid")
                .is_abbreviation()
        );
    }

    #[test]
    fn what_a_server_cannot_resolve_is_refused() {
        for text in [
            "HEAD~2",
            "main^",
            "v1^{tree}",
            "main@{1}",
            "main:src",
            ":/fix",
            "a..b",
            "--all",
            "a b",
            "refs/heads/*",
            "/main",
            "main/",
            "a//b",
            "a\nb",
            "a\0b",
            "a\\b",
            "a?",
        ] {
            let error = Revision::parse(text.as_bytes()).expect_err(text);
            assert!(
                matches!(error, FetchError::InvalidRevision { .. }),
                "{text}"
            );
        }
        assert!(Revision::parse(&[b'a'; 5_000]).is_err());
    }

    #[test]
    fn a_way_back_needs_the_depth_for_it() {
        for (text, needed) in [("main~2", 3), ("HEAD^", 2), ("v1^2~3", 5)] {
            let wanted = Wanted::parse(text.as_bytes(), needed).expect(text);
            assert_eq!(wanted.ancestry.generations() + 1, needed);
            match Wanted::parse(text.as_bytes(), needed - 1) {
                Err(FetchError::BeyondDepth { needed: said, .. }) => assert_eq!(said, needed),
                other => panic!("{text}: {other:?}"),
            }
        }
        for text in ["main^{tree}", "~2", "a b~1", "main:x~1", "-x~1"] {
            let error = Wanted::parse(text.as_bytes(), 10).expect_err(text);
            assert!(
                matches!(error, FetchError::InvalidRevision { .. }),
                "{text}: {error}"
            );
        }
        for depth in [0, 0x8000_0000] {
            assert!(Wanted::parse(b"main", depth).is_err(), "{depth}");
        }
        assert!(Wanted::parse(b"main~0", 1).is_ok());
        let plain = Wanted::parse(b"v1", 0x7fff_ffff).expect("valid");
        assert!(plain.ancestry.is_empty());
    }

    /// gitrevisions: a tag is preferred to a branch of the same name.
    #[test]
    fn the_first_candidate_of_gits_order_wins_in_any_order_of_arrival() {
        let revision = Revision::parse(b"v1").expect("valid");
        for names in [
            ["refs/heads/v1", "refs/tags/v1"],
            ["refs/tags/v1", "refs/heads/v1"],
        ] {
            let mut finder = Finder::new(&revision);
            for name in names {
                finder.see(a_ref(name));
            }
            assert_eq!(finder.found().expect("seen").name, b"refs/tags/v1");
        }
    }

    #[test]
    fn a_name_that_only_begins_alike_is_not_found() {
        let revision = Revision::parse(b"main").expect("valid");
        let mut finder = Finder::new(&revision);
        finder.see(a_ref("refs/heads/main2"));
        finder.see(a_ref("refs/heads/x/main"));
        assert!(finder.found().is_none());
        let FetchError::RefNotFound { near, .. } = finder.not_found() else {
            panic!("a name is looked for");
        };
        assert_eq!(near, ["main2"]);
    }

    #[test]
    fn full_names_and_parts_of_names_are_found() {
        for text in ["refs/pull/1/head", "pull/1/head"] {
            let revision = Revision::parse(text.as_bytes()).expect("valid");
            let mut finder = Finder::new(&revision);
            finder.see(a_ref("refs/pull/1/head"));
            assert!(finder.found().is_some(), "{text}");
        }
    }
}
