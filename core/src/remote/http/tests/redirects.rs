//! Redirects: which are followed, and what goes along.

use super::server::{Reply, Server};
use super::*;
use crate::error::{ErrorKind, StageError as _};
use crate::remote::address::AddressClass;
use crate::remote::credentials::Credentials;

const TAIL: &str = "/info/refs?service=git-upload-pack";

#[test]
fn the_base_moves_along() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(move |request| match request.target.as_str() {
            "/old/info/refs?service=git-upload-pack" => {
                Reply::redirect(status, format!("/new/repo.git{TAIL}"))
            }
            _ => Reply::refs(),
        });
        let found = shake_hands(&server.url("/old"), &options()).expect("because it leads on");
        assert_eq!(found, server.url("/new/repo.git"), "{status}");
    }
}

#[test]
fn another_host_gets_no_credentials() {
    let other = Server::start(|_| Reply::refs());
    let target = format!("http://localhost:{}/b{TAIL}", other.address.port());
    let server = Server::start(move |_| Reply::redirect(302, &target));
    let options = options()
        .credentials(Credentials::token("c4nary"))
        .plain_http_credentials(true);
    let found = shake_hands(&server.url("/a"), &options).expect("because it leads on");
    assert_eq!(
        found,
        format!("http://localhost:{}/b", other.address.port())
    );
    assert!(server.requests()[0].header("authorization").is_some());
    assert_eq!(other.requests()[0].header("authorization"), None);
}

#[test]
fn another_port_is_another_authority() {
    let other = Server::start(|_| Reply::status(401));
    let target = other.url(&format!("/b{TAIL}"));
    let server = Server::start(move |_| Reply::redirect(302, &target));
    let options = options()
        .credentials(Credentials::token("c4nary"))
        .plain_http_credentials(true);
    let error = shake_hands(&server.url("/a"), &options).expect_err("because it asks");
    assert!(
        matches!(
            error,
            RemoteError::AuthenticationRequired {
                after_redirect: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(other.requests()[0].header("authorization"), None);
}

#[test]
fn the_same_authority_gets_them_again() {
    let server = Server::start(|request| match request.target.starts_with("/old") {
        true => Reply::redirect(301, format!("/new{TAIL}")),
        false => Reply::refs(),
    });
    let options = options()
        .credentials(Credentials::token("t0ken"))
        .plain_http_credentials(true);
    shake_hands(&server.url("/old"), &options).expect("because it leads on");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        requests[0].header("authorization"),
        requests[1].header("authorization")
    );
    assert!(requests[1].header("authorization").is_some());
}

#[test]
fn loops_end() {
    let server = Server::start(|request| Reply::redirect(302, request.target.clone()));
    let error = shake_hands(&server.url("/a"), &options()).expect_err("because it never ends");
    assert!(
        matches!(error, RemoteError::TooManyRedirects(5)),
        "{error:?}"
    );
    assert_eq!(server.requests().len(), 6);
    let none = options().max_redirects(0);
    let error = shake_hands(&server.url("/a"), &none).expect_err("because none is followed");
    assert!(
        matches!(error, RemoteError::TooManyRedirects(0)),
        "{error:?}"
    );
}

#[test]
fn targets_that_are_not_followed() {
    for (location, kind) in [
        (format!("ftp://host/a{TAIL}"), ErrorKind::NotAllowed),
        (format!("file:///etc/passwd{TAIL}"), ErrorKind::NotAllowed),
        (format!("https://me:pw@host/a{TAIL}"), ErrorKind::NotAllowed),
        (format!("https://0x7f.1/a{TAIL}"), ErrorKind::NotAllowed),
        (format!("/../a{TAIL}"), ErrorKind::NotAllowed),
        ("/elsewhere".to_owned(), ErrorKind::NotAGitServer),
        ("/info/refs".to_owned(), ErrorKind::NotAGitServer),
        (
            "/info/refs?service=git-receive-pack".to_owned(),
            ErrorKind::NotAGitServer,
        ),
        (
            "/users/sign_in".to_owned(),
            ErrorKind::AuthenticationRequired,
        ),
        (
            "https://login.example/oauth2/authorize?x".to_owned(),
            ErrorKind::AuthenticationRequired,
        ),
    ] {
        let to = location.clone();
        let server = Server::start(move |_| Reply::redirect(302, &to));
        let error = shake_hands(&server.url("/a"), &options()).expect_err("because it is refused");
        assert_eq!(error.kind(), kind, "{location}: {error:?}");
        assert_eq!(server.requests().len(), 1);
        assert!(!error.to_string().contains("pw"), "{error}");
    }
}

#[test]
fn every_target_is_asked_of_the_policy() {
    for (host, class) in [
        ("169.254.169.254", AddressClass::Metadata),
        ("[fd00:ec2::254]", AddressClass::Metadata),
        ("10.0.0.1", AddressClass::Private),
        ("[::ffff:10.0.0.1]", AddressClass::Private),
        ("[::1]", AddressClass::Loopback),
        ("localhost", AddressClass::Loopback),
        ("0.0.0.0", AddressClass::Unspecified),
    ] {
        let server = Server::start(move |_| {
            Reply::redirect(302, format!("http://{host}/latest/meta-data{TAIL}"))
        });
        // Allowed is the first server, and no other.
        let first = server.address;
        let policy = Policy::unrestricted().allow_addresses(class, false);
        let policy = match class {
            AddressClass::Loopback => {
                Policy::unrestricted().check_with(move |to| to.port == first.port())
            }
            _ => policy,
        };
        let options = options().policy(policy);
        let error = shake_hands(&server.url("/a"), &options).expect_err("because it is denied");
        assert!(
            matches!(error, RemoteError::NotAllowed(_)),
            "{host}: {error:?}"
        );
    }
}

#[test]
fn posts_are_not_redirected() {
    let server = Server::start(|_| Reply::redirect(307, "/elsewhere"));
    let url = server.url("/a");
    let options = options();
    let client = client(&remote(&url), &options, &watch(&options));
    let error = post(&client, b"want").expect_err("because it is a redirect");
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(server.requests().len(), 1);
}
