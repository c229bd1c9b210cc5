//! From a host to the addresses that may be dialled.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;

use crate::progress::Step;
use crate::remote::error::{RemoteError, Waited};
use crate::remote::policy::Policy;
use crate::remote::watch::Watch;
use crate::source::{Host, RemoteUrl, Scheme};

/// Addresses of one host that are tried.
const MAX_ADDRESSES: usize = 8;

/// Where a connection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl Endpoint {
    /// The host and the port as people write them, without the scheme's own port.
    pub(crate) fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl From<&RemoteUrl> for Endpoint {
    fn from(url: &RemoteUrl) -> Self {
        Endpoint {
            scheme: url.scheme(),
            host: url.host().clone(),
            port: url.port(),
        }
    }
}

/// Finds the addresses of `endpoint` that `policy` allows: at least one, at most eight, with the
/// families taking turns, as in RFC 8305.
///
/// The operating system's lookup cannot be interrupted, so it runs in a thread of its own, which is
/// left to end by itself if the lookup takes too long or the host cancels.
pub(crate) fn resolve(
    endpoint: &Endpoint,
    policy: &Policy,
    watch: &Watch,
) -> Result<Vec<SocketAddr>, RemoteError> {
    let Endpoint { scheme, host, port } = endpoint;
    policy
        .check_scheme_and_port(*scheme, *port)
        .map_err(RemoteError::NotAllowed)?;
    let found = match host {
        Host::Address(address) => vec![SocketAddr::new(*address, *port)],
        Host::Name(name) => look_up(name, *port, watch)?,
    };
    let mut allowed = Vec::new();
    let mut denied = None;
    for address in found {
        match policy.check_address(*scheme, host, *port, address.ip()) {
            Ok(()) if allowed.contains(&address) => {}
            Ok(()) => allowed.push(address),
            Err(reason) => {
                denied.get_or_insert(reason);
            }
        }
    }
    if allowed.is_empty() {
        return Err(match denied {
            Some(reason) => RemoteError::NotAllowed(reason),
            None => RemoteError::HostNotFound {
                host: host.to_bare_string(),
                source: None,
            },
        });
    }
    let mut allowed = alternate(allowed);
    allowed.truncate(MAX_ADDRESSES);
    Ok(allowed)
}

fn look_up(name: &str, port: u16, watch: &Watch) -> Result<Vec<SocketAddr>, RemoteError> {
    watch.progress().enter(Step::ResolvingHost, 0, 0);
    let not_found = |source| RemoteError::HostNotFound {
        host: name.to_owned(),
        source,
    };
    // Want of threads or descriptors passes; it says nothing of the name.
    let failed = |source: io::Error| RemoteError::ConnectionFailed {
        host: name.to_owned(),
        port,
        source: Arc::new(source),
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    let query = (name.to_owned(), port);
    thread::Builder::new()
        .name("gitlade-lookup".into())
        .spawn(move || {
            let result = query.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // Whoever asked may have left.
            let _ = sender.send(result);
        })
        .map_err(failed)?;
    let timeout = watch.timeouts().lookup;
    match watch.receive(&receiver, timeout, Waited::Lookup(timeout))? {
        Some(Ok(addresses)) => Ok(addresses),
        Some(Err(error)) if error.raw_os_error().is_some() => Err(failed(error)),
        Some(Err(error)) => Err(not_found(Some(Arc::new(error)))),
        None => Err(not_found(None)),
    }
}

/// Lets the address families take turns, beginning with the one that the system put first.
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut turns = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        match (first.next(), second.next()) {
            (None, None) => return turns,
            (a, b) => turns.extend(a.into_iter().chain(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::progress::Progress;
    use crate::remote::watch::Timeouts;

    fn try_resolve(host: &str, policy: &Policy) -> Result<Vec<SocketAddr>, RemoteError> {
        let endpoint = Endpoint {
            scheme: Scheme::Http,
            host: Host::parse(host).expect("because the test's hosts are valid"),
            port: 80,
        };
        let watch = Watch::start(Timeouts::default(), &Cancel::new(), &Progress::new());
        resolve(&endpoint, policy, &watch)
    }

    #[test]
    fn names_that_lead_to_denied_addresses_are_denied() {
        // Every system resolves localhost to itself.
        assert!(matches!(
            try_resolve("localhost", &Policy::public()),
            Err(RemoteError::NotAllowed(_))
        ));
        let found = try_resolve("localhost", &Policy::person()).expect("because it is allowed");
        assert!(found.iter().all(|address| address.ip().is_loopback()));
    }

    #[test]
    fn literals_are_judged_as_they_are() {
        assert!(try_resolve("[::ffff:127.0.0.1]", &Policy::public()).is_err());
        let found = try_resolve("8.8.8.8", &Policy::public()).expect("because it is public");
        assert_eq!(
            found,
            ["8.8.8.8:80".parse().expect("because it is an address")]
        );
    }

    #[test]
    fn names_that_do_not_exist_are_not_found() {
        // RFC 6761 reserves .invalid.
        assert!(matches!(
            try_resolve("gitlade.invalid", &Policy::person()),
            Err(RemoteError::HostNotFound { .. })
        ));
    }

    #[test]
    fn families_take_turns() {
        let parse = |text: &str| -> SocketAddr {
            text.parse()
                .expect("because the test's addresses are valid")
        };
        let [a, b, c] = ["1.1.1.1:1", "1.1.1.2:1", "1.1.1.3:1"].map(parse);
        let d = parse("[2606::1]:1");
        assert_eq!(alternate(vec![a, b, c, d]), [a, d, b, c]);
        assert_eq!(alternate(vec![d, a, b]), [d, a, b]);
        assert_eq!(alternate(vec![]), []);
    }
}
