//! The client against servers on loopback.

mod answers;
mod canary;
mod credentials;
mod proxies;
mod redirects;
mod secure;
mod server;
mod waits;

use gix_transport::client::blocking_io::Transport as _;
use gix_transport::client::blocking_io::http::Transport;
use gix_transport::{Protocol, Service};

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

/// Shakes hands as `gix_transport` does, and says at which URL the repository was.
fn shake_hands(url: &str, options: &RemoteOptions) -> Result<String, RemoteError> {
    shake_hands_watched(url, options, &watch(options))
}

fn shake_hands_watched(
    url: &str,
    options: &RemoteOptions,
    watch: &Watch,
) -> Result<String, RemoteError> {
    use gix_transport::client::TransportWithoutIO as _;
    let url = remote(url);
    let gix_url = gix::url::parse(url.to_string().as_str()).expect("because it is canonical");
    let mut transport =
        Transport::new_http(client(&url, options, watch), gix_url, Protocol::V2, false);
    let result = transport
        .handshake(Service::UploadPack, &[])
        .map(|response| response.actual_protocol);
    match result {
        Ok(version) => {
            assert_eq!(version, Protocol::V2);
            Ok(transport.to_url().to_string())
        }
        Err(error) => {
            let found = RemoteError::find(&error);
            let found = found.unwrap_or_else(|| panic!("{error:?} does not hold a RemoteError"));
            let left = watch.failure().take().expect("because the reason is left");
            assert_eq!(left.to_string(), found.to_string());
            Err(found)
        }
    }
}

/// Posts `body` and reads the answer whole.
fn post(client: &mut HttpClient, base: &str, body: &[u8]) -> Result<Vec<u8>, RemoteError> {
    use std::io::{Read as _, Write as _};
    let url = format!("{base}/git-upload-pack");
    let headers = ["Content-Type: application/x-git-upload-pack-request"];
    let kind = PostBodyDataKind::BoundedAndFitsIntoMemory;
    let mut answer = client
        .post(&url, base, headers, kind)
        .map_err(|error| RemoteError::find(&error).expect("because all errors are"))?;
    answer
        .post_body
        .write_all(body)
        .expect("because it is small");
    drop(answer.post_body);
    let mut bytes = Vec::new();
    answer
        .headers
        .read_to_end(&mut bytes)
        .map_err(RemoteError::from_io)?;
    assert_eq!(
        bytes,
        b"content-type: application/x-git-upload-pack-result\n"
    );
    bytes.clear();
    answer
        .body
        .read_to_end(&mut bytes)
        .map_err(RemoteError::from_io)?;
    Ok(bytes)
}
