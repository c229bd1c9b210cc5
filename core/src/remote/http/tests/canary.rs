//! A secret that must not turn up anywhere, in situations that fail.

use std::sync::{Mutex, OnceLock};

use super::server::{Reply, Request, Server};
use super::*;
use crate::remote::credentials::{CredentialRequest, Credentials};

const CANARY: &str = "c4nary/S3cret+t0ken";
/// The canary alone, and with the users that the cases send, as `base64` prints it: the parts that
/// do not depend on where in the encoded text it stands.
const ENCODED: &[&str] = &[
    "YzRuYXJ5L1MzY3JldCt0MGtl",
    "NG5hcnkvUzNjcmV0K3Qwa2Vu",
    "RuYXJ5L1MzY3JldCt0MGtlb",
];

/// Keeps what the libraries below log.
struct Recorder(Mutex<String>);

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut text = self.0.lock().expect("because nobody panics");
        text.push_str(&format!("{}\n", record.args()));
    }

    fn flush(&self) {}
}

fn recorder() -> &'static Recorder {
    static RECORDER: OnceLock<Recorder> = OnceLock::new();
    let recorder = RECORDER.get_or_init(|| Recorder(Mutex::new(String::new())));
    // Another test may have been first.
    let _ = log::set_logger(recorder);
    log::set_max_level(log::LevelFilter::Trace);
    recorder
}

fn check(case: &str, text: &str) {
    let encoded = CANARY.replace('/', "%2F").replace('+', "%2B");
    let forms = [CANARY, &encoded, &CANARY.replace('+', "%2B")].map(str::to_owned);
    for form in forms
        .iter()
        .map(String::as_str)
        .chain(ENCODED.iter().copied())
    {
        assert!(!text.contains(form), "{case} shows {form}: {text}");
    }
}

/// All that a host could show or store of an error.
fn shown(error: RemoteError) -> String {
    let found = format!("{error} {error:?} {error:#?}");
    let error = crate::Error::from(error);
    let mut text = format!(
        "{found} {error} {error:?} {:?} {:?}",
        error.advice(),
        error.url()
    );
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    text
}

/// What the server was sent to let the client in, which it says back.
fn echo(request: &Request) -> String {
    let sent = request
        .header("authorization")
        .unwrap_or("nothing")
        .to_owned();
    let (_, value) = sent.split_once(' ').unwrap_or(("", &sent));
    format!("{value} {CANARY}")
}

type Case = (String, Box<dyn Fn(&Request) -> Reply + Send + Sync>);

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for status in [
        400, 401, 403, 404, 405, 407, 410, 418, 429, 451, 500, 501, 502, 503, 504,
    ] {
        for kind in ["text/plain", "text/html", "application/json"] {
            let reply = move |request: &Request| {
                let said = echo(request);
                let body = match kind {
                    "text/html" => format!("<html><title>no {said}</title>{said}"),
                    _ => format!("no\u{0} {said} {said}"),
                };
                let headers = vec![
                    ("Content-Type", kind.to_owned()),
                    ("WWW-Authenticate", format!("Basic realm=\"{said}\"")),
                    ("Retry-After", said.clone()),
                    ("X-Echo", said),
                ];
                Reply::Answer(status, headers, body.into_bytes())
            };
            cases.push((format!("{status} {kind}"), Box::new(reply)));
        }
    }
    for place in [
        "/{}",
        "/login/{}",
        "//{}/a",
        "https://{}@host/a",
        "ftp://{}",
        "/a?x={}",
        "{}",
    ] {
        let reply = move |request: &Request| {
            let said = echo(request).replace(' ', "");
            Reply::redirect(302, place.replace("{}", &said))
        };
        cases.push((format!("redirect {place}"), Box::new(reply)));
    }
    cases.push((
        "content type".into(),
        Box::new(|request: &Request| Reply::typed(&echo(request), echo(request))),
    ));
    for raw in [
        "{}\r\n\r\n",
        "HTTP/1.1 {}\r\n\r\n",
        "HTTP/1.1 200 OK\r\n{}\r\n\r\n",
        "HTTP/1.1 500 {}\r\n\r\n{}",
        "HTTP/1.1 200 {}\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n{}\r\n",
    ] {
        let reply = move |request: &Request| Reply::Raw(raw.replace("{}", &echo(request)).into());
        cases.push((format!("raw {raw:?}"), Box::new(reply)));
    }
    cases
}

#[test]
fn secrets_stay_secret_when_servers_repeat_them() {
    let mut situations = 0;
    for (case, reply) in cases() {
        let server = Server::start(reply);
        for (form, options) in [
            ("token", options().credentials(Credentials::token(CANARY))),
            ("bearer", options().credentials(Credentials::bearer(CANARY))),
            (
                "user",
                options().credentials(Credentials::password(CANARY, "")),
            ),
            (
                "provider",
                options()
                    .credential_provider(|_: &CredentialRequest| Some(Credentials::token(CANARY))),
            ),
        ] {
            // Without a 401 the provider is not asked, so that the echo is the test's own canary.
            if form == "provider" && !case.starts_with("401") {
                continue;
            }
            let options = options.plain_http_credentials(true);
            let error = shake_hands(&server.url("/a"), &options)
                .expect_err("because every situation fails");
            check(&format!("{case} {form}"), &shown(error));
            check(case.as_str(), &format!("{options:?}"));
            situations += 1;
        }
        let answered = server.requests();
        assert!(
            answered
                .iter()
                .any(|request| request.header("authorization").is_some()),
            "{case}"
        );
    }
    assert!(situations >= 40, "only {situations} situations");
}

#[test]
fn secrets_stay_out_of_the_logs_of_what_we_build_on() {
    // Another one, because the servers of other tests repeat theirs while this one records.
    let secret = "an0ther-c4nary-t0ken";
    // printf 'x-access-token:an0ther-c4nary-t0ken' | base64
    let encoded = "eC1hY2Nlc3MtdG9rZW46YW4wdGhlci1jNG5hcnktdDBrZW4=";
    let recorder = recorder();
    let server = Server::start(|_| Reply::refs());
    for credentials in [Credentials::token(secret), Credentials::bearer(secret)] {
        let options = options()
            .credentials(credentials)
            .plain_http_credentials(true);
        shake_hands(&server.url("/a"), &options).expect("because it answers");
    }
    let sent = server.requests();
    assert_eq!(
        sent[0].header("authorization"),
        Some(format!("Basic {encoded}").as_str())
    );
    let logged = recorder.0.lock().expect("because nobody panics");
    assert!(logged.contains("GET"), "nothing was recorded");
    assert!(!logged.contains(secret) && !logged.contains(encoded));
}

#[test]
fn secrets_stay_secret_when_nobody_answers() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("because a port is free");
        listener.local_addr().expect("because it is bound").port()
    };
    let credentials = || Credentials::token(CANARY);
    for (case, url, options) in [
        (
            "refused",
            format!("http://127.0.0.1:{port}/a"),
            options().plain_http_credentials(true),
        ),
        ("clear", format!("http://127.0.0.1:{port}/a"), options()),
        (
            "denied",
            "https://127.0.0.1/a".to_owned(),
            options().policy(Policy::public()),
        ),
        ("unknown", "https://gitlade.invalid/a".to_owned(), options()),
        ("tls", format!("https://127.0.0.1:{port}/a"), options()),
    ] {
        let options = options.credentials(credentials());
        let error = shake_hands(&url, &options).expect_err("because every situation fails");
        check(case, &shown(error));
    }
}
