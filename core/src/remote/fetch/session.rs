//! One conversation with a server: what there is, what is wanted, the pack.

use super::advertisement::{self, Capabilities, Version};
use super::connection::{Answer, Connection};
use super::error::FetchError;
use super::pkt::Pkts;
use super::refs::RemoteRef;
use super::revision::{Finder, Revision};
use super::server_message::Refusal;
use super::sideband::PackStream;
use super::{FetchedRef, Remote, request, response};
use crate::id::{ObjectFormat, ObjectId};
use crate::progress::Step;

/// Stall timeouts that may pass while a server sends messages and no pack. Each message shows that
/// it is alive, but one that only says so for ten times as long will not come to an end.
const PATIENCE: u32 = 10;

/// A conversation that has begun.
pub(super) struct Session<'a> {
    remote: &'a Remote<'a>,
    connection: Box<dyn Connection>,
    capabilities: Capabilities,
    format: ObjectFormat,
}

/// What the conversation has come to.
pub(super) enum Outcome<'a> {
    /// The repository has no commit yet.
    Empty {
        /// The branch that `HEAD` names.
        head: Option<Vec<u8>>,
        format: ObjectFormat,
    },
    /// The caller has what was found.
    Known,
    /// The pack begins.
    Pack(FetchedRef, Box<PackStream<'a, Answer<'static>>>),
}

impl<'a> Session<'a> {
    /// Connects and reads what the server says about itself; `see` is shown the refs that come
    /// along with that in the older protocols.
    pub(super) fn begin(
        remote: &'a Remote<'a>,
        see: &mut dyn FnMut(RemoteRef) -> Result<(), FetchError>,
    ) -> Result<Self, FetchError> {
        let mut connection = remote.connect()?;
        remote.watch.progress().enter(Step::Negotiating, 0, 0);
        let to_the_end = connection.answers_end();
        let mut pkts = Pkts::new(connection.advertisement()?, advertisement::STAGE);
        let capabilities = advertisement::read(&mut pkts, remote.limits, see)?;
        finish(pkts, to_the_end)?;
        let format = capabilities.object_format()?;
        Ok(Session {
            remote,
            connection,
            capabilities,
            format,
        })
    }

    /// The protocol's version and the hash function of the repository's ids.
    pub(super) fn speaks(&self) -> (u8, ObjectFormat) {
        let version = match self.capabilities.version {
            Version::V0 => 0,
            Version::V2 => 2,
        };
        (version, self.format)
    }

    /// Whether the refs came with the server's first words.
    pub(super) fn has_announced_refs(&self) -> bool {
        self.capabilities.version == Version::V0
    }

    /// Shows `see` the refs that begin with one of `prefixes`, or all if there is none.
    pub(super) fn list_refs(
        &mut self,
        prefixes: &[Vec<u8>],
        see: &mut dyn FnMut(RemoteRef) -> Result<(), FetchError>,
    ) -> Result<(), FetchError> {
        let request = request::ls_refs(&self.capabilities, prefixes)?;
        let to_the_end = self.connection.answers_end();
        let mut pkts = Pkts::new(self.connection.ask(&request)?, response::REFS_STAGE);
        response::read_refs(&mut pkts, self.remote.limits, self.format, see)?;
        finish(pkts, to_the_end)
    }

    /// Ends it without asking for anything else.
    pub(super) fn leave(self) {
        self.connection.leave();
    }

    /// Connects, finds `revision` and asks for it, unless it `is_known`.
    pub(super) fn open_pack(
        remote: &'a Remote<'a>,
        revision: &Revision,
        is_known: &dyn Fn(&FetchedRef) -> bool,
    ) -> Result<Outcome<'a>, FetchError> {
        let mut finder = Finder::new(revision);
        let mut session = Session::begin(remote, &mut |found| {
            finder.see(found);
            Ok(())
        })?;
        let (want, name) = match revision {
            Revision::Id(id) => (session.check_id(*id, &finder)?, None),
            Revision::Head | Revision::Name(_) => match session.find(revision, &mut finder)? {
                Some((want, name)) => (want, Some(name)),
                None => {
                    let outcome = Outcome::Empty {
                        head: finder.head_target().map(<[u8]>::to_vec),
                        format: session.format,
                    };
                    session.leave();
                    return Ok(outcome);
                }
            },
        };
        let found = FetchedRef {
            id: want,
            name,
            object_format: session.format,
        };
        if is_known(&found) {
            session.leave();
            return Ok(Outcome::Known);
        }
        let pack = session
            .request_pack(want)
            .map_err(|failure| match failure {
                FetchError::Refused {
                    refusal: Refusal::RevisionNotFound,
                    ..
                } if matches!(revision, Revision::Id(_)) => FetchError::IdNotFound {
                    id: want.to_string(),
                    tips_only: false,
                },
                failure => failure,
            })?;
        Ok(Outcome::Pack(found, Box::new(pack)))
    }

    /// The object to ask for if the user named one by its id.
    ///
    /// Servers of version 2 hand out every object that they find. Older ones say whether they hand
    /// out more than they have announced (gitprotocol-capabilities, "allow-tip-sha1-in-want").
    fn check_id(&self, id: ObjectId, finder: &Finder<'_>) -> Result<ObjectId, FetchError> {
        if id.format() != self.format {
            return Err(FetchError::InvalidRevision {
                revision: id.to_string(),
                reason: match self.format {
                    ObjectFormat::Sha1 => "is a SHA-256 id, and the repository uses SHA-1",
                    ObjectFormat::Sha256 => "is a SHA-1 id, and the repository uses SHA-256",
                },
            });
        }
        if self.capabilities.version == Version::V2 {
            return Ok(id);
        }
        let hands_out = ["allow-reachable-sha1-in-want", "allow-tip-sha1-in-want"];
        match finder.tip() {
            Some(tip) => Ok(tip),
            None if hands_out.iter().any(|name| self.capabilities.has(name)) => Ok(id),
            None => Err(finder.not_found()),
        }
    }

    /// The object to ask for and the name of the ref that points to it; `None` if the repository is
    /// empty.
    fn find(
        &mut self,
        revision: &Revision,
        finder: &mut Finder<'_>,
    ) -> Result<Option<(ObjectId, Vec<u8>)>, FetchError> {
        if !self.has_announced_refs() {
            self.list_refs(&revision.prefixes(), &mut |found| {
                finder.see(found);
                Ok(())
            })?;
        }
        if let Some(found) = finder.found() {
            let version = self.capabilities.version;
            let want = match version {
                // Older servers hand out only what they have announced as a ref's own id.
                Version::V0 => found.id,
                Version::V2 => found.peeled.or(found.id),
            };
            let want = want.expect("because the finder keeps refs with an id only");
            let name = match (revision, &found.symref_target) {
                (Revision::Head, Some(target)) => target.clone(),
                _ => found.name.clone(),
            };
            return Ok(Some((want, name)));
        }
        if !self.has_announced_refs() {
            self.look_around(revision, finder)?;
        }
        match revision {
            Revision::Head if !finder.saw_any() => Ok(None),
            _ => Err(finder.not_found()),
        }
    }

    /// Looks at what refs there are, once the wanted one is not among them.
    fn look_around(
        &mut self,
        revision: &Revision,
        finder: &mut Finder<'_>,
    ) -> Result<(), FetchError> {
        let prefixes = match revision {
            // Any ref shows that the repository is not empty.
            Revision::Head => Vec::new(),
            _ => vec![b"refs/heads/".to_vec(), b"refs/tags/".to_vec()],
        };
        let listed = self.list_refs(&prefixes, &mut |found| {
            finder.see(found);
            Ok(())
        });
        match listed {
            // Enough was seen to say what is not there.
            Err(FetchError::Limit(_)) => Ok(()),
            listed => listed,
        }
    }

    fn request_pack(self, want: ObjectId) -> Result<PackStream<'a, Answer<'static>>, FetchError> {
        let request = request::fetch(&self.capabilities, want, self.remote.depth())?;
        let answer = self.connection.ask_last(&request)?;
        let mut pkts = Pkts::new(answer, response::STAGE);
        let framing = response::read_to_pack(&mut pkts, &self.capabilities)?;
        let mut pack = PackStream::new(pkts, framing, self.remote.pack_rules(PATIENCE));
        pack.wait_for_pack()?;
        self.remote.watch.progress().enter(Step::Receiving, 0, 0);
        Ok(pack)
    }
}

/// Goes on to the end of an answer that was understood. Bytes that nobody asked for are left there,
/// and their connection with them.
fn finish(mut pkts: Pkts<Answer<'_>>, to_the_end: bool) -> Result<(), FetchError> {
    if to_the_end {
        pkts.at_end()?;
    }
    Ok(())
}
