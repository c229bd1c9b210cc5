//! The client against servers on loopback.

mod answers;
mod canary;
mod credentials;
mod proxies;
mod redirects;
mod secure;
mod server;
mod waits;

use std::io::Read as _;

use super::*;
use crate::cancel::Cancel;
use crate::progress::Progress;
use crate::remote::policy::Policy;
use crate::remote::watch::Timeouts;
use crate::source::Source;

/// Options for servers on loopback, which never wait long.
fn options() -> RemoteOptions {
    let timeouts = Timeouts::default()
        .lookup(std::time::Duration::from_secs(5))
        .connect(std::time::Duration::from_secs(5))
        .stall(std::time::Duration::from_secs(10));
    RemoteOptions::default()
        .policy(Policy::unrestricted())
        .timeouts(timeouts)
}

fn watch(options: &RemoteOptions) -> Watch {
    Watch::start(options.timeouts, &Cancel::new(), &Progress::new())
}

fn remote(url: &str) -> RemoteUrl {
    match Source::parse(url) {
        Ok(Source::Remote(url)) => url,
        other => panic!("{url} is no remote: {other:?}"),
    }
}

fn client(url: &RemoteUrl, options: &RemoteOptions, watch: &Watch) -> HttpClient {
    HttpClient::new(url, options, &Limits::default(), watch).expect("because the options are valid")
}

/// Asks for the refs, and says at which URL the repository was.
fn shake_hands(url: &str, options: &RemoteOptions) -> Result<String, RemoteError> {
    shake_hands_watched(url, options, &watch(options))
}

fn shake_hands_watched(
    url: &str,
    options: &RemoteOptions,
    watch: &Watch,
) -> Result<String, RemoteError> {
    let mut client = client(&remote(url), options, watch);
    whole(client.refs()?)?;
    Ok(client.base().to_owned())
}

/// Posts `body` and reads the answer whole.
fn post(client: &HttpClient, body: &[u8]) -> Result<Vec<u8>, RemoteError> {
    whole(client.ask(body)?)
}

fn whole(mut answer: HttpAnswer) -> Result<Vec<u8>, RemoteError> {
    let mut bytes = Vec::new();
    answer
        .read_to_end(&mut bytes)
        .map_err(RemoteError::from_io)?;
    Ok(bytes)
}
