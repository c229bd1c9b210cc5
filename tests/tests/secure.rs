//! TLS in the places that few hosts need: around a proxy, and with a certificate of the client.

use std::path::PathBuf;

use gitlade::{
    ClientCertificate, Credentials, ErrorKind, Import, Options, Proxy, RemoteOptions, Roots,
};
use gitlade_tests::server::{
    Flaw, GitDaemon, GitHttp, HttpProxy, Response, Tls, base64, sample_repository,
};
use tempfile::TempDir;

use crate::importing::{body, local, loopback, remote};

fn sample() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("because there is room");
    let path = sample_repository(folder.path());
    (folder, path)
}

fn from(url: &str, options: RemoteOptions) -> Result<Import, gitlade::Error> {
    remote(url, &Options::default().remote(options))
}

/// Options of a client that believes no authority but those.
fn believing(authorities: &[Option<&str>]) -> RemoteOptions {
    authorities
        .iter()
        .flatten()
        .fold(loopback().roots(Roots::None), |options, &pem| {
            options.ca_certificate(pem)
        })
}

fn proxy(url: &str) -> Proxy {
    Proxy::parse(url).expect("because it is a proxy")
}

#[test]
fn proxies_that_speak_tls_lead_to_servers_of_all_kinds() {
    let (folder, path) = sample();
    let expected = body(
        local(&path, &Options::default())
            .expect("benign")
            .manifest(),
    );
    let http = GitHttp::serve(folder.path());
    let https = GitHttp::builder(folder.path())
        .tls(Tls::new(Flaw::None))
        .start();
    let daemon = GitDaemon::serve(folder.path());
    let way = HttpProxy::start(
        Some(Tls::new(Flaw::None)),
        Some(format!("Basic {}", base64("me", "s3cret"))),
    );
    let authorities = [way.authority_pem(), https.authority_pem()];
    let urls = [
        http.url("sample.git"),
        https.url("sample.git"),
        daemon.url("sample.git"),
    ];
    for url in &urls {
        let options = believing(&authorities).proxy(proxy(&way.url("me:s3cret")));
        let import = from(url, options).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(body(import.manifest()) == expected, "{url}");
    }
    let asked: Vec<String> = way.requests().into_iter().map(|it| it.path).collect();
    let ports = [http.port(), https.port(), daemon.port()];
    assert_eq!(asked, ports.map(|port| format!("127.0.0.1:{port}")));
}

#[test]
fn a_proxy_whose_certificate_is_not_believed_learns_nothing() {
    let (folder, _) = sample();
    let https = GitHttp::builder(folder.path())
        .tls(Tls::new(Flaw::None))
        .start();
    let url = https.url("sample.git");
    for flaw in [Flaw::None, Flaw::Expired, Flaw::OtherHost] {
        let way = HttpProxy::start(Some(Tls::new(flaw)), None);
        let mut authorities = vec![https.authority_pem()];
        if flaw != Flaw::None {
            authorities.push(way.authority_pem());
        }
        let options = believing(&authorities).proxy(proxy(&way.url("me:s3cret")));
        let error = from(&url, options).map(|_| ()).expect_err("because of TLS");
        assert_eq!(error.kind(), ErrorKind::Proxy, "{flaw:?}: {error}");
        assert!(error.to_string().contains("certificate"), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        assert_eq!(way.requests().len(), 0);
        assert_eq!(https.connections(), 0);
    }

    // The server's own TLS is judged as ever, and that is no fault of the proxy.
    let way = HttpProxy::start(Some(Tls::new(Flaw::None)), None);
    let options = believing(&[way.authority_pem()]).proxy(proxy(&way.url("")));
    let error = from(&url, options).map(|_| ()).expect_err("because of TLS");
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");

    // A proxy in the clear is taken for what it is, and one over TLS too.
    let plain = HttpProxy::start(None, None);
    let wrong = plain.url("").replace("http:", "https:");
    let options = believing(&[https.authority_pem()]).proxy(proxy(&wrong));
    let error = from(&url, options)
        .map(|_| ())
        .expect_err("it speaks no TLS");
    assert_eq!(error.kind(), ErrorKind::Proxy, "{error}");
    let wrong = way.url("").replace("https:", "http:");
    let options = believing(&[https.authority_pem()]).proxy(proxy(&wrong));
    let error = from(&url, options).map(|_| ()).expect_err("it speaks TLS");
    assert_eq!(error.kind(), ErrorKind::Proxy, "{error}");
}

#[test]
fn refusals_of_proxies_that_speak_tls_are_theirs() {
    let way = HttpProxy::start(Some(Tls::new(Flaw::None)), Some("Basic x".to_owned()));
    for (login, word) in [("", "asks for"), ("me:wr0ng", "refused")] {
        let options = believing(&[way.authority_pem()]).proxy(proxy(&way.url(login)));
        let error = from("https://127.0.0.1:9/a", options).map(|_| ());
        let error = error.expect_err("because it refuses");
        assert_eq!(error.kind(), ErrorKind::Proxy, "{error}");
        assert!(error.to_string().contains(word), "{error}");
        assert!(!format!("{error} {error:?}").contains("wr0ng"), "{error}");
    }
}

fn certificate((chain, key): (String, String)) -> ClientCertificate {
    ClientCertificate::from_pem(chain, key).expect("because they belong together")
}

#[test]
fn client_certificates_open_the_doors_that_ask_for_them() {
    let (folder, path) = sample();
    let expected = body(
        local(&path, &Options::default())
            .expect("benign")
            .manifest(),
    );
    for version_1_2 in [true, false] {
        let tls = Tls::for_certified_clients(version_1_2);
        let good = certificate(tls.certify_client(Flaw::None));
        let expired = certificate(tls.certify_client(Flaw::Expired));
        let strangers = certificate(Tls::new(Flaw::None).certify_client(Flaw::None));
        let server = GitHttp::builder(folder.path()).tls(tls).start();
        let url = server.url("sample.git");
        let options = || believing(&[server.authority_pem()]);

        let import = from(&url, options().client_certificate(good.clone()));
        assert!(body(import.expect("it is let in").manifest()) == expected);
        // Through a proxy over TLS it is shown to the server, and not to the proxy.
        let way = HttpProxy::start(Some(Tls::new(Flaw::None)), None);
        let through = believing(&[server.authority_pem(), way.authority_pem()])
            .client_certificate(good)
            .proxy(proxy(&way.url("")));
        let import = from(&url, through);
        assert!(body(import.expect("it is let in").manifest()) == expected);

        let seen = server.requests().len();
        for (case, own, kind) in [
            ("none", None, ErrorKind::AuthenticationRequired),
            ("expired", Some(expired), ErrorKind::AuthenticationFailed),
            (
                "strangers",
                Some(strangers),
                ErrorKind::AuthenticationFailed,
            ),
        ] {
            let error = from(&url, options().client_certificate(own)).map(|_| ());
            let error = error.expect_err(case);
            assert_eq!(error.kind(), kind, "{case} {version_1_2}: {error}");
            assert!(error.to_string().contains("client certificate"), "{error}");
            assert!(error.advice().is_some());
        }
        assert_eq!(server.requests().len(), seen);
    }
}

/// As with credentials: only the URL's own authority learns who asks.
#[test]
fn client_certificates_do_not_follow_redirects() {
    let (folder, _) = sample();
    let tls = Tls::for_certified_clients(false);
    let own = certificate(tls.certify_client(Flaw::None));
    let guarded = GitHttp::builder(folder.path()).tls(tls).start();
    let target = guarded.url("sample.git");
    let first = GitHttp::builder(folder.path())
        .tls(Tls::new(Flaw::None))
        .intercept(move |request, _| {
            let to = format!("{target}/info/refs?{}", request.query);
            Some(Response::status(302).header("Location", to))
        })
        .start();
    let options = believing(&[guarded.authority_pem(), first.authority_pem()])
        .client_certificate(own.clone());
    let error = from(&first.url("sample.git"), options).map(|_| ());
    let error = error.expect_err("because it is another authority");
    assert_eq!(error.kind(), ErrorKind::AuthenticationRequired, "{error}");

    // Servers that do not ask are not shown it, and nothing changes for them.
    let open = GitHttp::builder(folder.path())
        .tls(Tls::new(Flaw::None))
        .basic("me", "s3cret")
        .start();
    let options = believing(&[open.authority_pem()])
        .client_certificate(own)
        .credentials(Credentials::password("me", "s3cret"));
    from(&open.url("sample.git"), options).expect("because the password is right");
}
