//! Git's protocol in HTTP requests (gitprotocol-http, "Smart Clients").

use std::io::Write;

use gix_transport::client::blocking_io::http::{GetResponse, Http, PostBodyDataKind, PostResponse};

use super::connection::{Answer, Connection};
use super::error::FetchError;
use crate::remote::{HttpClient, RemoteError, Watch};
use crate::source::RemoteUrl;

/// A server that is asked one HTTP request at a time.
pub(super) struct SmartHttp {
    client: HttpClient,
    watch: Watch,
    /// The repository's URL, where redirects have led to.
    base: String,
}

const SERVICE: &str = "git-upload-pack";
const VERSION: &str = "Git-Protocol: version=2";

impl SmartHttp {
    pub(super) fn new(url: &RemoteUrl, client: HttpClient, watch: &Watch) -> Self {
        SmartHttp {
            client,
            watch: watch.clone(),
            base: url.to_string(),
        }
    }

    fn post(&mut self, request: &[u8]) -> Result<Answer<'static>, FetchError> {
        let url = format!("{}/{SERVICE}", self.base);
        let headers = [
            VERSION,
            "Content-Type: application/x-git-upload-pack-request",
            "Accept: application/x-git-upload-pack-result",
        ];
        let kind = PostBodyDataKind::BoundedAndFitsIntoMemory;
        let posted = self.client.post(&url, &self.base, headers, kind);
        let PostResponse {
            mut post_body,
            body,
            ..
        } = posted.map_err(|error| self.failure(&error))?;
        post_body.write_all(request).map_err(FetchError::from_io)?;
        Ok(Box::new(body))
    }

    /// The reason for an error that has gone through foreign hands.
    fn failure(&self, error: &gix::Error) -> FetchError {
        let reason = self.watch.failure().take();
        let reason = reason.or_else(|| RemoteError::find(error));
        reason
            .unwrap_or_else(|| RemoteError::Protocol {
                reason: error.to_string(),
            })
            .into()
    }
}

impl Connection for SmartHttp {
    fn advertisement(&mut self) -> Result<Answer<'_>, FetchError> {
        let url = format!("{}/info/refs?service={SERVICE}", self.base);
        let got = self.client.get(&url, &self.base, [VERSION]);
        let GetResponse { body, .. } = got.map_err(|error| self.failure(&error))?;
        if let Some(moved) = self.client.redirected_base_url() {
            self.base = moved;
        }
        Ok(Box::new(body))
    }

    fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, FetchError> {
        self.post(request)
    }

    fn answers_end(&self) -> bool {
        true
    }

    fn ask_last(mut self: Box<Self>, request: &[u8]) -> Result<Answer<'static>, FetchError> {
        self.post(request)
    }

    fn leave(self: Box<Self>) {
        // The server has forgotten us already.
    }
}
