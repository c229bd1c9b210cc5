//! Git's protocol, as far as one commit with little history, or none, needs it.
//!
//! A conversation is short: the server says what it can (`advertisement`), is asked for the refs
//! that may be meant (`request`, `response`, `revision`), then for one object and what it holds, and
//! answers with a pack that shares its connection with messages (`sideband`). All of it is written
//! here rather than taken from gix, because everything that a server sends is bounded: lines, refs,
//! messages, and the time in which nothing comes of them.

mod advertisement;
mod connection;
mod daemon;
mod error;
mod explain;
mod greet;
#[cfg(test)]
mod hostile_tests;
mod near;
mod pkt;
#[cfg(any(test, feature = "internals"))]
mod probe;
mod refs;
mod request;
mod response;
mod retry;
mod revision;
mod server_message;
mod session;
mod sideband;
mod smart_http;
mod ssh;
#[cfg(all(test, unix))]
mod tests;
mod transport;

pub use refs::RemoteRef;
pub use ssh::{HostKeys, SshOptions};

pub(crate) use error::FetchError;
pub(crate) use greet::{Greeting, greet};
#[cfg(feature = "internals")]
pub(crate) use probe::read_everything;
pub(crate) use revision::{Revision, Wanted};
pub(crate) use transport::Remote;

use std::io::Read;

use crate::cancel::Cancel;
use crate::error::Error;
use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;
use crate::progress::{Progress, Step};
use crate::remote::RemoteOptions;
use crate::source::RemoteUrl;
use session::{Outcome, Session};

/// What a pack was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FetchedRef {
    /// The object that the pack holds with everything beneath it: a commit, an annotated tag of
    /// one, or what else the user named by its id.
    pub(crate) id: ObjectId,
    /// The full name of the ref: what `HEAD` stands for, a branch, a tag; `None` for an id.
    pub(crate) name: Option<Vec<u8>>,
    /// The hash function of all ids in the pack.
    pub(crate) object_format: ObjectFormat,
}

/// What came of a fetch.
#[derive(Debug)]
pub(crate) enum Fetched<T> {
    /// The repository has no commit yet.
    Empty {
        /// The branch that `HEAD` names.
        head: Option<Vec<u8>>,
        /// The hash function that it would use.
        object_format: ObjectFormat,
    },
    /// The caller has what was found, and no pack was asked for.
    Known,
    /// There was a pack, and this is what was made of it.
    Pack(T),
}

/// Asks the remote for `revision`, at the depth of its options, and hands the pack to `consume` while
/// it arrives, unless what is found `is_known`.
///
/// What fails before the pack begins, and may work a moment later, is tried again; once `consume`
/// was called, nothing is. The reader ends where the server says that the pack ends.
///
/// # Errors
///
/// Of `consume`, unless the reader failed: then the reason for that.
pub(crate) fn fetch<T>(
    remote: &Remote<'_>,
    revision: &Revision,
    is_known: impl Fn(&FetchedRef) -> bool,
    consume: impl FnOnce(&FetchedRef, &mut (dyn Read + Send)) -> Result<T, Error>,
) -> Result<Fetched<T>, Error> {
    let outcome = remote.retrying(|| Session::open_pack(remote, revision, &is_known))?;
    let (found, mut pack) = match outcome {
        Outcome::Empty { head, format } => {
            return Ok(Fetched::Empty {
                head,
                object_format: format,
            });
        }
        Outcome::Known => return Ok(Fetched::Known),
        Outcome::Pack(found, pack) => (found, pack),
    };
    let consumed = consume(&found, &mut *pack);
    match pack.take_failure() {
        Some(failure) => Err(remote.locate(failure)),
        None => consumed.map(Fetched::Pack),
    }
}

/// Lists the refs of a remote repository, in the server's order: `HEAD` first, if it has one.
///
/// ```no_run
/// use gitlade::{Cancel, Limits, Policy, Progress, RemoteOptions, Source};
/// # fn main() -> Result<(), gitlade::Error> {
/// let Source::Remote(url) = Source::parse("https://github.com/vercel/next.js")? else {
///     unreachable!("it is a URL");
/// };
/// let options = RemoteOptions::default().policy(Policy::public());
/// for found in gitlade::ls_remote(&url, &options, &Limits::default(), &Cancel::new(), &Progress::new())? {
///     println!("{:?} {}", found.id, gitlade::Printable(&found.name));
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of the network and the protocol, and
/// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) with more refs than
/// [`Limits::max_refs`] or [`Limits::max_ref_bytes`] allow.
pub fn ls_remote(
    url: &RemoteUrl,
    options: &RemoteOptions,
    limits: &Limits,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Vec<RemoteRef>, Error> {
    let remote = Remote::new(url, options, limits, cancel, progress);
    let refs = remote.retrying(|| {
        let mut refs = Vec::new();
        let mut keep = |found: RemoteRef| {
            refs.push(found);
            Ok(())
        };
        let mut session = Session::begin(&remote, &mut keep)?;
        if !session.has_announced_refs() {
            session.list_refs(&[], &mut keep)?;
        }
        session.leave();
        Ok(refs)
    })?;
    progress.enter(Step::Complete, 0, 0);
    Ok(refs)
}
