//! Forgejo, Gitea and Gogs.

use super::github::{commit, tag, whole};
use super::{Read, Subject, request};
use crate::detect::address::Address;
use crate::detect::candidate::Target;
use crate::detect::place::{Place, Space, by_slash};

/// First parts of paths that are no owners.
const RESERVED: &[&str] = &[
    "-",
    "admin",
    "api",
    "assets",
    "attachments",
    "avatars",
    "explore",
    "install",
    "issues",
    "login",
    "milestones",
    "notifications",
    "org",
    "pulls",
    "repo",
    "swagger",
    "user",
    "v2",
];

/// `HOST/OWNER/NAME/src/branch/BRANCH/PATH`; on a host that is not known, at any depth, and only
/// what no other forge has.
pub(in crate::detect) fn page(address: &Address, is_known: bool) -> Option<Read> {
    let texts = address.texts();
    if RESERVED.contains(&texts.first()?.to_ascii_lowercase().as_str()) {
        return None;
    }
    let end = match is_known {
        true => 2,
        false => {
            2 + texts.get(2..)?.windows(2).position(|pair| {
                matches!(
                    pair,
                    [
                        "src" | "raw" | "media" | "blame",
                        "branch" | "tag" | "commit"
                    ]
                )
            })?
        }
    };
    if texts.len() < end {
        return None;
    }
    let url = address.repository(&address.segments[..end])?;
    let from = |start: usize| address.segments.get(end + start..).unwrap_or_default();
    let subject = match &texts[end..] {
        [] => Subject::Repository,
        [
            view @ ("src" | "raw" | "media" | "blame" | "commits"),
            space,
            _,
            ..,
        ] if matches!(*space, "branch" | "tag" | "commit") => {
            let space = match *space {
                "branch" => Space::Branch,
                "tag" => Space::Tag,
                _ => Space::Commit,
            };
            let target = match *view {
                "src" | "commits" => by_slash(address),
                _ => Target::File,
            };
            Place::open(space, from(2), target).into()
        }
        // As Gogs and old Gitea have it.
        ["src", _, ..] => Place::open(Space::Any, from(1), by_slash(address)).into(),
        ["raw", _, ..] => Place::open(Space::Any, from(1), Target::File).into(),
        ["commit", id, ..] => commit(id),
        ["releases", "tag", _, ..] => tag(from(2)),
        ["archive", _, ..] => whole(from(1)),
        ["pulls", number, ..] => request(number, |number| format!("refs/pull/{number}/head")),
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}
