//! An HTTP proxy that makes tunnels, in the clear or over TLS.

use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::{Channel, Request, Response};
use super::tcp::{TcpServer, lock};
use super::tls::Tls;

/// How long one side of a tunnel may be silent before the other one is looked at.
const GLANCE: Duration = Duration::from_millis(2);

/// A proxy on `127.0.0.1`, as long as it is not dropped. It makes tunnels to wherever it is asked.
pub struct HttpProxy {
    tcp: TcpServer,
    authority_pem: Option<String>,
    log: Arc<Mutex<Vec<Request>>>,
}

impl HttpProxy {
    /// Begins to serve whoever says `authorization`, the value of a header; everybody if it is
    /// `None`.
    pub fn start(tls: Option<Tls>, authorization: Option<String>) -> Self {
        let authority_pem = tls.as_ref().map(|tls| tls.authority_pem().to_owned());
        let log = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&log);
        let tcp = TcpServer::start(move |stream, _| {
            let authorization = authorization.as_deref();
            // A client that goes away is no fault of the proxy.
            let _ = stream.try_clone().and_then(|socket| match &tls {
                Some(tls) => converse(tls.accept(stream), &socket, authorization, &requests),
                None => converse(stream, &socket, authorization, &requests),
            });
        });
        HttpProxy {
            tcp,
            authority_pem,
            log,
        }
    }

    /// Its URL, with `login` (`user:password`) if that is not empty.
    pub fn url(&self, login: &str) -> String {
        let scheme = match self.authority_pem {
            Some(_) => "https",
            None => "http",
        };
        let at = if login.is_empty() { "" } else { "@" };
        format!("{scheme}://{login}{at}127.0.0.1:{}", self.tcp.port())
    }

    /// The certificate of the authority to trust, with TLS.
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// The requests so far; the path of one is the target, `host:port`.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.log).clone()
    }
}

fn converse(
    channel: impl Channel,
    socket: &TcpStream,
    authorization: Option<&str>,
    log: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    let mut client = BufReader::new(channel);
    let Some(request) = Request::read(&mut client)? else {
        return Ok(());
    };
    lock(log).push(request.clone());
    let client = client.get_mut();
    if request.method != "CONNECT" {
        return Response::status(400).send(client);
    }
    if authorization.is_some() && request.header("proxy-authorization") != authorization {
        return Response::status(407).send(client);
    }
    let Ok(mut server) = TcpStream::connect(&request.path) else {
        return Response::status(502).send(client);
    };
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
    client.flush()?;
    socket.set_read_timeout(Some(GLANCE))?;
    server.set_read_timeout(Some(GLANCE))?;
    let mut buffer = vec![0; 64 << 10];
    // One thread, because a TLS connection cannot be split.
    loop {
        let from_client = pass_on(client, &mut server, &mut buffer)?;
        let from_server = pass_on(&mut server, client, &mut buffer)?;
        if !from_client || !from_server {
            return Ok(());
        }
    }
}

/// Passes on what there is; `false` at the end.
fn pass_on(from: &mut impl Read, to: &mut impl Write, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read(buffer) {
        Ok(0) => Ok(false),
        Ok(count) => {
            to.write_all(&buffer[..count])?;
            to.flush()?;
            Ok(true)
        }
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(true),
            _ => Err(error),
        },
    }
}
