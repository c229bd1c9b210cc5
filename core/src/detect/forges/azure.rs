//! Azure DevOps, and Team Foundation Server.

use super::github::commit;
use super::{Read, Subject, request};
use crate::detect::address::Address;
use crate::detect::candidate::Target;
use crate::detect::place::{Place, Space};

/// `…/PROJECT/_git/NAME?path=/PATH&version=GBbranch`
pub(in crate::detect) fn page(address: &Address) -> Option<Read> {
    let texts = address.texts();
    let end = 2 + texts.iter().position(|text| *text == "_git")?;
    // The organisation stands in the host there, and the project may have the repository's name.
    let name = address.public_name().unwrap_or_default();
    let least = if name.ends_with(".visualstudio.com") {
        2
    } else {
        3
    };
    if texts.len() < end || end < least {
        return None;
    }
    let url = address.repository(&address.segments[..end])?;
    let path = address.query("path").unwrap_or_default();
    let path = path.trim_matches('/');
    let target = match address.query("line") {
        Some(_) => Target::File,
        None => Target::Either,
    };
    let subject = match (&texts[end..], address.query("version")) {
        ([], None) if path.is_empty() => Subject::Repository,
        ([], None) => Place::head(path, target).into(),
        // "GB" is a branch, "GT" a tag, "GC" a commit (VersionControl's version descriptors).
        ([], Some(version)) => {
            let (space, name) = match version.split_at_checked(2) {
                Some(("GB", name)) => (Space::Branch, name),
                Some(("GT", name)) => (Space::Tag, name),
                Some(("GC", name)) => (Space::Commit, name),
                _ => return Some(Read::new(url, Subject::Unclear)),
            };
            Place::fixed(space, name, path, target).into()
        }
        (["commit", id], _) => commit(id),
        (["pullrequest", number, ..], _) => {
            request(number, |number| format!("refs/pull/{number}/merge"))
        }
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}
