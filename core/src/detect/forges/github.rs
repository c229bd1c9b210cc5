//! GitHub.

use super::{Read, Subject, request, without_ending};
use crate::detect::address::{Address, Segment, joined};
use crate::detect::candidate::Target;
use crate::detect::place::{Place, Space};
use crate::source::Host;

/// First parts of paths that are no owners.
const RESERVED: &[&str] = &[
    "about",
    "account",
    "apps",
    "codespaces",
    "collections",
    "contact",
    "customer-stories",
    "dashboard",
    "enterprise",
    "events",
    "explore",
    "features",
    "gist",
    "issues",
    "join",
    "login",
    "logout",
    "marketplace",
    "new",
    "notifications",
    "organizations",
    "orgs",
    "pricing",
    "pulls",
    "readme",
    "search",
    "security",
    "sessions",
    "settings",
    "signup",
    "site",
    "sponsors",
    "stars",
    "team",
    "topics",
    "trending",
    "users",
];

/// `github.com/OWNER/NAME/…`
pub(in crate::detect) fn page(address: &Address) -> Option<Read> {
    let texts = address.texts();
    let [owner, _, rest @ ..] = &texts[..] else {
        return None;
    };
    if RESERVED.contains(&owner.to_ascii_lowercase().as_str()) {
        return None;
    }
    let url = at_home(address, &address.segments[..2])?;
    Some(Read::new(url, subject(address, rest)))
}

/// `HOST/OWNER/NAME/tree/…` and what else shows a revision, on hosts that are not known.
pub(in crate::detect) fn enterprise(address: &Address) -> Option<Read> {
    let texts = address.texts();
    let [owner, name, rest @ ..] = &texts[..] else {
        return None;
    };
    let is_like_it = matches!(
        rest,
        ["tree" | "blob" | "commit", _, ..] | ["releases", "tag", _, ..]
    );
    if !is_like_it || *name == "-" || RESERVED.contains(&owner.to_ascii_lowercase().as_str()) {
        return None;
    }
    let url = address.repository(&address.segments[..2])?;
    Some(Read::new(url, subject(address, rest)))
}

/// What stands behind the name of the repository.
fn subject(address: &Address, rest: &[&str]) -> Subject {
    let behind = address.segments.get(3..).unwrap_or_default();
    let any = |target| Subject::from(Place::open(Space::Any, behind, target));
    match rest {
        [] => Subject::Repository,
        ["tree", _, ..] => any(Target::Folder),
        ["blob" | "raw" | "blame" | "edit", _, ..] => any(Target::File),
        ["commits" | "find", _, ..] => any(Target::Either),
        ["commit", id, ..] => commit(id),
        ["pull", _, "commits" | "changes", id] => commit(id),
        ["pull", number, ..] => request(number, |number| format!("refs/pull/{number}/head")),
        ["releases", "tag", _, ..] => tag(&address.segments[4..]),
        ["archive" | "zipball" | "tarball", _, ..] => whole(behind),
        _ => Subject::Unclear,
    }
}

/// `raw.githubusercontent.com/OWNER/NAME/REVISION/PATH`
pub(in crate::detect) fn raw(address: &Address) -> Option<Read> {
    let (repository, behind) = address.segments.split_at_checked(2)?;
    let url = at_home(address, repository)?;
    let subject = Place::open(Space::Any, behind, Target::File).into();
    Some(Read::new(url, subject))
}

/// `codeload.github.com/OWNER/NAME/FORMAT/REVISION`
pub(in crate::detect) fn archive(address: &Address) -> Option<Read> {
    let (repository, behind) = address.segments.split_at_checked(2)?;
    let url = at_home(address, repository)?;
    Some(Read::new(url, whole(behind.get(1..).unwrap_or_default())))
}

/// `gist.github.com/[USER/]ID[/REVISION]` and
/// `gist.githubusercontent.com/USER/ID/raw/[REVISION/]FILE`
pub(in crate::detect) fn gist(address: &Address) -> Option<Read> {
    let is_gist =
        |text: &str| (5..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let texts = address.texts();
    let (id, rest) = match &texts[..] {
        [id, rest @ ..] if is_gist(id.strip_suffix(".git").unwrap_or(id)) => (*id, rest),
        [_, id, rest @ ..] if is_gist(id.strip_suffix(".git").unwrap_or(id)) => (*id, rest),
        _ => return None,
    };
    let host = Host::Name("gist.github.com".to_owned());
    // The owner changes nothing.
    let url = address.repository_at(&host, [id])?;
    let subject = match rest {
        [] => Subject::Repository,
        [revision] => commit(revision),
        ["raw", revision, file] => Place::fixed(Space::Commit, revision, file, Target::File).into(),
        ["raw", file] => Place::head(file, Target::File).into(),
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}

/// The repository on the host that it is cloned from.
fn at_home(address: &Address, segments: &[Segment]) -> Option<crate::source::RemoteUrl> {
    let home = Host::Name("github.com".to_owned());
    address.repository_at(&home, segments.iter().map(Segment::encoded))
}

pub(super) fn commit(id: &str) -> Subject {
    let id = id
        .strip_suffix(".patch")
        .or_else(|| id.strip_suffix(".diff"))
        .unwrap_or(id);
    Place::fixed(Space::Commit, id, "", Target::Repository).into()
}

/// A tag, slashes included.
pub(super) fn tag(segments: &[Segment]) -> Subject {
    Place::fixed(Space::Tag, &joined(segments), "", Target::Repository).into()
}

/// A revision that goes to the end, such as an archive's.
pub(super) fn whole(segments: &[Segment]) -> Subject {
    let name = joined(segments);
    let name = without_ending(&name);
    let (space, name) = match (
        name.strip_prefix("refs/heads/"),
        name.strip_prefix("refs/tags/"),
    ) {
        (Some(name), _) => (Space::Branch, name),
        (_, Some(name)) => (Space::Tag, name),
        _ => (Space::Any, name),
    };
    Place::fixed(space, name, "", Target::Repository).into()
}
