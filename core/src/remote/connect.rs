//! Dialling: the addresses of a host, tried until one answers.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};

use crate::progress::Step;
use crate::remote::error::{RemoteError, Waited};
use crate::remote::lookup::{Endpoint, resolve};
use crate::remote::policy::Policy;
use crate::remote::stream::Stream;
use crate::remote::watch::{SLICE, Watch};

/// How long one address gets before the next one is tried beside it (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to `endpoint`: looks it up, asks the policy about each address, and dials those that it
/// allows until one answers.
pub(crate) fn dial(
    endpoint: &Endpoint,
    policy: &Policy,
    watch: &Watch,
) -> Result<Stream, RemoteError> {
    let addresses = resolve(endpoint, policy, watch)?;
    connect(endpoint, &addresses, watch)
}

/// Connects to the first of `addresses` that answers, which the policy must have allowed.
pub(crate) fn connect(
    endpoint: &Endpoint,
    addresses: &[SocketAddr],
    watch: &Watch,
) -> Result<Stream, RemoteError> {
    watch.progress().enter(Step::Connecting, 0, 0);
    let failed = |error: io::Error| {
        let (host, port) = (endpoint.host.to_bare_string(), endpoint.port);
        match error.kind() {
            io::ErrorKind::ConnectionRefused => RemoteError::ConnectionRefused { host, port },
            _ => RemoteError::ConnectionFailed {
                host,
                port,
                source: Arc::new(error),
            },
        }
    };
    let mut waiting = addresses.iter();
    let mut race = Race::default();
    let begun = Instant::now();
    let mut next_start = begun;
    loop {
        watch.check()?;
        let now = Instant::now();
        if race.attempts.is_empty() || now >= next_start {
            match waiting.next() {
                Some(address) => {
                    race.start(*address);
                    next_start = now + STAGGER;
                }
                None if race.attempts.is_empty() => {
                    return Err(failed(race.last_error.unwrap_or_else(|| {
                        io::Error::from(io::ErrorKind::AddrNotAvailable)
                    })));
                }
                None => {}
            }
        }
        let timeout = watch.timeouts().connect;
        if begun.elapsed() >= timeout {
            return Err(RemoteError::Timeout(Waited::Connect(timeout)));
        }
        if let Some(socket) = race.poll().map_err(failed)? {
            return Stream::new(socket, watch.clone()).map_err(failed);
        }
    }
}

/// Connections under way, of which the first to succeed counts.
#[derive(Default)]
struct Race {
    attempts: Vec<Socket>,
    last_error: Option<io::Error>,
}

impl Race {
    fn start(&mut self, address: SocketAddr) {
        match start(address) {
            Ok(socket) => self.attempts.push(socket),
            Err(error) => self.fail(error),
        }
    }

    /// Keeps the error that says most: an answer, even a refusal, more than no route.
    fn fail(&mut self, error: io::Error) {
        let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        if !self.last_error.as_ref().is_some_and(refused) {
            self.last_error = Some(error);
        }
    }

    /// Waits a moment for one of the attempts to succeed.
    fn poll(&mut self) -> io::Result<Option<TcpStream>> {
        if self.attempts.is_empty() {
            return Ok(None);
        }
        let mut polled: Vec<_> = self
            .attempts
            .iter()
            .map(|socket| PollFd::new(socket, PollFlags::OUT))
            .collect();
        let timeout = Timespec::try_from(SLICE).expect("because a tenth of a second fits");
        match poll(&mut polled, Some(&timeout)) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<bool> = polled.iter().map(|fd| !fd.revents().is_empty()).collect();
        drop(polled);
        for index in (0..ready.len()).rev() {
            if !ready[index] {
                continue;
            }
            let socket = self.attempts.swap_remove(index);
            match socket.take_error()? {
                Some(error) => self.fail(error),
                None => match socket.peer_addr() {
                    Ok(_) => {
                        socket.set_nonblocking(false)?;
                        return Ok(Some(socket.into()));
                    }
                    Err(error) => self.fail(error),
                },
            }
        }
        Ok(None)
    }
}

fn start(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => Ok(socket),
        Err(error) if is_under_way(&error) => Ok(socket),
        Err(error) => Err(error),
    }
}

fn is_under_way(error: &io::Error) -> bool {
    if error.kind() == io::ErrorKind::WouldBlock {
        return true;
    }
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) {
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;
    use crate::cancel::Cancel;
    use crate::progress::Progress;
    use crate::remote::watch::Timeouts;
    use crate::source::{Host, Scheme};

    fn endpoint(port: u16) -> Endpoint {
        Endpoint {
            scheme: Scheme::Git,
            host: Host::Address(Ipv4Addr::LOCALHOST.into()),
            port,
        }
    }

    fn watch() -> Watch {
        let timeouts = Timeouts::default().connect(Duration::from_secs(5));
        Watch::start(timeouts, &Cancel::new(), &Progress::new())
    }

    /// A port on which nothing listens: it was free a moment ago.
    fn closed_port() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
        listener.local_addr().expect("because it is bound").port()
    }

    #[test]
    fn what_is_dialled_answers() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
        let port = listener.local_addr().expect("because it is bound").port();
        let server = std::thread::spawn(move || {
            let (mut peer, _) = listener.accept().expect("because the client dials");
            let mut seen = [0; 4];
            peer.read_exact(&mut seen)
                .expect("because the client writes");
            peer.write_all(&seen).expect("because the client reads");
        });
        let mut stream =
            dial(&endpoint(port), &Policy::unrestricted(), &watch()).expect("because it listens");
        stream.write_all(b"ping").expect("because the server reads");
        let mut seen = Vec::new();
        stream
            .read_to_end(&mut seen)
            .expect("because the server writes");
        assert_eq!(seen, b"ping");
        server.join().expect("because it does not panic");
    }

    #[test]
    fn refusals_are_refusals() {
        let port = closed_port();
        let error = dial(&endpoint(port), &Policy::unrestricted(), &watch()).err();
        assert!(
            matches!(&error, Some(RemoteError::ConnectionRefused { port: p, .. }) if *p == port),
            "{error:?}"
        );
    }

    #[test]
    fn the_policy_comes_before_the_first_packet() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
        listener
            .set_nonblocking(true)
            .expect("because it is a socket");
        let port = listener.local_addr().expect("because it is bound").port();
        let policy = Policy::public()
            .allow_scheme(Scheme::Git, true)
            .allow_port(port);
        let error = dial(&endpoint(port), &policy, &watch()).err();
        assert!(
            matches!(error, Some(RemoteError::NotAllowed(_))),
            "{error:?}"
        );
        let accepted = listener.accept();
        assert_eq!(
            accepted.map_err(|error| error.kind()).err(),
            Some(io::ErrorKind::WouldBlock)
        );
    }

    #[test]
    fn the_next_address_is_tried_when_one_refuses() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
        let open = listener.local_addr().expect("because it is bound");
        let closed = SocketAddr::from((Ipv4Addr::LOCALHOST, closed_port()));
        connect(&endpoint(open.port()), &[closed, open], &watch()).expect("because one listens");
    }

    /// A port whose queue is full, so that the system leaves new connections without an answer.
    #[cfg(target_os = "linux")]
    fn full_port() -> (u16, Vec<Socket>) {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener =
            Socket::new(Domain::IPV4, Type::STREAM, None).expect("because of descriptors");
        listener.bind(&any.into()).expect("because a port is free");
        listener.listen(0).expect("because it is bound");
        let address = listener.local_addr().expect("because it is bound");
        let address = address.as_socket().expect("because it is IPv4");
        let mut sockets = vec![listener];
        for _ in 0..4 {
            sockets.push(start(address).expect("because there are descriptors"));
        }
        (address.port(), sockets)
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn connections_that_nobody_answers_end() {
        let (port, _sockets) = full_port();
        let timeouts = Timeouts::default().connect(Duration::from_millis(300));
        let watch = Watch::start(timeouts, &Cancel::new(), &Progress::new());
        let error = dial(&endpoint(port), &Policy::unrestricted(), &watch).err();
        assert!(
            matches!(error, Some(RemoteError::Timeout(Waited::Connect(_)))),
            "{error:?}"
        );

        let cancel = Cancel::new();
        let watch = Watch::start(Timeouts::default(), &cancel, &Progress::new());
        let switch = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            cancel.cancel();
        });
        let begun = Instant::now();
        let error = dial(&endpoint(port), &Policy::unrestricted(), &watch).err();
        assert!(matches!(error, Some(RemoteError::Cancelled)), "{error:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the timeout is 30 s"
        );
        switch.join().expect("because it does not panic");
    }
}
