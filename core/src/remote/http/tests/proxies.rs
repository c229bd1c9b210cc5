//! HTTP and SOCKS proxies on loopback.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::secure::Authority;
use super::server::{Reply, Server};
use super::*;
use crate::error::{ErrorKind, StageError as _};
use crate::remote::proxy::Proxy;

/// Accepts one connection, lets `greet` speak with the client, and joins it to what `greet` dialled.
/// What `greet` learnt comes over the channel.
fn proxy(
    greet: impl FnOnce(&mut TcpStream) -> io::Result<(String, Option<SocketAddr>)> + Send + 'static,
) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
    let port = listener.local_addr().expect("because it is bound").port();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || -> io::Result<()> {
        let (mut client, _) = listener.accept()?;
        let (learnt, target) = greet(&mut client)?;
        let _ = sender.send(learnt);
        let Some(target) = target else { return Ok(()) };
        let mut server = TcpStream::connect(target)?;
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || io::copy(&mut from, &mut to));
        io::copy(&mut server, &mut client)?;
        client.shutdown(std::net::Shutdown::Both)
    });
    (port, receiver)
}

fn read_until_blank(client: &mut TcpStream) -> io::Result<String> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        text.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn through(proxy: &str) -> RemoteOptions {
    options().proxy(Proxy::parse(proxy).expect("because it is a proxy"))
}

#[test]
fn http_proxies_are_asked_for_a_tunnel() {
    let authority = Authority::new("authority");
    let server = Server::start_tls(authority.certify(|_| {}), |_| Reply::refs());
    let target = server.address;
    let (port, learnt) = proxy(move |client| {
        let request = read_until_blank(client)?;
        client.write_all(b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n")?;
        Ok((request, Some(target)))
    });
    let options =
        through(&format!("http://me:s3cret@127.0.0.1:{port}")).ca_certificate(authority.pem());
    // The proxy finds the host; here nobody could.
    let url = format!("https://localhost:{}/a", target.port());
    shake_hands(&url, &options).expect("because the proxy leads there");
    let request = learnt.recv().expect("because the proxy was asked");
    let authority = format!("localhost:{}", target.port());
    // printf 'me:s3cret' | base64
    assert_eq!(
        request,
        format!(
            "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\
             Proxy-Authorization: Basic bWU6czNjcmV0\r\n\r\n"
        )
    );
}

#[test]
fn socks_proxies_get_names_or_addresses() {
    for (scheme, host) in [("socks5", "ip"), ("socks5h", "name")] {
        let server = Server::start(|_| Reply::refs());
        let target = server.address;
        let (port, learnt) = proxy(move |client| {
            let mut hello = [0; 4];
            client.read_exact(&mut hello)?;
            assert_eq!(hello, [5, 2, 0, 2]);
            client.write_all(&[5, 2])?;
            let mut login = [0; 11];
            client.read_exact(&mut login)?;
            assert_eq!(&login, b"\x01\x02me\x06s3cret");
            client.write_all(&[1, 0])?;
            let mut head = [0; 4];
            client.read_exact(&mut head)?;
            let learnt = match head {
                [5, 1, 0, 1] => {
                    let mut rest = [0; 6];
                    client.read_exact(&mut rest)?;
                    format!("ip {:?}", &rest[..4])
                }
                [5, 1, 0, 4] => {
                    let mut rest = [0; 18];
                    client.read_exact(&mut rest)?;
                    format!("ip {:?}", &rest[..16])
                }
                [5, 1, 0, 3] => {
                    let mut len = [0];
                    client.read_exact(&mut len)?;
                    let mut rest = vec![0; usize::from(len[0]) + 2];
                    client.read_exact(&mut rest)?;
                    format!("name {}", String::from_utf8_lossy(&rest[..rest.len() - 2]))
                }
                other => panic!("{other:?}"),
            };
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
            Ok((learnt, Some(target)))
        });
        let options = through(&format!("{scheme}://me:s3cret@127.0.0.1:{port}"));
        let url = format!("http://localhost:{}/a", target.port());
        shake_hands(&url, &options).expect("because the proxy leads there");
        let learnt = learnt.recv().expect("because the proxy was asked");
        match host {
            "name" => assert_eq!(learnt, "name localhost"),
            _ => assert!(
                learnt == "ip [127, 0, 0, 1]" || learnt.ends_with(" 1]"),
                "{learnt}"
            ),
        }
    }
}

#[test]
fn refusals_of_proxies_are_said() {
    for (answer, reason) in [
        (
            &b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"[..],
            "it asks for credentials",
        ),
        (
            b"HTTP/1.1 403 Forbidden\r\n\r\n",
            "it answered with status 403",
        ),
        (
            b"HTTP/1.0 502 Bad Gateway\r\n\r\n",
            "it answered with status 502",
        ),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "it does not speak HTTP"),
        (b"\r\n\r\n", "it does not speak HTTP"),
        (
            b"HTTP/1.1 2",
            "the server closed the connection before its answer was complete",
        ),
        (
            b"",
            "the server closed the connection before its answer was complete",
        ),
    ] {
        let (port, _) = proxy(move |client| {
            read_until_blank(client)?;
            client.write_all(answer)?;
            Ok((String::new(), None))
        });
        let options = through(&format!("127.0.0.1:{port}"));
        let error = shake_hands("https://git.example/a", &options).expect_err("because it refuses");
        assert!(
            matches!(&error, RemoteError::Proxy { reason: r, .. } if r == reason),
            "{reason}: {error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Proxy);
    }
}

#[test]
fn refusals_of_socks_proxies_are_said() {
    for (hello, answer, reason) in [
        (
            &[5, 0][..],
            &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0][..],
            "its rules do not allow the connection",
        ),
        (
            &[5, 0],
            &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0],
            "the host refuses connections",
        ),
        (
            &[5, 0],
            &[5, 0, 0, 9, 0, 0, 0, 0, 0, 0],
            "it does not speak SOCKS 5",
        ),
        (&[5, 0xff], &[], "it asks for credentials"),
        (&[4, 0], &[], "it does not speak SOCKS 5"),
    ] {
        let (port, _) = proxy(move |client| {
            client.read_exact(&mut [0; 3])?;
            client.write_all(hello)?;
            if !answer.is_empty() {
                client.read_exact(&mut [0; 5 + 11 + 2])?;
                client.write_all(answer)?;
            }
            Ok((String::new(), None))
        });
        let options = through(&format!("socks5h://127.0.0.1:{port}"));
        let error = shake_hands("https://git.example/a", &options).expect_err("because it refuses");
        assert!(
            matches!(&error, RemoteError::Proxy { reason: r, .. } if r == reason),
            "{reason}: {error:?}"
        );
    }
}

#[test]
fn a_proxy_that_is_not_there_is_the_proxys_failure() {
    let port = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
        listener.local_addr().expect("because it is bound").port()
    };
    let options = through(&format!("socks5h://127.0.0.1:{port}"));
    let error = shake_hands("https://git.example/a", &options).expect_err("because nobody listens");
    assert!(matches!(error, RemoteError::Proxy { .. }), "{error:?}");
}

#[test]
fn the_policy_judges_targets_behind_proxies() {
    for (proxy, url) in [
        ("socks5://127.0.0.1:1", "http://localhost/a"),
        ("socks5h://127.0.0.1:1", "http://localhost/a"),
        ("http://127.0.0.1:1", "https://localhost/a"),
        ("http://127.0.0.1:1", "https://169.254.169.254/a"),
        ("http://127.0.0.1:1", "https://[::ffff:10.0.0.1]/a"),
        ("http://127.0.0.1:1", "https://git.example:8443/a"),
    ] {
        let options = through(proxy).policy(Policy::public());
        let error = shake_hands(url, &options).expect_err("because it is denied");
        assert!(
            matches!(error, RemoteError::NotAllowed(_)),
            "{proxy} {url}: {error:?}"
        );
    }
}

#[test]
fn proxies_are_read_and_shown_without_secrets() {
    for (text, shown) in [
        ("proxy.example:3128", Some("http://proxy.example:3128")),
        ("http://proxy.example", Some("http://proxy.example:80")),
        ("https://me:c4nary@proxy", Some("https://proxy:443")),
        (
            "HTTP://me:c4nary@proxy.example:3128/",
            Some("http://proxy.example:3128"),
        ),
        ("socks5://c4nary@[::1]", Some("socks5://[::1]:1080")),
        (
            "socks5h://me:c4n%61ry@host:9050",
            Some("socks5h://host:9050"),
        ),
        ("ftp://c4nary@host", None),
        ("socks4://host", None),
        ("http://c4nary@host/path", None),
        ("http://c4nary@0x7f.1", None),
        ("http://me:c4nary\r\n@host", None),
        ("http://a%3Ab:c4nary@host", None),
        ("", None),
    ] {
        match Proxy::parse(text) {
            Ok(proxy) => {
                assert_eq!(Some(proxy.to_string().as_str()), shown);
                assert!(!format!("{proxy:?}").contains("c4nary"), "{proxy:?}");
            }
            Err(error) => {
                assert_eq!(shown, None, "{text}: {error}");
                assert!(
                    !format!("{error} {error:?}").contains("c4nary"),
                    "{error:?}"
                );
            }
        }
    }
}
