//! Certificates, made on the spot.

use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// An authority of our own, and the certificate of a server.
pub struct Tls {
    authority_pem: String,
    issuer: Issuer<'static, KeyPair>,
    config: Arc<ServerConfig>,
}

/// What is wrong with the server's certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing: it is good for `localhost` and `127.0.0.1`.
    #[default]
    None,
    /// It has expired.
    Expired,
    /// It is another host's.
    OtherHost,
}

/// Whom a server lets in, and by which version of TLS it asks for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clients {
    All,
    Certified12,
    Certified13,
}

impl Tls {
    /// Makes an authority and a certificate with `flaw`.
    pub fn new(flaw: Flaw) -> Self {
        Self::make(flaw, Clients::All)
    }

    /// The same, for a server that lets in only clients with a certificate of the same authority; it
    /// speaks TLS 1.2 only, or 1.3 only.
    pub fn for_certified_clients(version_1_2: bool) -> Self {
        let clients = match version_1_2 {
            true => Clients::Certified12,
            false => Clients::Certified13,
        };
        Self::make(Flaw::None, clients)
    }

    fn make(flaw: Flaw, clients: Clients) -> Self {
        let authority_key = KeyPair::generate().expect("keys can be made");
        let mut params = CertificateParams::new(Vec::new()).expect("no names are fine");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params
            .self_signed(&authority_key)
            .expect("it can be signed");
        let issuer = Issuer::new(params, authority_key);

        let names = match flaw {
            Flaw::OtherHost => vec!["other.example".to_owned()],
            _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        };
        let mut params = CertificateParams::new(names).expect("the names are valid");
        if flaw == Flaw::Expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().expect("keys can be made");
        let certificate = params.signed_by(&key, &issuer).expect("it can be signed");
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions: &[_] = match clients {
            Clients::All => &[&TLS12, &TLS13],
            Clients::Certified12 => &[&TLS12],
            Clients::Certified13 => &[&TLS13],
        };
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .expect("ring has them");
        let config = match clients {
            Clients::All => config.with_no_client_auth(),
            _ => {
                let mut roots = RootCertStore::empty();
                roots
                    .add(authority.der().clone())
                    .expect("it is one of an authority");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .expect("there is an authority");
                config.with_client_cert_verifier(verifier)
            }
        };
        Tls {
            authority_pem: authority.pem(),
            issuer,
            config: Arc::new(
                config
                    .with_single_cert(chain, private)
                    .expect("the key is the certificate's"),
            ),
        }
    }

    /// The authority's certificate, for clients to trust.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    /// Makes a certificate for a client, and its key, both in PEM form.
    pub fn certify_client(&self, flaw: Flaw) -> (String, String) {
        let names = vec!["client.example".to_owned()];
        let mut params = CertificateParams::new(names).expect("the name is valid");
        if flaw == Flaw::Expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().expect("keys can be made");
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("it can be signed");
        (certificate.pem(), key.serialize_pem())
    }

    pub(super) fn accept(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).expect("it is configured");
        StreamOwned::new(connection, stream)
    }
}
