//! SourceHut, Gitiles, cgit and CodeCommit.

use super::github::{commit, tag, whole};
use super::{Read, Subject, without_ending};
use crate::detect::address::{Address, joined};
use crate::detect::candidate::Target;
use crate::detect::place::{MAX_OFFERED, Place, Space, by_slash};
use crate::source::Host;

/// `git.sr.ht/~USER/NAME/tree/REVISION/item/PATH`
pub(in crate::detect) fn sourcehut(address: &Address) -> Option<Read> {
    let texts = address.texts();
    if texts.len() < 2 || !texts[0].starts_with('~') {
        return None;
    }
    let url = address.repository(&address.segments[..2])?;
    let behind = address.segments.get(3..).unwrap_or_default();
    let subject = match &texts[2..] {
        [] => Subject::Repository,
        [view @ ("tree" | "log" | "blob" | "blame"), _, ..] => {
            let target = match *view {
                "tree" | "log" => Target::Either,
                _ => Target::File,
            };
            // A name may hold "item", and so may a path.
            let ways: Vec<(String, String)> = (1..behind.len())
                .filter(|&at| behind[at].text == "item" && behind.len() > at + 1)
                .take(MAX_OFFERED)
                .map(|at| (joined(&behind[..at]), joined(&behind[at + 1..])))
                .collect();
            match ways.is_empty() {
                true => Place::open(Space::Any, behind, target).into(),
                false => Place::one_of(Space::Any, ways, target).into(),
            }
        }
        ["commit", id, ..] => commit(id),
        ["refs", _, ..] => tag(behind),
        ["archive", _, ..] => whole(behind),
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}

/// `HOST/PROJECT/+/REVISION/PATH`
pub(in crate::detect) fn gitiles(address: &Address) -> Option<Read> {
    let texts = address.texts();
    let plus = texts.iter().position(|text| text.starts_with('+'));
    let Some(at) = plus else {
        // Without it, on a host that has nothing else, it is the project.
        let is_known = address.public_name()?.ends_with(".googlesource.com");
        let url = address.repository(&address.segments)?;
        return is_known.then(|| Read::new(url, Subject::Repository));
    };
    if at == 0 {
        return None;
    }
    let view = texts[at];
    if !matches!(
        view,
        "+" | "+log" | "+blame" | "+show" | "+archive" | "+refs" | "+doc"
    ) {
        return None;
    }
    let url = address.repository(&address.segments[..at])?;
    let behind = &address.segments[at + 1..];
    let subject = match (view, behind) {
        (_, []) | ("+refs", _) => Subject::Unclear,
        ("+archive", _) => {
            let ends = behind
                .last()
                .is_some_and(|it| without_ending(&it.text) != it.text);
            match ends {
                true => whole(behind),
                false => Subject::Unclear,
            }
        }
        ("+blame", _) => Place::open(Space::Any, behind, Target::File).into(),
        _ => Place::open(Space::Any, behind, by_slash(address)).into(),
    };
    Some(Read::new(url, subject))
}

/// `HOST/…/NAME.git/tree/PATH?h=BRANCH&id=COMMIT`
pub(in crate::detect) fn cgit(address: &Address) -> Option<Read> {
    let texts = address.texts();
    let end = 1 + texts
        .iter()
        .position(|text| text.len() > 4 && text.ends_with(".git"))?;
    let view = texts.get(end).copied();
    let is_view = |view| {
        matches!(
            view,
            "tree"
                | "plain"
                | "blame"
                | "log"
                | "commit"
                | "patch"
                | "diff"
                | "about"
                | "refs"
                | "summary"
                | "stats"
                | "snapshot"
                | "tag"
        )
    };
    let is_known = address.public_name() == Some("git.kernel.org");
    if !view.map_or(is_known, is_view) {
        return None;
    }
    let url = address.repository(&address.segments[..end])?;
    let path = joined(address.segments.get(end + 1..).unwrap_or_default());
    let target = match view {
        Some("tree" | "log") => Target::Either,
        _ => Target::File,
    };
    let place = match (address.query("id"), address.query("h")) {
        (Some(id), _) => Place::fixed(Space::Commit, id, &path, target),
        (None, Some(name)) => Place::fixed(Space::Any, name, &path, target),
        (None, None) => Place::head(&path, target),
    };
    let subject = match view {
        None => Subject::Repository,
        Some("tree" | "plain" | "blame" | "log") => place.into(),
        Some("commit" | "patch" | "diff") => match address.query("id") {
            Some(id) => commit(id),
            None => Subject::Unclear,
        },
        Some("tag") => match address.query("h") {
            Some(name) => Place::fixed(Space::Tag, name, "", Target::Repository).into(),
            None => Subject::Unclear,
        },
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}

/// `REGION.console.aws.amazon.com/codesuite/codecommit/repositories/NAME/browse/REF/--/PATH`
pub(in crate::detect) fn codecommit(address: &Address) -> Option<Read> {
    let region = address
        .public_name()?
        .strip_suffix(".console.aws.amazon.com")?;
    if region.contains('.') {
        return None;
    }
    let texts = address.texts();
    let ["codesuite", "codecommit", "repositories", _, rest @ ..] = &texts[..] else {
        return None;
    };
    let name = address.segments[3].encoded();
    let host = Host::Name(format!("git-codecommit.{region}.amazonaws.com"));
    let url = address.repository_at(&host, ["v1", "repos", name])?;
    let behind = address.segments.get(5..).unwrap_or_default();
    let subject = match rest {
        [] | ["browse"] => Subject::Repository,
        ["browse", _, ..] => {
            let end = behind.iter().position(|it| it.text == "--");
            let name = joined(&behind[..end.unwrap_or(behind.len())]);
            let path = end.map(|at| joined(&behind[at + 1..])).unwrap_or_default();
            let (space, name) = match (
                name.strip_prefix("refs/heads/"),
                name.strip_prefix("refs/tags/"),
            ) {
                (Some(name), _) => (Space::Branch, name),
                (_, Some(name)) => (Space::Tag, name),
                _ => (Space::Any, name.as_str()),
            };
            Place::fixed(space, name, &path, Target::Either).into()
        }
        ["commit", id] => commit(id),
        _ => Subject::Unclear,
    };
    Some(Read::new(url, subject))
}
