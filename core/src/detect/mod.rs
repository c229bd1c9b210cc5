//! What is at a URL, before anything is fetched: Git, another system, a page of a forge.
//!
//! The URL is read by itself first ([`page`], with the rules of each forge in [`forges`]), then the
//! server is asked ([`server`]): first as for a fetch, and only where no Git server answers, whatever
//! else there may be. Branches with slashes are told from paths by the server's refs ([`place`]).

mod address;
mod candidate;
mod detection;
mod forge;
mod forges;
mod page;
mod place;
mod server;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use candidate::{Candidate, Target};
pub use detection::{Detected, Detection};
pub use forge::Forge;
pub use page::ForgePage;

use crate::error::{Error, ErrorKind};
use crate::import::{Control, Options};
use crate::local::Repository;
use crate::progress::Step;
use crate::remote::Watch;
use crate::source::{OtherSystem, Source};

/// Says what is at a URL or a path, and what of it may be meant.
///
/// The URL may be that of a page: of a file on a branch, for example. It is asked about with the
/// policy, the credentials, the timeouts and the limits of an import; nothing is fetched. A Git
/// server is asked what it would be asked before an import. Another one gets the few requests by
/// which Subversion and Mercurial say who they are, and for the page, [`Limits::max_probes`] in all.
///
/// [`Limits::max_probes`]: crate::Limits#structfield.max_probes
///
/// ```no_run
/// use gitlade::{Control, Detected, Options};
/// # fn main() -> Result<(), gitlade::Error> {
/// let url = "https://github.com/vercel/next.js/tree/canary/docs";
/// let found = gitlade::detect(url, &Options::default(), &Control::new())?;
/// assert!(matches!(found.kind, Detected::GitSmart { .. }));
/// if let Some(candidate) = found.certain() {
///     let options = candidate.apply(Options::default());
///     let source = candidate.url.clone().into();
///     let import = gitlade::import(&source, &options, &Control::new())?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// What keeps the server from being asked: the text, the policy, the network, refused credentials, a
/// limit, cancel. That nothing is there, or that it is not shown, is no error.
pub fn detect(
    source: impl AsRef<[u8]>,
    options: &Options,
    control: &Control,
) -> Result<Detection, Error> {
    let text = source.as_ref();
    let Control { progress, cancel } = control;
    let watch = Watch::start(options.remote.timeouts, cancel, progress);
    let detection = match ForgePage::parse(text) {
        Some(page) if page.is_known() => known(page, options, &watch),
        guess => other(text, guess, options, &watch),
    }?;
    progress.enter(Step::Complete, 0, 0);
    Ok(detection)
}

/// A page of a forge that is known: what counts is the repository.
fn known(page: ForgePage, options: &Options, watch: &Watch) -> Result<Detection, Error> {
    let (kind, refs) = server::ask(page.repository(), &page.prefixes(), options, watch)?;
    let is_git = kind.is_importable();
    let mut detection = Detection::new(kind);
    (detection.candidates, detection.certain) = match is_git {
        true => page.settle(&refs),
        // What cannot be looked into may still be what is meant, with credentials.
        false => (page.candidates(), false),
    };
    detection.page = Some(page).filter(|page| !page.is_repository());
    Ok(detection)
}

/// A path, a URL of any host, and what the URL looks like.
fn other(
    text: &[u8],
    guess: Option<ForgePage>,
    options: &Options,
    watch: &Watch,
) -> Result<Detection, Error> {
    if let Some(system) = OtherSystem::of_text(text) {
        return Ok(Detection::new(system.into()));
    }
    let url = match Source::parse(text) {
        Ok(Source::Local(path)) => return folder(&path, options),
        Ok(Source::Remote(url)) => url,
        // A page may have a query, which a repository has not.
        Err(error) => match (without_query(text).map(Source::parse), &guess) {
            (Some(Ok(Source::Remote(url))), Some(_)) => url,
            _ => address::root(text).ok_or(error)?,
        },
    };
    let (kind, _) = server::ask(&url, &[], options, watch)?;
    let is_git = kind.is_importable();
    let mut detection = Detection::new(kind);
    if is_git {
        detection.candidates = vec![Candidate::repository(url)];
        detection.certain = true;
        return Ok(detection);
    }
    let may_be_page = matches!(
        detection.kind,
        Detected::WebPage { .. }
            | Detected::Nothing { .. }
            | Detected::NeedsAuthentication { .. }
            | Detected::Unknown { .. }
    );
    if let Some(page) = guess.filter(|_| may_be_page) {
        detection.candidates = guessed(&page, options, watch)?;
        detection.page = Some(page);
    }
    Ok(detection)
}

/// What a page may mean that only looks like one of a forge. Its server says which refs there are,
/// and if it does not, all that the URL may mean is offered.
fn guessed(page: &ForgePage, options: &Options, watch: &Watch) -> Result<Vec<Candidate>, Error> {
    match server::ask(page.repository(), &page.prefixes(), options, watch) {
        Ok((kind, refs)) if kind.is_importable() => Ok(page.settle(&refs).0),
        Ok((Detected::NeedsAuthentication { .. }, _)) => Ok(page.candidates()),
        Ok(_) => Ok(Vec::new()),
        Err(error) if matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout) => {
            Err(error)
        }
        Err(_) => Ok(page.candidates()),
    }
}

/// A path on this machine.
fn folder(path: &Path, options: &Options) -> Result<Detection, Error> {
    match Repository::open(path, options.alternates) {
        Ok(repository) => Ok(Detection::new(Detected::GitFolder {
            object_format: repository.format(),
        })),
        Err(error) if error.kind() == ErrorKind::OtherSystem => {
            let system = OtherSystem::of_folder(path);
            system.map_or(Err(error), |system| Ok(Detection::new(system.into())))
        }
        Err(error) if error.kind() == ErrorKind::NotARepository => {
            Ok(Detection::new(Detected::Nothing { status: None }))
        }
        Err(error) => Err(error),
    }
}

/// The URL without what stands behind its path.
fn without_query(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|byte| b"?#".contains(byte))?;
    Some(&text[..end])
}
