//! A revision and a path, as far as a page's URL tells them apart.

use crate::detect::address::{Address, Segment, joined};
use crate::detect::candidate::{Candidate, Target};
use crate::id::ObjectId;
use crate::remote::{RemoteRef, Revision};
use crate::source::RemoteUrl;

/// Ways to read one URL that are offered.
pub(super) const MAX_OFFERED: usize = 8;

const HEADS: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";

/// Where a name is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// A branch, a tag or a commit's id.
    Any,
    /// A branch.
    Branch,
    /// A tag.
    Tag,
    /// A commit's id, whole.
    Commit,
    /// The full name of another ref.
    Full,
}

/// The name of a revision and a path behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    space: Space,
    rest: Rest,
    target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rest {
    /// Any slash may be where the name ends.
    Open(String),
    /// The name ends at one of a few places.
    Fixed(Vec<(String, String)>),
    /// `HEAD`, and a path.
    Head(String),
}

impl Place {
    /// A name whose end is not known, and perhaps a path; `None` if there is no name, or none that a
    /// ref can have.
    pub(super) fn open(space: Space, rest: &[Segment], target: Target) -> Option<Self> {
        let (first, more) = rest.split_first()?;
        if space == Space::Any && first.text == "HEAD" {
            return Self::head(&joined(more), target);
        }
        if matches!(space, Space::Any | Space::Commit) && is_id(&first.text) {
            return Self::fixed(Space::Commit, &first.text, &joined(more), target);
        }
        if space == Space::Commit {
            // An abbreviation, which no server resolves.
            return None;
        }
        let mut text = joined(rest);
        let mut space = space;
        if space == Space::Any {
            for (prefix, narrow) in [(HEADS, Space::Branch), (TAGS, Space::Tag)] {
                if let Some(short) = text.strip_prefix(prefix) {
                    text = short.to_owned();
                    space = narrow;
                    break;
                }
            }
        }
        let place = Place {
            space,
            rest: Rest::Open(text),
            target,
        };
        (!place.readings().is_empty()).then_some(place)
    }

    /// A name and a path that are known apart.
    pub(super) fn fixed(space: Space, name: &str, path: &str, target: Target) -> Option<Self> {
        Self::one_of(space, vec![(name.to_owned(), path.to_owned())], target)
    }

    /// A name and a path that are known apart in a few ways.
    pub(super) fn one_of(
        space: Space,
        mut ways: Vec<(String, String)>,
        target: Target,
    ) -> Option<Self> {
        ways.truncate(MAX_OFFERED);
        let mut place = Place {
            space,
            rest: Rest::Open(String::new()),
            target,
        };
        if let [(name, _)] = &ways[..]
            && matches!(space, Space::Any | Space::Commit)
        {
            match is_id(name) {
                true => place.space = Space::Commit,
                false if space == Space::Commit => return None,
                false => {}
            }
            if name == "HEAD" {
                return Self::head(&ways[0].1, target);
            }
        }
        place.rest = Rest::Fixed(ways);
        (!place.readings().is_empty()).then_some(place)
    }

    /// A path in the default branch.
    pub(super) fn head(path: &str, target: Target) -> Option<Self> {
        let place = Place {
            space: Space::Full,
            rest: Rest::Head(path.to_owned()),
            target,
        };
        (!place.readings().is_empty()).then_some(place)
    }

    /// Names with their paths, the likeliest first: the first slash, since most names have none.
    fn readings(&self) -> Vec<(String, String)> {
        let readings: Vec<(String, String)> = match &self.rest {
            Rest::Head(path) => vec![(String::new(), path.clone())],
            Rest::Fixed(ways) => ways.iter().take(MAX_OFFERED).cloned().collect(),
            Rest::Open(text) => memchr::memchr_iter(b'/', text.as_bytes())
                .chain([text.len()])
                .take(MAX_OFFERED)
                .map(|end| {
                    let path = text.get(end + 1..).unwrap_or_default();
                    (text[..end].to_owned(), path.to_owned())
                })
                .collect(),
        };
        readings
            .into_iter()
            .filter(|(name, path)| self.is_name(name) && is_path(path))
            .collect()
    }

    fn is_name(&self, name: &str) -> bool {
        match self.rest {
            Rest::Head(_) => name.is_empty(),
            _ => match Revision::parse(name.as_bytes()) {
                Ok(Revision::Id(_)) => true,
                Ok(Revision::Name(_)) => self.space != Space::Commit,
                _ => false,
            },
        }
    }

    /// Whether it can be read in one way only, whatever refs there are.
    pub(super) fn is_certain(&self) -> bool {
        self.space != Space::Any && self.readings().len() == 1
    }

    /// What it may mean, the likeliest first.
    pub(super) fn candidates(&self, url: &RemoteUrl) -> Vec<Candidate> {
        self.readings()
            .into_iter()
            .map(|(name, path)| self.candidate(url, &self.prefixed(&name), &path))
            .collect()
    }

    fn prefixed(&self, name: &str) -> String {
        match self.space {
            Space::Branch => format!("{HEADS}{name}"),
            Space::Tag => format!("{TAGS}{name}"),
            Space::Any | Space::Commit | Space::Full => name.to_owned(),
        }
    }

    fn candidate(&self, url: &RemoteUrl, revision: &str, path: &str) -> Candidate {
        Candidate {
            url: url.clone(),
            revision: Some(revision.to_owned()).filter(|it| !it.is_empty()),
            path: Some(path.to_owned()).filter(|it| !it.is_empty()),
            target: match path {
                "" => Target::Repository,
                _ => self.target,
            },
        }
    }

    /// The beginnings of the refs that decide what is meant; none if that is certain already.
    pub(super) fn prefixes(&self) -> Vec<Vec<u8>> {
        if self.is_certain() && self.space != Space::Full {
            return Vec::new();
        }
        let mut prefixes = Vec::new();
        let firsts: Vec<&str> = match &self.rest {
            Rest::Head(_) => Vec::new(),
            Rest::Open(text) => vec![text.split('/').next().unwrap_or_default()],
            Rest::Fixed(ways) => ways.iter().map(|(name, _)| name.as_str()).collect(),
        };
        for first in firsts {
            for full in self.full_names(first) {
                let prefix = full.into_bytes();
                if !prefixes.contains(&prefix) {
                    prefixes.push(prefix);
                }
            }
        }
        prefixes
    }

    fn full_names(&self, name: &str) -> Vec<String> {
        match self.space {
            Space::Any => vec![format!("{HEADS}{name}"), format!("{TAGS}{name}")],
            _ => vec![self.prefixed(name)],
        }
    }

    /// What it means, given the refs that begin with [`prefixes`](Self::prefixes), and whether that
    /// is certain. Where no ref fits, all that it may mean.
    pub(super) fn settle(&self, url: &RemoteUrl, refs: &[RemoteRef]) -> (Vec<Candidate>, bool) {
        if self.is_certain() && self.space != Space::Full {
            return (self.candidates(url), true);
        }
        if let Rest::Head(_) = self.rest {
            return (self.candidates(url), true);
        }
        // The object that is meant, with what says so.
        let mut found: Vec<(Option<ObjectId>, Candidate)> = Vec::new();
        for known in refs {
            let Ok(full) = std::str::from_utf8(&known.name) else {
                continue;
            };
            let short = match self.space {
                Space::Any => full.strip_prefix(HEADS).or_else(|| full.strip_prefix(TAGS)),
                Space::Branch => full.strip_prefix(HEADS),
                Space::Tag => full.strip_prefix(TAGS),
                Space::Commit => None,
                Space::Full => Some(full),
            };
            let Some(short) = short else { continue };
            for path in self.paths_behind(short) {
                if is_path(path) && found.len() < 2 * MAX_OFFERED {
                    let id = known.peeled.or(known.id);
                    found.push((id, self.candidate(url, full, path)));
                }
            }
        }
        let Some((first_id, first)) = found.first().cloned() else {
            return (self.candidates(url), false);
        };
        // A branch and a tag of one name, on the same commit, mean the same.
        let is_certain = found
            .iter()
            .all(|(id, other)| *id == first_id && other.path == first.path);
        if is_certain {
            return (vec![first], true);
        }
        found.truncate(MAX_OFFERED);
        (found.into_iter().map(|(_, it)| it).collect(), false)
    }

    /// The paths that are left if a ref is called `short`.
    fn paths_behind(&self, short: &str) -> Vec<&str> {
        match &self.rest {
            Rest::Head(_) => Vec::new(),
            Rest::Open(text) => match text.strip_prefix(short) {
                Some("") => vec![""],
                Some(behind) => behind.strip_prefix('/').into_iter().collect(),
                None => Vec::new(),
            },
            Rest::Fixed(ways) => ways
                .iter()
                .filter(|(name, _)| name == short)
                .map(|(_, path)| path.as_str())
                .collect(),
        }
    }
}

/// A full object id.
fn is_id(text: &str) -> bool {
    ObjectId::from_hex(text.as_bytes()).is_some()
}

/// A path that can be in a repository.
fn is_path(path: &str) -> bool {
    path.is_empty() || !path.split('/').any(|part| matches!(part, "" | "." | ".."))
}

/// A folder if the URL says so by its end, which some forges do.
pub(super) fn by_slash(address: &Address) -> Target {
    match address.is_folder {
        true => Target::Folder,
        false => Target::Either,
    }
}
