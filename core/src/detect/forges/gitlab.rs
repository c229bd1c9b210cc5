//! GitLab.

use super::github::{commit, tag};
use super::{Read, Subject, request};
use crate::detect::address::Address;
use crate::detect::candidate::Target;
use crate::detect::place::{Place, Space};

/// First parts of paths that are no groups.
const RESERVED: &[&str] = &[
    "-",
    "admin",
    "api",
    "dashboard",
    "explore",
    "groups",
    "help",
    "import",
    "jwt",
    "oauth",
    "profile",
    "projects",
    "public",
    "search",
    "snippets",
    "uploads",
    "users",
    "v2",
];

/// Parts that stood between a repository and a revision before `/-/` did, and that no project may be
/// called (GitLab, "Reserved project and group names").
const OLD: &[&str] = &["tree", "blob", "raw", "blame", "commits"];

/// `HOST/GROUP/…/NAME/-/…`; on a host that is known, also without the hyphen.
pub(in crate::detect) fn page(address: &Address, is_known: bool) -> Option<Read> {
    let texts = address.texts();
    if RESERVED.contains(&texts.first()?.to_ascii_lowercase().as_str()) {
        return None;
    }
    let hyphen = texts.iter().position(|text| *text == "-");
    let (repository, behind) = match hyphen {
        Some(at) => (at, at + 1),
        None if is_known => {
            let old = texts.iter().skip(2).position(|text| OLD.contains(text));
            match old {
                Some(at) => (at + 2, at + 2),
                None => (texts.len(), texts.len()),
            }
        }
        None => return None,
    };
    if repository < 2 {
        return None;
    }
    let url = address.repository(&address.segments[..repository])?;
    if hyphen.is_none() && behind == texts.len() {
        return Some(Read::new(url, Subject::Repository));
    }
    let space = match address.query("ref_type") {
        Some(kind) if kind.eq_ignore_ascii_case("heads") => Space::Branch,
        Some(kind) if kind.eq_ignore_ascii_case("tags") => Space::Tag,
        _ => Space::Any,
    };
    let rest = address.segments.get(behind + 1..).unwrap_or_default();
    let any = |target| Subject::from(Place::open(space, rest, target));
    let subject = match &texts[behind..] {
        ["tree", _, ..] => any(Target::Folder),
        ["blob" | "raw" | "blame" | "edit", _, ..] => any(Target::File),
        ["commits" | "find_file", _, ..] => any(Target::Either),
        ["commit", id, ..] => commit(id),
        ["tags" | "releases", _, ..] => tag(rest),
        ["merge_requests", number, ..] => request(number, |number| {
            format!("refs/merge-requests/{number}/head")
        }),
        // The last part is a file name that repeats the revision.
        ["archive", _, _, ..] => {
            let name = &rest[..rest.len() - 1];
            let path = address.query("path").unwrap_or_default();
            let name = crate::detect::address::joined(name);
            Place::fixed(space, &name, path.trim_matches('/'), Target::Folder).into()
        }
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}
