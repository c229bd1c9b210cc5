//! TLS: whose certificates are believed.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use super::server::{Reply, Server};
use super::*;
use crate::remote::credentials::Credentials;
use crate::remote::options::Roots;

/// An authority made on the spot.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("because ring makes keys");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key);
        Authority(issuer.expect("because the parameters are valid"))
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn certify(&self, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("because the names are valid");
        change(&mut params);
        let key = KeyPair::generate().expect("because ring makes keys");
        let certificate = params
            .signed_by(&key, &self.0)
            .expect("because the parameters are valid");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("because ring supports the versions of rustls")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            );
        Arc::new(config.expect("because key and certificate fit"))
    }
}

fn url(server: &Server, host: &str) -> String {
    format!("https://{host}:{}/a", server.address.port())
}

#[test]
fn a_given_authority_is_believed() {
    let authority = Authority::new("authority");
    let server = Server::start_tls(authority.certify(|_| {}), |_| Reply::refs());
    let options = options()
        .roots(Roots::None)
        .ca_certificate(authority.pem())
        .credentials(Credentials::token("t0ken"));
    for host in ["localhost", "127.0.0.1"] {
        let url = url(&server, host);
        assert_eq!(
            shake_hands(&url, &options).expect("because it is trusted"),
            url
        );
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|r| r.header("authorization").is_some())
    );
}

#[test]
fn others_are_not_and_the_reason_is_said() {
    let authority = Authority::new("authority");
    let past = date_time_ymd(2020, 1, 1);
    let expired = authority.certify(|params| params.not_after = past);
    let early = authority.certify(|params| params.not_before = date_time_ymd(2999, 1, 1));
    let other_host = authority.certify(|params| {
        *params = CertificateParams::new(vec!["other.example".to_owned()])
            .expect("because the name is valid");
    });
    let stranger = Authority::new("stranger").certify(|_| {});
    for (config, reason) in [
        (expired, "the certificate has expired"),
        (early, "the certificate is not valid yet"),
        (other_host, "the certificate is for another host"),
        (stranger, "the certificate's authority is unknown"),
    ] {
        let server = Server::start_tls(config, |_| Reply::refs());
        let options = options()
            .ca_certificate(authority.pem())
            .credentials(Credentials::token("t0ken"));
        let error = shake_hands(&url(&server, "localhost"), &options).expect_err("because of TLS");
        assert!(
            matches!(&error, RemoteError::Tls { host, reason: r } if host == "localhost" && r == reason),
            "{reason}: {error:?}"
        );
        assert_eq!(server.requests().len(), 0, "{reason}");
    }
}

#[test]
fn plain_servers_do_not_speak_tls() {
    let server = Server::start(|_| Reply::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()));
    let error = shake_hands(&url(&server, "localhost"), &options()).expect_err("because of TLS");
    assert!(matches!(error, RemoteError::Tls { .. }), "{error:?}");
}

#[test]
fn secure_connections_do_not_lead_to_plain_ones() {
    let authority = Authority::new("authority");
    let plain = Server::start(|_| Reply::refs());
    let target = plain.url("/a/info/refs?service=git-upload-pack");
    let server = Server::start_tls(authority.certify(|_| {}), move |_| {
        Reply::redirect(302, &target)
    });
    let options = options().ca_certificate(authority.pem());
    let error = shake_hands(&url(&server, "localhost"), &options).expect_err("because it is plain");
    assert!(matches!(error, RemoteError::Redirect { .. }), "{error:?}");
    assert_eq!(plain.connections(), 0);
}

#[test]
fn plain_connections_lead_to_secure_ones() {
    let authority = Authority::new("authority");
    let secure = Server::start_tls(authority.certify(|_| {}), |_| Reply::refs());
    let target = url(&secure, "localhost");
    let location = format!("{target}/info/refs?service=git-upload-pack");
    let server = Server::start(move |_| Reply::redirect(301, &location));
    let options = options().ca_certificate(authority.pem());
    let found = shake_hands(&server.url("/a"), &options).expect("because it leads on");
    assert_eq!(found, target);
}

#[test]
fn what_is_no_certificate_is_refused_before_dialling() {
    let url = remote("https://localhost/a");
    for pem in [
        "",
        "not PEM",
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    ] {
        let options = options().ca_certificate(pem);
        let made = HttpClient::new(&url, &options, &Limits::default(), &watch(&options));
        let error = made.err().expect("because there is no certificate");
        assert_eq!(error.kind(), crate::ErrorKind::InvalidOptions, "{error}");
    }
}
