//! Servers that keep one waiting.

use std::time::{Duration, Instant};

use super::server::{Reply, Server};
use super::*;
use crate::remote::error::Waited;
use crate::remote::proxy::Proxy;

/// Where a server stops to go on.
fn points() -> Vec<(&'static str, Vec<u8>)> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n";
    vec![
        ("before the answer", vec![]),
        ("in the status", b"HTTP/1.1 2".to_vec()),
        ("in the headers", b"HTTP/1.1 200 OK\r\nContent-T".to_vec()),
        (
            "before the body",
            format!("{head}Content-Length: 99\r\n\r\n").into(),
        ),
        (
            "in the body",
            format!("{head}Content-Length: 99\r\n\r\n001e# serv").into(),
        ),
        (
            "in a chunk's size",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n0").into(),
        ),
        (
            "in a chunk",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n1f4\r\n001e").into(),
        ),
        (
            "in an error's text",
            b"HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\nsorry".to_vec(),
        ),
    ]
}

#[test]
fn silence_ends_in_a_stall() {
    for (point, bytes) in points() {
        let server = Server::start(move |_| Reply::Silence(bytes.clone()));
        let options = options().timeouts(Timeouts::default().stall(Duration::from_millis(300)));
        let error = shake_hands(&server.url("/a"), &options).expect_err("because it is silent");
        let expected = match point {
            // What the status says is known, and enough.
            "in an error's text" => matches!(error, RemoteError::AccessDenied { .. }),
            _ => matches!(error, RemoteError::Timeout(Waited::Stall(_))),
        };
        assert!(expected, "{point}: {error:?}");
    }
}

#[test]
fn silence_ends_with_the_deadline() {
    for (point, bytes) in points() {
        let server = Server::start(move |_| Reply::Silence(bytes.clone()));
        let options = options().timeouts(Timeouts::default().total(Duration::from_millis(300)));
        let error = shake_hands(&server.url("/a"), &options).expect_err("because it is silent");
        assert!(
            matches!(error, RemoteError::Timeout(Waited::Deadline(_))),
            "{point}: {error:?}"
        );
    }
}

#[test]
fn silence_ends_with_cancel() {
    for (point, bytes) in points() {
        let server = Server::start(move |_| Reply::Silence(bytes.clone()));
        let options = options().timeouts(Timeouts::default());
        let cancel = Cancel::new();
        let watch = Watch::start(options.timeouts, &cancel, &Progress::new());
        let switch = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            cancel.cancel();
        });
        let begun = Instant::now();
        let error = shake_hands_watched(&server.url("/a"), &options, &watch)
            .expect_err("because it is silent");
        assert!(
            matches!(error, RemoteError::Cancelled),
            "{point}: {error:?}"
        );
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the stall timeout is 60 s"
        );
        switch.join().expect("because it does not panic");
    }
}

#[test]
fn dripping_ends_in_slow() {
    for point in ["in the headers", "in the body"] {
        let (_, bytes) = points()
            .into_iter()
            .find(|(name, _)| *name == point)
            .expect("because it is in the table");
        // A body that would take for ever.
        let bytes = String::from_utf8(bytes).expect("because it is text");
        let bytes = bytes.replace("Content-Length: 99", "Content-Length: 999999999");
        let server = Server::start(move |_| Reply::Drip(bytes.clone().into_bytes()));
        let timeouts = Timeouts::default().min_rate(5000, Duration::from_millis(300));
        let options = options().timeouts(timeouts);
        let url = server.url("/a");
        let watch = watch(&options);
        let mut client = client(&remote(&url), &options, &watch);
        let answer = client.refs();
        let error = answer.and_then(whole).expect_err("because it never ends");
        assert!(
            matches!(error, RemoteError::Timeout(Waited::Slow { .. })),
            "{point}: {error:?}"
        );
    }
}

#[test]
fn handshakes_that_nobody_answers_end() {
    // The system accepts; the server never does.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("because a port is free");
    let address = listener.local_addr().expect("because it is bound");
    let tls = format!("https://{address}/a");
    for (case, url, proxy) in [
        ("tls", tls.as_str(), None),
        (
            "connect",
            "https://git.example/a",
            Some(format!("http://{address}")),
        ),
        (
            "socks",
            "https://git.example/a",
            Some(format!("socks5h://{address}")),
        ),
    ] {
        let proxy = proxy.map(|text| Proxy::parse(&text).expect("because it is a proxy"));
        let timeouts = Timeouts::default().stall(Duration::from_millis(300));
        let options = options().timeouts(timeouts).proxy(proxy);
        let error = shake_hands(url, &options).expect_err("because it is silent");
        assert!(
            matches!(error, RemoteError::Timeout(Waited::Stall(_))),
            "{case}: {error:?}"
        );
    }
}
