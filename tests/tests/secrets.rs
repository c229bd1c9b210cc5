//! Secrets are in nothing that is shown or kept (P11).

use std::net::TcpListener;
use std::time::Duration;

use gitlade::{Control, Credentials, ErrorKind, Options, Proxy, RemoteOptions, Source, Timeouts};
use gitlade_tests::server::{Flaw, GitHttp, Response, Tls, base64, sample_repository};
use tempfile::TempDir;

use crate::importing::{loopback, ndjson};
use crate::shown::everything_shown;

/// A user and a secret that occur nowhere else, with bytes that are written differently in a URL.
pub(crate) const USER: &str = "kanarienhalter";
pub(crate) const SECRET: &str = "kanarien/vogel+käfig";

/// The forms in which the secret could show: as it is, percent-encoded, in base64 at each offset.
fn forms() -> Vec<String> {
    let encode = |secret: &str, keep: &[u8]| -> String {
        let byte = |byte: u8| match byte {
            byte if byte.is_ascii_alphanumeric() || keep.contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        };
        secret.bytes().map(byte).collect()
    };
    let basic = base64(USER, SECRET);
    vec![
        SECRET.to_owned(),
        "vogel+k".to_owned(),
        encode(SECRET, b""),
        encode(SECRET, b"/+"),
        encode(SECRET, b"").to_lowercase(),
        basic.trim_end_matches('=').to_owned(),
        base64("x-access-token", SECRET)
            .trim_end_matches('=')
            .to_owned(),
    ]
}

/// Fails if `text` holds the secret.
pub(crate) fn assert_clean(text: &str, what: &str) {
    let lowercase = text.to_lowercase();
    for form in forms() {
        assert!(
            !lowercase.contains(&form.to_lowercase()),
            "{what} shows {form}: {text}"
        );
    }
}

/// Fails if a file holds the secret; what is no text in it is passed over.
pub(crate) fn assert_clean_bytes(bytes: &[u8], what: &str) {
    let lowercase = bytes.to_ascii_lowercase();
    for form in forms() {
        let form = form.to_lowercase();
        let found = lowercase
            .windows(form.len())
            .any(|window| window == form.as_bytes());
        assert!(!found, "{what} holds {form}");
    }
}

/// An import that has to fail, and what it is to fail with.
struct Situation {
    name: String,
    url: String,
    options: RemoteOptions,
    /// Kept alive while the import runs.
    _server: Option<GitHttp>,
}

fn credentials() -> [(&'static str, Credentials); 4] {
    [
        ("password", Credentials::password(USER, SECRET)),
        ("token", Credentials::token(SECRET)),
        (
            "token when asked",
            Credentials::token_as(USER, SECRET).when_asked(),
        ),
        (
            "password when asked",
            Credentials::password(USER, SECRET).when_asked(),
        ),
    ]
}

/// What the server does with a request, given the secret that it was shown.
type Answer = fn(&str) -> Response;

/// Servers that say back what they heard, in every place where one can say something.
const ANSWERS: &[(&str, Answer)] = &[
    ("401", |heard| {
        Response::status(401)
            .header(
                "WWW-Authenticate",
                format!("Basic realm=\"{SECRET} {heard}\""),
            )
            .body("text/plain", format!("{heard} {SECRET}"))
    }),
    ("403", |heard| {
        Response::status(403).body("text/plain", format!("{heard} {SECRET} may not"))
    }),
    ("404", |heard| {
        Response::status(404).body("text/plain", format!("{heard} {SECRET} not found"))
    }),
    ("429", |heard| {
        Response::status(429).body("text/plain", format!("slowly, {heard} {SECRET}"))
    }),
    ("500", |heard| {
        Response::status(500).body("text/plain", format!("{heard} {SECRET} broke it"))
    }),
    ("503", |heard| {
        Response::status(503).body("text/plain", format!("{heard} {SECRET} come back"))
    }),
    ("200 text", |heard| {
        Response::status(200).body("text/html", format!("<p>{heard} {SECRET}"))
    }),
    ("other type", |heard| {
        Response::status(200).body(&format!("application/{USER}"), heard)
    }),
    ("malformed", |heard| {
        Response::status(200).body(
            "application/x-git-upload-pack-advertisement",
            format!("{heard}{SECRET}"),
        )
    }),
    ("ERR", |heard| {
        let line = format!("ERR {heard} {SECRET}");
        let body = format!(
            "001e# service=git-upload-pack\n0000{:04x}{line}",
            line.len() + 4
        );
        Response::status(200).body("application/x-git-upload-pack-advertisement", body)
    }),
    ("redirect to https", |heard| {
        Response::status(302).header(
            "Location",
            format!(
                "https://{USER}:{}@localhost:1/{heard}",
                "kanarien%2Fvogel%2Bk%C3%A4fig"
            ),
        )
    }),
    ("redirect to another port", |_| {
        Response::status(302).header(
            "Location",
            "http://127.0.0.1:1/x/info/refs?service=git-upload-pack",
        )
    }),
    ("redirect to ftp", |_| {
        Response::status(302).header(
            "Location",
            "ftp://kanarien%2Fvogel%2Bk%C3%A4fig@127.0.0.1/x",
        )
    }),
];

fn situations(folder: &TempDir) -> Vec<Situation> {
    let mut all = Vec::new();
    let mut add = |name: String, url: String, options: RemoteOptions, server| {
        all.push(Situation {
            name,
            url,
            options,
            _server: server,
        });
    };
    for (how, credentials) in credentials() {
        let options = || {
            loopback()
                .plain_http_credentials(true)
                .credentials(credentials.clone())
        };
        for &(name, answer) in ANSWERS {
            let server = GitHttp::builder(folder.path()).intercept(move |request, _| {
                // Whoever holds his credentials back is asked for them.
                let heard = request
                    .header("authorization")
                    .unwrap_or_default()
                    .to_owned();
                if heard.is_empty() && name != "401" {
                    return Some(
                        Response::status(401).header("WWW-Authenticate", "Basic realm=\"x\""),
                    );
                }
                Some(answer(&heard))
            });
            let server = server.start();
            let url = server.url("sample.git");
            add(format!("{name}, {how}"), url, options(), Some(server));
        }
        let nobody = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let nobody = nobody.expect("because a port is free").port();
        add(
            format!("refused, {how}"),
            format!("http://127.0.0.1:{nobody}/a.git"),
            options(),
            None,
        );
        add(
            format!("no such host, {how}"),
            "http://host.invalid/a.git".to_owned(),
            options(),
            None,
        );
        let in_the_clear = loopback().credentials(credentials.clone());
        let open = GitHttp::builder(folder.path())
            .basic("somebody", "else")
            .start();
        add(
            format!("in the clear, {how}"),
            open.url("sample.git"),
            in_the_clear,
            Some(open),
        );
        let tls = GitHttp::builder(folder.path())
            .tls(Tls::new(Flaw::Expired))
            .start();
        add(
            format!("TLS, {how}"),
            tls.url("sample.git"),
            options(),
            Some(tls),
        );
        let proxy = Proxy::parse(&format!(
            "http://{USER}:kanarien%2Fvogel%2Bk%C3%A4fig@127.0.0.1:{nobody}"
        ));
        let proxy = proxy.expect("because it is a proxy");
        add(
            format!("proxy, {how}"),
            "http://127.0.0.1:9/a.git".to_owned(),
            options().proxy(proxy),
            None,
        );
        let slow = options().timeouts(Timeouts::default().total(Duration::from_millis(1)));
        add(
            format!("deadline, {how}"),
            "http://127.0.0.1:9/a.git".to_owned(),
            slow,
            None,
        );
    }
    all
}

#[test]
fn a_canary_is_in_no_failure() {
    let folder = tempfile::tempdir().expect("because there is room");
    sample_repository(folder.path());
    let situations = situations(&folder);
    assert!(situations.len() >= 40, "{}", situations.len());
    for Situation {
        name, url, options, ..
    } in &situations
    {
        let source = Source::parse(url).expect("because it is a URL");
        let control = Control::new();
        let options = Options::default().remote(options.clone());
        let error = gitlade::import(&source, &options, &control).expect_err(name);
        assert_ne!(error.kind(), ErrorKind::Internal, "{name}: {error}");
        assert_clean(&everything_shown(&error), name);
        assert_clean(&format!("{error:?} {error:#?}"), name);
        assert_clean(&format!("{:?}", control.progress.snapshot()), name);
        assert_clean(&format!("{options:?} {source:?}"), name);
        let written = serde_json::to_string(&options).expect("because options are data");
        assert_clean(&written, name);
    }
    println!("secrets: {} situations", situations.len());
}

/// A secret that opens the door is in nothing that the import leaves.
#[test]
fn a_canary_is_in_no_success() {
    let folder = tempfile::tempdir().expect("because there is room");
    sample_repository(folder.path());
    let server = GitHttp::builder(folder.path()).basic(USER, SECRET).start();
    let remote = loopback()
        .plain_http_credentials(true)
        .credentials(Credentials::password(USER, SECRET));
    let options = Options::default().remote(remote);
    let control = Control::new();
    let source = Source::parse(server.url("sample.git")).expect("because it is a URL");
    let import = gitlade::import(&source, &options, &control).expect("because the secret is right");
    let text = String::from_utf8_lossy(&ndjson(import.manifest())).into_owned();
    assert_clean(&text, "the manifest");
    assert_clean(
        &format!("{import:?} {source} {:?}", control.progress.snapshot()),
        "the import",
    );
}

/// Credentials in a URL are refused, and the refusal does not repeat them.
#[test]
fn a_canary_in_a_url_is_refused_in_silence() {
    for scheme in ["https", "http"] {
        let url = format!("{scheme}://{USER}:kanarien%2Fvogel%2Bk%C3%A4fig@example.com/a.git");
        let error = Source::parse(&url).expect_err("a password is in it");
        assert_eq!(error.kind(), ErrorKind::InvalidSource);
        assert_clean(&format!("{} {error:?}", everything_shown(&error)), &url);
    }
}
