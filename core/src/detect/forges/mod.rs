//! How each forge writes the URLs of its pages.

pub(super) mod azure;
pub(super) mod bitbucket;
pub(super) mod forgejo;
pub(super) mod github;
pub(super) mod gitlab;
pub(super) mod others;

use crate::detect::place::Place;
use crate::source::RemoteUrl;

/// What a URL says about a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) url: RemoteUrl,
    pub(super) subject: Subject,
}

/// What a page is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The repository itself, by the URL that it is cloned by, or its first page.
    Repository,
    /// The repository, in a way from which no revision follows: its issues, its settings.
    Unclear,
    /// A revision and perhaps a path in it.
    Place(Place),
    /// Something that is not what people import, though it has commits: a request to merge.
    Offer(Place),
}

impl Read {
    pub(super) fn new(url: RemoteUrl, subject: Subject) -> Self {
        Read { url, subject }
    }
}

impl From<Option<Place>> for Subject {
    fn from(place: Option<Place>) -> Self {
        place.map_or(Subject::Unclear, Subject::Place)
    }
}

/// A request to merge, by the ref that the forge keeps for it.
pub(super) fn request(number: &str, full: impl Fn(&str) -> String) -> Subject {
    use crate::detect::candidate::Target;
    use crate::detect::place::Space;
    let is_number =
        !number.is_empty() && number.len() <= 18 && number.bytes().all(|b| b.is_ascii_digit());
    match is_number {
        true => Place::fixed(Space::Full, &full(number), "", Target::Repository)
            .map_or(Subject::Unclear, Subject::Offer),
        false => Subject::Unclear,
    }
}

/// The name of a revision without the ending of an archive.
pub(super) fn without_ending(name: &str) -> &str {
    [
        ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".tar.zst", ".tar", ".zip", ".bundle",
    ]
    .iter()
    .find_map(|ending| name.strip_suffix(ending))
    .unwrap_or(name)
}
