//! Servers that are hostile to those who only ask who they are.

use std::time::{Duration, Instant};

use gitlade::{
    Control, Error, ErrorKind, Options, Policy, RemoteOptions, Source, Timeouts, detect, import,
};
use gitlade_tests::patience::assert_within;
use gitlade_tests::server::{RawHttp, Say, impatient};

use crate::shown::{acts, assert_harmless};

/// Longer than any case may take, on a machine that has other things to do.
const SOON: Duration = Duration::from_secs(20);

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn missing() -> Say {
    Say::Bytes(answer("404 Not Found", "", b""))
}

/// At which question it turns hostile.
const QUESTIONS: [&str; 5] = [
    "/a/info/refs?",
    "OPTIONS",
    "?cmd=capabilities",
    "/a/HEAD?",
    "GET /a?",
];

/// A server that says 404 to all but one question.
fn server(question: &'static str, say: impl Fn() -> Say + Send + Sync + 'static) -> RawHttp {
    RawHttp::start(move |request| {
        let asked = format!("{} {}?{}", request.method, request.path, request.query);
        let is_page = question == "GET /a?" && asked == "GET /a?";
        match is_page || question != "GET /a?" && asked.contains(question) {
            true => say(),
            false => missing(),
        }
    })
}

fn hurried() -> Options {
    Options::default().remote(impatient())
}

/// What comes of asking, which has to be soon.
fn ask(server: &RawHttp, options: &Options, what: &str) -> Result<String, Error> {
    let begun = Instant::now();
    let result = detect(server.url("/a"), options, &Control::new());
    assert_within(SOON, begun.elapsed(), what);
    match result {
        Ok(detection) => {
            let text = serde_json::to_string(&detection).expect("because it has text keys only");
            assert!(text.len() < 2_000, "{what}: {text}");
            let value: serde_json::Value = serde_json::from_str(&text).expect("because it is JSON");
            for leaf in ["title", "realm", "content_type"] {
                let leaf = value[leaf].as_str().unwrap_or_default();
                assert!(!leaf.chars().any(acts), "{what}: {leaf:?}");
            }
            Ok(text)
        }
        Err(error) => {
            assert_harmless(&error, what);
            Err(error)
        }
    }
}

#[test]
fn every_question_has_an_end() {
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><title>x</title>";
    type Make = fn() -> Say;
    let lies: &[(&str, Make, &[ErrorKind])] = &[
        (
            "silence",
            || Say::AndSilence(Vec::new()),
            &[ErrorKind::Timeout],
        ),
        (
            "silence in the headers",
            || Say::AndSilence(b"HTTP/1.1 200 OK\r\nDAV: 1".to_vec()),
            &[ErrorKind::Timeout],
        ),
        (
            "a body that stops",
            || Say::AndSilence(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".to_vec()),
            &[ErrorKind::Timeout],
        ),
        (
            "endless headers",
            || {
                Say::AndEndlessly(
                    b"HTTP/1.1 200 OK\r\n".to_vec(),
                    b"X-A: bbbbbbbb\r\n".to_vec(),
                )
            },
            // More headers than there may be, or more bytes of them.
            &[ErrorKind::LimitExceeded, ErrorKind::Protocol],
        ),
        (
            "an endless header",
            || Say::AndEndlessly(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'a'; 1000]),
            &[ErrorKind::LimitExceeded],
        ),
        (
            "a drip",
            || Say::Slowly(answer("200 OK", &"X-A: b\r\n".repeat(1_000), b"")),
            &[ErrorKind::Timeout],
        ),
        (
            "no HTTP",
            || Say::Bytes(b"SSH-2.0-x\r\n\r\n".to_vec()),
            &[ErrorKind::Protocol],
        ),
        ("nothing", || Say::Nothing, &[ErrorKind::ConnectionFailed]),
        (
            "a circle",
            || Say::Bytes(answer("302 Found", "Location: /a\r\n", b"")),
            &[ErrorKind::Protocol],
        ),
    ];
    let cases = lies.len() * QUESTIONS.len();
    std::thread::scope(|scope| {
        for (lie, make, expected) in lies {
            scope.spawn(move || {
                for question in QUESTIONS {
                    let what = format!("{lie} at {question}");
                    let server = server(question, *make);
                    match ask(&server, &hurried(), &what) {
                        // A question that is only disliked is no reason to fail, but for the last.
                        Ok(text) => {
                            let is_soft = [ErrorKind::Protocol, ErrorKind::ConnectionFailed]
                                .iter()
                                .any(|kind| expected.contains(kind));
                            // Its beginning tells that it is not Git's.
                            let is_soft = is_soft
                                || (*lie == "a body that stops" && question == QUESTIONS[0]);
                            assert!(is_soft && question != "GET /a?", "{what}: {text}");
                            assert!(text.contains(r#""kind":"nothing""#), "{what}: {text}");
                        }
                        Err(error) => {
                            assert!(expected.contains(&error.kind()), "{what}: {error}");
                        }
                    }
                    assert!(server.requests().len() <= 40, "{what}");
                }
            });
        }
    });
    // An endless page is a page.
    let endless = server("GET /a?", move || {
        Say::AndEndlessly(page.to_vec(), vec![b'x'; 4096])
    });
    let text = ask(&endless, &hurried(), "an endless page").expect("because it is a page");
    assert!(text.contains(r#""title":"x""#), "{text}");
    println!("detection: {} hostile cases", cases + 1);
}

#[test]
fn words_of_servers_are_cleaned() {
    let evil = "\x1b]0;x\x07 \u{202e}evil\u{2028} \r\n\x7f\u{9b}2J";
    let title = format!("<html><title>{evil}{}</title>", "y".repeat(3_000));
    let page = server("GET /a?", move || {
        Say::Bytes(answer(
            "200 OK",
            "Content-Type: text/html\r\n",
            title.as_bytes(),
        ))
    });
    let text = ask(&page, &hurried(), "a title").expect("because it is a page");
    assert!(text.contains("evil"), "{text}");
    let realm = "WWW-Authenticate: Basic realm=\"\x1b[2Ja\u{202e}b\"\r\n\
                 WWW-Authenticate: \x1b[2J\r\nWWW-Authenticate: Bearer\r\n";
    let closed = server("/a/info/refs?", move || {
        Say::Bytes(answer("401 Unauthorized", realm, b""))
    });
    // Controls in headers break HTTP, or are cleaned away.
    match ask(&closed, &hurried(), "a realm") {
        Ok(text) => assert!(text.contains("needs-authentication"), "{text}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Protocol, "{error}"),
    }
    let kind = server("GET /a?", || {
        let kind = format!("Content-Type: x/{}\r\n", "z".repeat(5_000));
        Say::Bytes(answer("200 OK", &kind, b"\0"))
    });
    let text = ask(&kind, &hurried(), "a content type").expect("because it answers");
    assert!(text.contains("unknown"), "{text}");
}

/// The policy decides on every question, and on where redirects lead.
#[test]
fn redirects_do_not_lead_where_the_policy_forbids() {
    let target = RawHttp::pages();
    for question in QUESTIONS {
        let to = target.url("/page");
        let moved = server(question, move || {
            let to = format!("Location: {to}\r\n");
            Say::Bytes(answer("302 Found", &to, b""))
        });
        // One address of loopback is allowed, and the other is not.
        let port = moved.url("").rsplit(':').next().map(str::to_owned);
        let port: u16 = port
            .and_then(|it| it.parse().ok())
            .expect("because it has one");
        let policy = Policy::unrestricted().check_with(move |to| to.port == port);
        let options = Options::default().remote(impatient().policy(policy));
        match ask(&moved, &options, question) {
            // The first question follows to the same path alone, and this is none.
            Ok(_) => assert_eq!(question, QUESTIONS[0]),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotAllowed, "{question}: {error}"),
        }
    }
    assert!(target.requests().is_empty(), "{:?}", target.requests());
    let closed = Options::default().remote(RemoteOptions::default().retries(0));
    let error = ask(&target, &closed, "loopback").expect_err("because the public alone is allowed");
    assert_eq!(error.kind(), ErrorKind::NotAllowed);
    assert!(target.requests().is_empty());
}

#[test]
fn cancel_ends_every_question_and_the_import_that_asks() {
    for question in QUESTIONS {
        for is_import in [false, true] {
            let server = server(question, || Say::AndSilence(Vec::new()));
            let url = server.url("/a");
            let remote = impatient().timeouts(Timeouts::default());
            let options = Options::default().remote(remote);
            let control = Control::new();
            let switch = control.cancel.clone();
            let thread = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(400));
                switch.cancel();
                Instant::now()
            });
            let result = match is_import {
                true => {
                    let source = Source::parse(&url).expect("because it is a URL");
                    import(&source, &options, &control).map(drop)
                }
                false => detect(&url, &options, &control).map(drop),
            };
            let ended = Instant::now();
            let cancelled = thread.join().expect("because it does not panic");
            // An import asks three questions only, and the others it does not get to.
            let is_asked = !is_import || QUESTIONS[..3].contains(&question);
            let kind = result.expect_err("because there is no repository").kind();
            match is_asked {
                true => assert_eq!(kind, ErrorKind::Cancelled, "{question}"),
                false => assert_eq!(kind, ErrorKind::RepositoryNotFound, "{question}"),
            }
            let took = ended.saturating_duration_since(cancelled);
            assert_within(Duration::from_secs(1), took, question);
        }
    }
}

#[test]
fn the_deadline_holds_for_all_questions_together() {
    let server = RawHttp::start(|request| match request.path.ends_with("refs") {
        true => missing(),
        false => Say::AndSilence(Vec::new()),
    });
    let timeouts = Timeouts::default().total(Duration::from_secs(2));
    let options = Options::default().remote(impatient().timeouts(timeouts));
    let begun = Instant::now();
    let source = Source::parse(server.url("/a")).expect("because it is a URL");
    for result in [
        detect(server.url("/a"), &options, &Control::new()).map(drop),
        import(&source, &options, &Control::new()).map(drop),
    ] {
        let error = result.expect_err("because the deadline passes");
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
    assert_within(Duration::from_secs(8), begun.elapsed(), "asking twice");
}
