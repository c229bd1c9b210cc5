//! Bitbucket, in the cloud and elsewhere.

use super::github::{commit, whole};
use super::{Read, Subject, request};
use crate::detect::address::{Address, Segment, joined};
use crate::detect::candidate::Target;
use crate::detect::place::{Place, Space, by_slash};
use crate::source::percent;

/// First parts of paths that are no workspaces.
const RESERVED: &[&str] = &[
    "account",
    "blog",
    "dashboard",
    "product",
    "repo",
    "site",
    "snippets",
    "support",
    "workspaces",
];

/// `bitbucket.org/WORKSPACE/NAME/src/REVISION/PATH`
pub(in crate::detect) fn cloud(address: &Address) -> Option<Read> {
    let texts = address.texts();
    if texts.len() < 2 || RESERVED.contains(&texts[0].to_ascii_lowercase().as_str()) {
        return None;
    }
    let url = address.repository(&address.segments[..2])?;
    let from = |start: usize| address.segments.get(start..).unwrap_or_default();
    let subject = match &texts[2..] {
        [] => Subject::Repository,
        // The commit is abbreviated where the branch stands in the query.
        ["src", id, ..] if is_abbreviation(id) && address.query("at").is_some() => {
            let name = address.query("at").unwrap_or_default();
            Place::fixed(Space::Any, name, &joined(from(4)), by_slash(address)).into()
        }
        ["src", _, ..] => Place::open(Space::Any, from(3), by_slash(address)).into(),
        ["raw" | "annotate", _, ..] => Place::open(Space::Any, from(3), Target::File).into(),
        ["commits", "branch", _, ..] => branch(from(4)),
        ["commits", "tag", _, ..] => super::github::tag(from(4)),
        ["branch", _, ..] => branch(from(3)),
        ["commits", id] => commit(id),
        ["get", _, ..] => whole(from(3)),
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}

/// `HOST/…/projects/KEY/repos/NAME/browse/PATH?at=REVISION`, cloned from `/…/scm/KEY/NAME.git`
pub(in crate::detect) fn server(address: &Address) -> Option<Read> {
    let texts = address.texts();
    let start = texts
        .windows(4)
        .position(|it| matches!(it, ["projects" | "users", _, "repos", _]))?;
    let key = match texts[start] {
        "users" => format!("~{}", texts[start + 1]),
        _ => texts[start + 1].to_owned(),
    };
    let key = percent::encode(key.as_bytes());
    let name = format!("{}.git", address.segments[start + 3].encoded());
    let before = address.segments[..start].iter().map(Segment::encoded);
    let parts = before.chain(["scm", key.as_str(), name.as_str()]);
    let url = address.repository_at(&address.host, parts)?;
    let path = joined(address.segments.get(start + 5..).unwrap_or_default());
    let subject = match &texts[start + 4..] {
        [] => Subject::Repository,
        [view @ ("browse" | "raw"), ..] => {
            let target = match *view {
                "raw" => Target::File,
                _ => by_slash(address),
            };
            let at = address.query("at");
            let name = at.map(|at| match at.strip_prefix("refs/heads/") {
                Some(name) => (Space::Branch, name),
                None => match at.strip_prefix("refs/tags/") {
                    Some(name) => (Space::Tag, name),
                    None => (Space::Any, at),
                },
            });
            match name {
                Some((space, name)) => Place::fixed(space, name, &path, target).into(),
                None if path.is_empty() => Subject::Repository,
                None => Place::head(&path, target).into(),
            }
        }
        ["commits", id] => commit(id),
        ["pull-requests", number, ..] => {
            request(number, |number| format!("refs/pull-requests/{number}/from"))
        }
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}

fn branch(segments: &[Segment]) -> Subject {
    Place::fixed(Space::Branch, &joined(segments), "", Target::Repository).into()
}

fn is_abbreviation(text: &str) -> bool {
    (7..40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
