//! Git's protocol in HTTP requests (gitprotocol-http, "Smart Clients").

use super::connection::{Answer, Connection};
use super::error::FetchError;
use crate::remote::HttpClient;

/// A server that is asked one HTTP request at a time.
pub(super) struct SmartHttp {
    client: HttpClient,
}

impl SmartHttp {
    pub(super) fn new(client: HttpClient) -> Self {
        SmartHttp { client }
    }
}

impl Connection for SmartHttp {
    fn advertisement(&mut self) -> Result<Answer<'_>, FetchError> {
        Ok(Box::new(self.client.refs()?))
    }

    fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, FetchError> {
        Ok(Box::new(self.client.ask(request)?))
    }

    fn answers_end(&self) -> bool {
        true
    }

    fn ask_last(self: Box<Self>, request: &[u8]) -> Result<Answer<'static>, FetchError> {
        Ok(Box::new(self.client.ask(request)?))
    }

    fn leave(self: Box<Self>) {
        // The server has forgotten us already.
    }
}
