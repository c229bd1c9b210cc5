//! What servers answer, and what it means.

use std::io::Write as _;
use std::time::Duration;

use proptest::prelude::*;

use super::server::{REFS, Reply, Server};
use super::*;
use crate::error::{ErrorKind, StageError as _};

const RESULT: &str = "application/x-git-upload-pack-result";

#[test]
fn refs_and_a_request_go_over_one_connection() {
    let server = Server::start(|request| match request.method.as_str() {
        "GET" => Reply::refs(),
        _ => Reply::typed(RESULT, [b"got ", &request.body[..]].concat()),
    });
    let url = server.url("/a/b.git");
    let options = options();
    let watch = watch(&options);
    let mut client = client(&remote(&url), &options, &watch);
    let refs = whole(client.refs().expect("because the server answers"));
    let refs = refs.expect("because the answer is complete");
    assert_eq!(refs, REFS);
    assert_eq!(
        post(&client, b"want").expect("because it answers"),
        b"got want"
    );
    assert_eq!(
        post(&client, b"more").expect("because it answers"),
        b"got more"
    );

    assert_eq!(server.connections(), 1);
    let requests = server.requests();
    assert_eq!(
        requests[0].target,
        "/a/b.git/info/refs?service=git-upload-pack"
    );
    assert_eq!(requests[0].header("git-protocol"), Some("version=2"));
    assert_eq!(requests[0].header("accept-encoding"), Some("gzip"));
    let agent = requests[0]
        .header("user-agent")
        .expect("because there is one");
    assert!(agent.starts_with("git/gitlade-"), "{agent}");
    assert_eq!(requests[1].target, "/a/b.git/git-upload-pack");
    assert_eq!(
        requests[1].header("content-type"),
        Some("application/x-git-upload-pack-request")
    );
    assert!(watch.progress().snapshot().received_bytes > REFS.len() as u64);
}

#[test]
fn the_user_agent_is_the_hosts_choice() {
    let server = Server::start(|_| Reply::refs());
    let url = server.url("/a/b.git");
    let options = options().user_agent("git/2.51.0 (host)");
    assert_eq!(
        shake_hands(&url, &options).expect("because it answers"),
        url
    );
    assert_eq!(
        server.requests()[0].header("user-agent"),
        Some("git/2.51.0 (host)")
    );
}

#[test]
fn parameters_of_content_types_do_not_matter() {
    let kind = "Application/X-Git-Upload-Pack-Advertisement; charset=utf-8";
    let server = Server::start(move |_| Reply::typed(kind, REFS));
    shake_hands(&server.url("/a"), &options()).expect("because it is the right type");
}

#[test]
fn gzip_is_undone() {
    let server = Server::start(|request| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let (kind, plain) = match request.method.as_str() {
            "GET" => ("application/x-git-upload-pack-advertisement", REFS.to_vec()),
            _ => (RESULT, vec![b'x'; 1 << 20]),
        };
        encoder
            .write_all(&plain)
            .expect("because a Vec takes everything");
        let body = encoder.finish().expect("because a Vec takes everything");
        let headers = vec![
            ("Content-Type", kind.to_owned()),
            ("Content-Encoding", "gzip".to_owned()),
        ];
        Reply::Answer(200, headers, body)
    });
    let url = server.url("/a");
    shake_hands(&url, &options()).expect("because it answers");
    let options = options();
    let client = client(&remote(&url), &options, &watch(&options));
    let bytes = post(&client, b"").expect("because it answers");
    assert_eq!(bytes, vec![b'x'; 1 << 20]);
}

#[test]
fn each_status_has_its_kind() {
    let limited = vec![("X-RateLimit-Remaining", "0".to_owned())];
    let retry = vec![("Retry-After", "7".to_owned())];
    for (status, headers, kind, transient) in [
        (401, vec![], ErrorKind::AuthenticationRequired, false),
        (403, vec![], ErrorKind::AccessDenied, false),
        (403, limited, ErrorKind::RateLimited, true),
        (403, retry.clone(), ErrorKind::RateLimited, true),
        (404, vec![], ErrorKind::RepositoryNotFound, false),
        (410, vec![], ErrorKind::RepositoryNotFound, false),
        (451, vec![], ErrorKind::AccessDenied, false),
        (429, retry.clone(), ErrorKind::RateLimited, true),
        (400, vec![], ErrorKind::Server, false),
        (405, vec![], ErrorKind::NotAGitServer, false),
        (500, vec![], ErrorKind::Server, false),
        (502, vec![], ErrorKind::Server, true),
        (503, retry, ErrorKind::Server, true),
        (504, vec![], ErrorKind::Server, true),
        (501, vec![], ErrorKind::NotAGitServer, false),
        (204, vec![], ErrorKind::Protocol, false),
        (304, vec![], ErrorKind::Protocol, false),
        (999, vec![], ErrorKind::Protocol, false),
    ] {
        let waits = headers.iter().any(|(name, _)| *name == "Retry-After");
        let server = Server::start(move |_| Reply::Answer(status, headers.clone(), vec![]));
        let error = shake_hands(&server.url("/a"), &options()).expect_err("because it fails");
        assert_eq!(error.kind(), kind, "{status}: {error:?}");
        assert_eq!(error.is_transient(), transient, "{status}");
        let wait = waits.then_some(Duration::from_secs(7));
        assert_eq!(error.retry_after(), wait, "{status}");
    }
}

#[test]
fn what_the_server_says_is_shown_clean() {
    let body = format!("\x1b[31mNo   such\r\nrepository {}", "x".repeat(5000));
    let server = Server::start(move |_| {
        let headers = vec![("Content-Type", "text/plain".to_owned())];
        Reply::Answer(404, headers, body.clone().into_bytes())
    });
    let error = shake_hands(&server.url("/a"), &options()).expect_err("because it fails");
    let text = error.to_string();
    assert!(text.contains(": [31mNo such repository xxx"), "{text}");
    assert!(
        text.chars().count() < 260 && !text.chars().any(char::is_control),
        "{text}"
    );
}

#[test]
fn what_is_no_git_server_is_said() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    let dumb = format!("{id}\trefs/heads/main\n");
    for (reply, reason) in [
        (
            Reply::typed("text/html; charset=utf-8", "<p>hi"),
            NotGit::WebPage,
        ),
        (
            Reply::typed("text/plain", "\n<!doctype HTML><p>hi"),
            NotGit::WebPage,
        ),
        (
            Reply::typed("text/plain; charset=utf-8", dumb.clone()),
            NotGit::DumbHttp,
        ),
        (
            Reply::Answer(200, vec![], dumb.into_bytes()),
            NotGit::DumbHttp,
        ),
        (
            Reply::typed("application/JSON", "{}"),
            NotGit::ContentType("application/json".into()),
        ),
        (
            Reply::typed("text/plain", REFS),
            NotGit::ContentType("text/plain".into()),
        ),
        (Reply::status(200), NotGit::NoContentType),
    ] {
        let reply = std::sync::Mutex::new(Some(reply));
        let server = Server::start(move |_| {
            let mut reply = reply.lock().expect("because nobody panics");
            reply.take().expect("because there is one request")
        });
        let error = shake_hands(&server.url("/a"), &options()).expect_err("because it is not Git");
        assert!(
            matches!(&error, RemoteError::NotAGitServer(found) if *found == reason),
            "{reason:?}: {error:?}"
        );
    }
}

#[test]
fn broken_answers_are_protocol_errors() {
    let many = "X: y\r\n".repeat(200);
    let types = "Content-Type: application/x-git-upload-pack-advertisement";
    for (answer, kind) in [
        ("".to_owned(), ErrorKind::ConnectionFailed),
        ("nonsense\r\n\r\n".to_owned(), ErrorKind::Protocol),
        ("HTTP/1.1 abc\r\n\r\n".to_owned(), ErrorKind::Protocol),
        (
            format!("HTTP/1.1 200 OK\r\n{types}"),
            ErrorKind::ConnectionFailed,
        ),
        (
            format!("HTTP/1.1 200 OK\r\n{many}\r\n"),
            ErrorKind::Protocol,
        ),
        (
            format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(70_000)),
            ErrorKind::LimitExceeded,
        ),
        (
            format!("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n{types}\r\n\r\n"),
            ErrorKind::Protocol,
        ),
        (
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{types}\r\n\r\nzz\r\n"),
            ErrorKind::Protocol,
        ),
        (
            format!("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n{types}\r\n\r\n001e# ser"),
            ErrorKind::ConnectionFailed,
        ),
        (
            format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n{types}\r\n\r\nnot gzip!"
            ),
            ErrorKind::Protocol,
        ),
        (
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
            ErrorKind::Protocol,
        ),
    ] {
        let shown: String = answer.chars().take(90).collect();
        let server = Server::start(move |_| Reply::Raw(answer.clone().into_bytes()));
        let error = shake_hands(&server.url("/a"), &options()).expect_err("because it is broken");
        assert_eq!(error.kind(), kind, "{shown:?}: {error:?}");
    }
}

#[test]
fn the_cap_on_headers_is_named() {
    let server = Server::start(|_| Reply::Answer(404, vec![("X", "y".repeat(300_000))], vec![]));
    let url = remote(&server.url("/a"));
    for (cap, kind) in [
        (200_000, "limit"),
        (400_000, "status"),
        (u64::MAX, "status"),
    ] {
        let options = options();
        let limits = Limits::default().max_header_bytes(cap);
        let watch = watch(&options);
        let mut client =
            HttpClient::new(&url, &options, &limits, &watch).expect("because it is valid");
        let error = client.refs().err().expect("because it fails");
        assert_eq!(
            error.limit(),
            (kind == "limit").then_some("max_header_bytes"),
            "{error:?}"
        );
    }
}

/// Answers that work, to be damaged.
const SEEDS: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\
     Transfer-Encoding: chunked\r\n\r\n5\r\n001e#\r\n19\r\n service=git-upload-pack\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\
     Content-Length: 30\r\nConnection: close\r\n\r\n001e# service=git-upload-pack\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b/info/refs?service=\
     git-upload-pack\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Encoding: gzip\r\n\r\nabc",
    "HTTP/1.1 429 Slow\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/html\r\n\
     \r\n<html><title>slow</title>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_answers_end(
        seed in 0..SEEDS.len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0..3), 0..6),
    ) {
        let mut answer = SEEDS[seed].as_bytes().to_vec();
        for (index, byte, kind) in changes {
            let index = index.index(answer.len());
            match kind {
                0 => answer[index] = byte,
                1 => answer.insert(index, byte),
                _ => answer.truncate(index.max(1)),
            }
        }
        let server = Server::start(move |_| Reply::Raw(answer.clone()));
        let url = server.url("/a");
        let options = options();
        let watch = watch(&options);
        let mut client = client(&remote(&url), &options, &watch);
        if let Ok(mut answer) = client.refs() {
            let mut body = Vec::new();
            let read = answer.read_to_end(&mut body);
            prop_assert!(body.len() <= 1000);
            if let Err(error) = read {
                prop_assert!(RemoteError::find(&error).is_some(), "{error:?}");
            }
        }
    }
}
