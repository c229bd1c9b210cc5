//! Who is asked, what is sent, and who learns of it.

use std::sync::{Arc, Mutex};

use super::server::{Reply, Request, Server};
use super::*;
use crate::remote::credentials::{CredentialProvider, CredentialRequest, Credentials};

/// A server that lets in whoever sends `header`.
fn guarded(header: &'static str) -> Server {
    Server::start(
        move |request: &Request| match request.header("authorization") {
            Some(sent) if sent == header => Reply::refs(),
            _ => {
                let headers = vec![
                    ("WWW-Authenticate", "Negotiate".to_owned()),
                    ("WWW-Authenticate", "Basic realm=\"the \tvault\"".to_owned()),
                    ("Content-Type", "text/plain".to_owned()),
                ];
                Reply::Answer(401, headers, b"Bad credentials".to_vec())
            }
        },
    )
}

// printf 'x-access-token:t0ken' | base64, and so on.
const TOKEN: &str = "Basic eC1hY2Nlc3MtdG9rZW46dDBrZW4=";
const OAUTH2: &str = "Basic b2F1dGgyOnQwa2Vu";

fn plain() -> RemoteOptions {
    options().plain_http_credentials(true)
}

fn sent(server: &Server) -> Vec<bool> {
    let requests = server.requests();
    requests
        .iter()
        .map(|r| r.header("authorization").is_some())
        .collect()
}

#[test]
fn each_form_is_sent() {
    for (credentials, header) in [
        (Credentials::token("t0ken"), TOKEN),
        (Credentials::token_as("oauth2", "t0ken\n"), OAUTH2),
        (Credentials::password("oauth2", "t0ken"), OAUTH2),
        (Credentials::bearer("t0ken"), "Bearer t0ken"),
    ] {
        let server = guarded(header);
        shake_hands(&server.url("/a"), &plain().credentials(credentials))
            .expect("because they fit");
        assert_eq!(sent(&server), [true]);
    }
}

#[test]
fn some_wait_until_they_are_asked_for() {
    let server = guarded(TOKEN);
    let options = plain().credentials(Credentials::token("t0ken").when_asked());
    shake_hands(&server.url("/a"), &options).expect("because they fit");
    assert_eq!(sent(&server), [false, true]);
    let open = Server::start(|_| Reply::refs());
    shake_hands(&open.url("/a"), &options).expect("because nobody asks");
    assert_eq!(sent(&open), [false]);
}

#[test]
fn once_asked_for_they_go_with_every_request() {
    let server =
        Server::start(
            |request| match (request.header("authorization"), &*request.method) {
                (None, _) => Reply::status(401),
                (_, "GET") => Reply::refs(),
                _ => Reply::typed("application/x-git-upload-pack-result", "pack"),
            },
        );
    let options = plain().credentials(Credentials::token("t0ken").when_asked());
    let url = server.url("/a");
    let mut client = client(&remote(&url), &options, &watch(&options));
    client.refs().expect("because they fit");
    post(&client, b"want").expect("because they fit");
    assert_eq!(sent(&server), [false, true, true]);
}

#[test]
fn without_and_with_wrong_ones_the_errors_differ() {
    let server = guarded(TOKEN);
    let error = shake_hands(&server.url("/a"), &plain()).expect_err("because it asks");
    assert!(
        matches!(
            error,
            RemoteError::AuthenticationRequired {
                after_redirect: false,
                ..
            }
        ),
        "{error:?}"
    );
    let options = plain().credentials(Credentials::token("expired"));
    let error = shake_hands(&server.url("/a"), &options).expect_err("because they are wrong");
    assert_eq!(
        error.to_string(),
        "127.0.0.1 refused the credentials: Bad credentials"
    );
}

#[test]
fn nothing_goes_in_the_clear_unless_allowed() {
    let server = guarded(TOKEN);
    let given = options().credentials(Credentials::token("t0ken"));
    let waiting = options().credentials(Credentials::token("t0ken").when_asked());
    let provided = options().credential_provider(|_: &CredentialRequest| -> Option<Credentials> {
        panic!("must not be asked")
    });
    for options in [given, waiting, provided] {
        let error = shake_hands(&server.url("/a"), &options).expect_err("because it is plain http");
        assert!(
            matches!(error, RemoteError::CredentialsInClear { .. }),
            "{error:?}"
        );
    }
    assert!(sent(&server).iter().all(|sent| !sent));
    // The first was refused before anything was dialled.
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_cannot_be_sent_is_not() {
    let server = guarded(TOKEN);
    let options = plain().credentials(Credentials::token("a\r\nX-Evil: 1"));
    let error = shake_hands(&server.url("/a"), &options).expect_err("because it breaks the header");
    assert!(
        matches!(error, RemoteError::InvalidCredentials { .. }),
        "{error:?}"
    );
    assert_eq!(server.requests().len(), 0);
}

/// Answers from a list, and keeps what it learns.
#[derive(Clone)]
struct Keychain {
    answers: Vec<&'static str>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Keychain {
    fn new(answers: &[&'static str]) -> Self {
        Keychain {
            answers: answers.to_vec(),
            log: Arc::default(),
        }
    }

    fn note(&self, what: &str, request: &CredentialRequest) {
        let CredentialRequest {
            url,
            realm,
            attempt,
            ..
        } = request;
        let realm = realm.as_deref().unwrap_or("-");
        let line = format!("{what} {url} {realm} {attempt}");
        self.log.lock().expect("because nobody panics").push(line);
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().expect("because nobody panics").clone()
    }
}

impl CredentialProvider for Keychain {
    fn find(&self, request: &CredentialRequest) -> Option<Credentials> {
        self.note("find", request);
        let answer = self.answers.get(request.attempt as usize - 1)?;
        Some(Credentials::token(*answer))
    }

    fn approve(&self, request: &CredentialRequest) {
        self.note("approve", request);
    }

    fn reject(&self, request: &CredentialRequest) {
        self.note("reject", request);
    }
}

#[test]
fn the_provider_is_asked_and_told() {
    let server = guarded(TOKEN);
    let url = server.url("/a/b.git");
    let keychain = Keychain::new(&["wrong", "t0ken"]);
    shake_hands(&url, &plain().credential_provider(keychain.clone())).expect("because one fits");
    assert_eq!(
        keychain.log(),
        [
            format!("find {url} the vault 1"),
            format!("reject {url} the vault 1"),
            format!("find {url} the vault 2"),
            format!("approve {url} the vault 2"),
        ]
    );
}

#[test]
fn the_provider_is_asked_three_times_at_most() {
    let server = guarded(TOKEN);
    let keychain = Keychain::new(&["one", "two", "three", "t0ken"]);
    let options = plain()
        .credentials(Credentials::token("given"))
        .credential_provider(keychain.clone());
    let error = shake_hands(&server.url("/a"), &options).expect_err("because none fits");
    assert!(
        matches!(error, RemoteError::AuthenticationFailed { .. }),
        "{error:?}"
    );
    let rejected = keychain
        .log()
        .iter()
        .filter(|line| line.starts_with("reject"))
        .count();
    assert_eq!((rejected, server.requests().len()), (3, 4));
}

#[test]
fn a_provider_that_gives_up_ends_it() {
    let server = guarded(TOKEN);
    let keychain = Keychain::new(&[]);
    let options = plain().credential_provider(keychain.clone());
    let error = shake_hands(&server.url("/a"), &options).expect_err("because there are none");
    assert!(
        matches!(error, RemoteError::AuthenticationRequired { .. }),
        "{error:?}"
    );
    assert_eq!(keychain.log().len(), 1);
}

#[test]
fn after_a_redirect_the_provider_sees_who_asks() {
    let server = guarded(TOKEN);
    let target = server.url("/b/info/refs?service=git-upload-pack");
    let first = Server::start(move |_| Reply::redirect(302, &target));
    let keychain = Keychain::new(&["t0ken"]);
    let options = plain()
        .credentials(Credentials::token("t0ken"))
        .credential_provider(keychain.clone());
    shake_hands(&first.url("/a"), &options).expect("because the provider has them");
    let url = server.url("/b");
    assert_eq!(
        keychain.log(),
        [
            format!("find {url} the vault 1"),
            format!("approve {url} the vault 1")
        ]
    );
}
