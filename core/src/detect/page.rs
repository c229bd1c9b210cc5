//! A page of a forge, by its URL alone.

use serde::Serialize;

use crate::detect::address::Address;
use crate::detect::candidate::Candidate;
use crate::detect::forge::Forge;
use crate::detect::forges::{Read, Subject};
use crate::remote::RemoteRef;
use crate::source::{RemoteUrl, Source};

/// What the URL of a forge's page says: which repository, and which part of it.
///
/// Nothing is asked for over a network. A branch may have slashes in its name, so the URL of
/// `tree/feature/x/docs` alone does not tell where the name ends; [`detect`](crate::detect()) asks
/// the server.
///
/// ```
/// let page = gitlade::ForgePage::parse("https://codeberg.org/forgejo/forgejo/src/branch/forgejo/docs/x");
/// let page = page.expect("it is a page");
/// assert_eq!(page.repository().to_string(), "https://codeberg.org/forgejo/forgejo");
/// assert!(page.certain().is_none());
/// let likely = &page.candidates()[0];
/// assert_eq!(likely.revision.as_deref(), Some("refs/heads/forgejo"));
/// assert_eq!(likely.path.as_deref(), Some("docs/x"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgePage {
    forge: Forge,
    is_known: bool,
    is_repository: bool,
    read: Read,
}

impl ForgePage {
    /// Reads the URL of a page by the rules of the forge that its host belongs to; on another host
    /// by those of the forges that people run themselves, where the path looks like one of theirs.
    ///
    /// `None` is no page of a repository, as far as that is known: nor is what
    /// [`Source::parse`] would refuse for its host, `..` or control characters.
    pub fn parse(url: impl AsRef<[u8]>) -> Option<Self> {
        let text = url.as_ref();
        let address = Address::parse(text)?;
        let (forge, is_known, read) = match Forge::known(&address) {
            Some((forge, read)) => (forge, true, read?),
            None => {
                let (forge, read) = Forge::guessed(&address)?;
                (forge, false, read)
            }
        };
        let same = |source| matches!(source, Source::Remote(url) if url == read.url);
        let is_repository =
            read.subject == Subject::Repository && Source::parse(text).is_ok_and(same);
        // On a strange host a clone URL says nothing about the forge.
        if !is_known && is_repository {
            return None;
        }
        Some(ForgePage {
            forge,
            is_known,
            is_repository,
            read,
        })
    }

    /// The forge.
    pub fn forge(&self) -> Forge {
        self.forge
    }

    /// Whether the host is known to be the forge's. If it is not, the path only looks as if it were,
    /// and nothing is certain.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether the URL is the repository's own, which can be imported as it is.
    pub fn is_repository(&self) -> bool {
        self.is_repository
    }

    /// The repository, by the URL to import it from.
    pub fn repository(&self) -> &RemoteUrl {
        &self.read.url
    }

    /// What may be meant, the likeliest first: one at least.
    pub fn candidates(&self) -> Vec<Candidate> {
        let url = &self.read.url;
        let whole = Candidate::repository(url.clone());
        match &self.read.subject {
            Subject::Repository | Subject::Unclear => vec![whole],
            Subject::Place(place) => place.candidates(url),
            Subject::Offer(place) => {
                let mut offers = place.candidates(url);
                offers.push(whole);
                offers
            }
        }
    }

    /// What is meant, if the URL alone says so.
    pub fn certain(&self) -> Option<Candidate> {
        let is_certain = match &self.read.subject {
            Subject::Repository => true,
            Subject::Place(place) => place.is_certain(),
            Subject::Unclear | Subject::Offer(_) => false,
        };
        let first = || self.candidates().into_iter().next();
        (self.is_known && is_certain).then(first).flatten()
    }

    /// The beginnings of the refs that decide what is meant.
    pub(super) fn prefixes(&self) -> Vec<Vec<u8>> {
        match &self.read.subject {
            Subject::Place(place) | Subject::Offer(place) => place.prefixes(),
            Subject::Repository | Subject::Unclear => Vec::new(),
        }
    }

    /// What is meant, given those refs, and whether that is certain.
    pub(super) fn settle(&self, refs: &[RemoteRef]) -> (Vec<Candidate>, bool) {
        let url = &self.read.url;
        match &self.read.subject {
            Subject::Repository => (self.candidates(), self.is_known),
            Subject::Unclear => (self.candidates(), false),
            Subject::Place(place) => {
                let (candidates, is_certain) = place.settle(url, refs);
                (candidates, is_certain && self.is_known)
            }
            Subject::Offer(place) => {
                let is_there = place.settle(url, refs).1;
                let mut offers = match is_there {
                    true => place.candidates(url),
                    false => Vec::new(),
                };
                offers.push(Candidate::repository(url.clone()));
                (offers, false)
            }
        }
    }
}

/// What is shown of a page.
impl Serialize for ForgePage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut page = serializer.serialize_struct("ForgePage", 3)?;
        page.serialize_field("forge", &self.forge)?;
        page.serialize_field("known", &self.is_known)?;
        page.serialize_field("repository", &self.read.url.to_string())?;
        page.end()
    }
}
