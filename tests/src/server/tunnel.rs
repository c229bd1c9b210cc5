//! An HTTP proxy that leads every host to one server.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::tcp::{TcpServer, lock};

/// A proxy on `127.0.0.1` that answers `CONNECT` to any host with a tunnel to one port of this
/// machine, so that tests can stand for hosts of the public.
pub struct Tunnel {
    tcp: TcpServer,
    hosts: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    /// Leads to `port`.
    pub fn to(port: u16) -> Self {
        let hosts = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::clone(&hosts);
        let tcp = TcpServer::start(move |client, _| {
            // Clients go away.
            let _ = join(client, port, &asked);
        });
        Tunnel { tcp, hosts }
    }

    /// The proxy's URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.tcp.port())
    }

    /// The hosts, with ports, that tunnels were asked for.
    pub fn hosts(&self) -> Vec<String> {
        lock(&self.hosts).clone()
    }
}

fn join(mut client: TcpStream, port: u16, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let host = head.split(' ').nth(1).unwrap_or_default();
    lock(asked).push(host.to_owned());
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    let forth = thread::spawn(move || {
        let copied = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
        copied
    });
    let back = io::copy(&mut server, &mut client);
    let _ = client.shutdown(Shutdown::Both);
    let _ = forth.join();
    back.map(drop)
}
