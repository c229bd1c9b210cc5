//! Asking a Git server no more than who it is and for some refs.

use super::error::FetchError;
use super::refs::RemoteRef;
use super::session::Session;
use super::transport::Remote;
use crate::id::ObjectFormat;

/// What a Git server says of a repository.
#[derive(Debug)]
pub(crate) struct Greeting {
    /// The version of the protocol: 2, or 0 for the older ones.
    pub(crate) protocol: u8,
    /// The hash function of all ids.
    pub(crate) object_format: ObjectFormat,
    /// `HEAD`, if there is one, and the refs that were asked for.
    pub(crate) refs: Vec<RemoteRef>,
}

/// Asks for `HEAD` and the refs that begin with one of `prefixes`. Nothing else is probed if that
/// fails.
pub(crate) fn greet(remote: &Remote<'_>, prefixes: &[Vec<u8>]) -> Result<Greeting, FetchError> {
    let mut asked = vec![b"HEAD".to_vec()];
    asked.extend_from_slice(prefixes);
    remote.attempting(|| {
        let mut refs = Vec::new();
        // Servers may send more than was asked for, and the older ones always do.
        let mut keep = |found: RemoteRef| {
            let is_asked = |prefix: &Vec<u8>| found.name.starts_with(prefix);
            if found.name == b"HEAD" || asked[1..].iter().any(is_asked) {
                refs.push(found);
            }
            Ok(())
        };
        let mut session = Session::begin(remote, &mut keep)?;
        if !session.has_announced_refs() {
            session.list_refs(&asked, &mut keep)?;
        }
        let (protocol, object_format) = session.speaks();
        session.leave();
        Ok(Greeting {
            protocol,
            object_format,
            refs,
        })
    })
}
