//! `git://`: the Git daemon's protocol (gitprotocol-pack, "Git Transport").

use std::io::Write;

use super::connection::{Connection, Duplex};
use super::error::FetchError;
use super::pkt::push_line;
use crate::remote::{Endpoint, Watch, Way};

/// Connects to the daemon and names the repository.
pub(super) fn connect(
    endpoint: &Endpoint,
    path: &[u8],
    way: &Way,
    watch: &Watch,
) -> Result<Box<dyn Connection>, FetchError> {
    let mut stream = way.reach(endpoint, watch)?;
    let mut request = Vec::new();
    push_line(&mut request, &first_line(path, &endpoint.authority()));
    stream
        .write_all(&request)
        .and_then(|()| stream.flush())
        .map_err(FetchError::from_io)?;
    Ok(Box::new(Duplex::new(stream)))
}

/// The service, the path, the virtual host, and behind a second NUL what daemons before 2.18 skip:
/// the wish for protocol version 2.
fn first_line(path: &[u8], authority: &str) -> Vec<u8> {
    [
        b"git-upload-pack ",
        path,
        b"\0host=",
        authority.as_bytes(),
        b"\0\0version=2\0",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of gitprotocol-pack, with the version that gitprotocol-v2 adds.
    #[test]
    fn the_documents_example_is_sent() {
        let mut request = Vec::new();
        push_line(&mut request, &first_line(b"/project.git", "myserver.com"));
        assert_eq!(
            request,
            b"003egit-upload-pack /project.git\0host=myserver.com\0\0version=2\0"
        );
    }
}
