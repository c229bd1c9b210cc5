//! Certificates, made on the spot.

use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// An authority of our own, and the certificate of a server.
pub struct Tls {
    authority_pem: String,
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

impl Tls {
    /// Makes an authority and a certificate with `flaw`.
    pub fn new(flaw: Flaw) -> Self {
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
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .expect("the key is the certificate's");
        Tls {
            authority_pem: authority.pem(),
            config: Arc::new(config),
        }
    }

    /// The authority's certificate, for clients to trust.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    pub(super) fn accept(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).expect("it is configured");
        StreamOwned::new(connection, stream)
    }
}
