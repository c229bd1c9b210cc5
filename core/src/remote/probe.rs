//! What answers where no Git server does.

use ureq::http::Method;

use crate::error::Error;
use crate::limits::Limits;
use crate::progress::Step;
use crate::remote::error::RemoteError;
use crate::remote::http::{HttpClient, Probe};
use crate::remote::message::ServerText;
use crate::remote::options::RemoteOptions;
use crate::remote::watch::Watch;
use crate::source::{Host, OtherSystem, RemoteUrl};

/// Hosts that have Git repositories and no others, and need not be asked for Subversion and
/// Mercurial: with each repository that is private or misspelt, they would be.
const GIT_ONLY: [&str; 5] = [
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "dev.azure.com",
];

/// Asks the server of one URL, by the rules of a fetch and within its deadline, with as many
/// requests as [`Limits::max_probes`] allows.
pub(crate) struct Prober {
    client: Option<HttpClient>,
    url: RemoteUrl,
    watch: Watch,
    left: u64,
    limit: u64,
}

impl Prober {
    /// Makes ready; nothing is dialled yet. Of a URL that is not `http` or `https`, nothing is found
    /// out.
    pub(crate) fn new(
        url: &RemoteUrl,
        options: &RemoteOptions,
        limits: &Limits,
        watch: &Watch,
    ) -> Result<Self, RemoteError> {
        let client = match url.scheme().is_http() {
            true => Some(HttpClient::new(url, options, limits, watch).map_err(unusable)?),
            false => None,
        };
        Ok(Prober {
            client,
            url: url.clone(),
            watch: watch.clone(),
            left: limits.max_probes.saturating_sub(watch.probed()),
            limit: limits.max_probes,
        })
    }

    /// The other version control system that answers, if one does: two requests.
    pub(crate) fn other_system(&mut self) -> Result<Option<OtherSystem>, RemoteError> {
        if let Some(system) = OtherSystem::of_url(&self.url) {
            return Ok(Some(system));
        }
        if matches!(self.url.host(), Host::Name(name) if GIT_ONLY.contains(&name.as_str())) {
            return Ok(None);
        }
        // mod_dav_svn says so to everybody who asks which methods there are.
        if let Some(probe) = self.try_ask(&Method::OPTIONS, "")? {
            if probe.says("dav", "http://subversion.tigris.org/") || probe.has_header("svn-") {
                return Ok(Some(OtherSystem::Subversion));
            }
            let is_microsofts = probe.has_header("x-tfs-processid");
            if is_microsofts && OtherSystem::is_tfvc_path(self.url.path()) {
                return Ok(Some(OtherSystem::Tfvc));
            }
        }
        // Mercurial's own handshake (`hg help internals.wireprotocol`).
        let probe = self.try_ask(&Method::GET, "?cmd=capabilities")?;
        let is_mercurial = probe.is_some_and(|probe| {
            let content_type = probe.content_type().unwrap_or_default();
            probe.status == 200 && content_type.starts_with("application/mercurial-")
        });
        Ok(is_mercurial.then_some(OtherSystem::Mercurial))
    }

    /// What `HEAD` of a repository names that is served as static files; `None` if there is none.
    pub(crate) fn static_head(&mut self) -> Result<Option<StaticHead>, RemoteError> {
        let Some(probe) = self.try_ask(&Method::GET, "/HEAD")? else {
            return Ok(None);
        };
        if probe.status != 200 {
            return Ok(None);
        }
        let line = probe.start.trim_ascii_end();
        if let Some(name) = line.strip_prefix(b"ref: refs/heads/") {
            let name = ServerText::new(name).redacted(self.watch.redactor());
            return Ok(Some(StaticHead {
                branch: Some(name.to_text()).filter(|name| !name.is_empty()),
            }));
        }
        let is_id = matches!(line.len(), 40 | 64) && line.iter().all(u8::is_ascii_hexdigit);
        let is_ref = line.starts_with(b"ref: refs/");
        Ok((is_id || is_ref).then_some(StaticHead { branch: None }))
    }

    /// The answer to the question for refs, whatever its status.
    pub(crate) fn refs(&mut self) -> Result<Option<Probe>, RemoteError> {
        self.ask(&Method::GET, "/info/refs?service=git-upload-pack")
    }

    /// The page at the URL itself.
    pub(crate) fn page(&mut self) -> Result<Option<Probe>, RemoteError> {
        self.ask(&Method::GET, "")
    }

    /// Whether the URL is one where a server of Microsoft's shows TFVC.
    pub(crate) fn path_is_tfvc(&self) -> bool {
        OtherSystem::is_tfvc_path(self.url.path())
    }

    /// A text of the server's, cleaned and without secrets.
    pub(crate) fn clean(&self, text: &[u8]) -> String {
        ServerText::new(text)
            .redacted(self.watch.redactor())
            .to_text()
    }

    /// The title of a page, cleaned.
    pub(crate) fn title(&self, page: &Probe) -> Option<String> {
        self.client.as_ref()?.title(page)
    }

    fn ask(&mut self, method: &Method, tail: &str) -> Result<Option<Probe>, RemoteError> {
        let Some(client) = &self.client else {
            return Ok(None);
        };
        self.watch.progress().enter(Step::Detecting, 0, 0);
        let url = self.url.to_string();
        let url = format!("{}{tail}", url.trim_end_matches('/'));
        let before = self.left;
        let answer = client.probe(method, &url, &mut self.left, self.limit);
        self.watch.count_probes(before - self.left);
        answer.map(Some)
    }

    /// Like [`ask`](Self::ask), with `None` if the server does not like what it was asked: such a
    /// question is no reason to fail.
    fn try_ask(&mut self, method: &Method, tail: &str) -> Result<Option<Probe>, RemoteError> {
        match self.ask(method, tail) {
            Err(
                RemoteError::ConnectionClosed
                | RemoteError::ConnectionLost { .. }
                | RemoteError::Protocol { .. }
                | RemoteError::TooManyRedirects(_),
            ) => Ok(None),
            result => result,
        }
    }
}

/// `HEAD` of a repository that is served as static files.
#[derive(Debug)]
pub(crate) struct StaticHead {
    /// The branch that it names, cleaned.
    pub(crate) branch: Option<String>,
}

/// Options that could not be used, after they were.
fn unusable(error: Error) -> RemoteError {
    RemoteError::Protocol {
        reason: error.to_string(),
    }
}
