//! TLS over a connection.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::SingleCertAndKey;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned,
};

use crate::error::{Error, ErrorKind};
use crate::remote::client_certificate::ClientCertificate;
use crate::remote::error::RemoteError;
use crate::remote::options::{RemoteOptions, Roots};
use crate::source::Host;

/// Bytes of certificates in PEM form.
const MAX_PEM: usize = 16 << 20;

/// Puts together what is believed, spoken and shown: TLS 1.2 and 1.3 of rustls, with ring; `own` if
/// the other side asks who we are.
pub(crate) fn client_config(
    options: &RemoteOptions,
    own: Option<&ClientCertificate>,
) -> Result<Arc<ClientConfig>, Error> {
    let invalid = |text: &str| {
        Error::advised(
            ErrorKind::InvalidOptions,
            text,
            "give certificates in PEM form, as text between BEGIN CERTIFICATE and END CERTIFICATE",
        )
    };
    let mut roots = RootCertStore::empty();
    match options.roots {
        Roots::Bundled => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Roots::System => {
            let found = rustls_native_certs::load_native_certs();
            let (added, _) = roots.add_parsable_certificates(found.certs);
            if added == 0 {
                return Err(Error::advised(
                    ErrorKind::InvalidOptions,
                    "the operating system has no list of certificate authorities",
                    "install it (often a package named ca-certificates), or use the bundled one",
                ));
            }
        }
        Roots::None => {}
    }
    for pem in &options.ca_certificates {
        if pem.len() > MAX_PEM {
            return Err(invalid("the certificates are too large"));
        }
        let mut any = false;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| invalid("a certificate cannot be read"))?;
            roots
                .add(certificate)
                .map_err(|_| invalid("a certificate is not one of an authority"))?;
            any = true;
        }
        if !any {
            return Err(invalid("there is no certificate in the text"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("because ring supports the versions of rustls")
        .with_root_certificates(roots);
    Ok(Arc::new(match own {
        None => config.with_no_client_auth(),
        Some(own) => {
            let pair = own
                .certified()
                .expect("because from_pem() has tried the same");
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
        }
    }))
}

/// Shakes hands with `host`, whose certificate must be for that name.
pub(crate) fn handshake<S: Read + Write>(
    config: &Arc<ClientConfig>,
    host: &Host,
    stream: S,
) -> Result<StreamOwned<ClientConnection, S>, RemoteError> {
    let failed = |reason: String| RemoteError::Tls {
        host: host.to_bare_string(),
        reason,
    };
    let given = config.client_auth_cert_resolver.has_certs();
    let name = match host {
        Host::Address(address) => ServerName::from(*address),
        Host::Name(name) => ServerName::try_from(name.clone())
            .map_err(|_| failed("the host's name cannot stand in a certificate".into()))?,
    };
    let connection = ClientConnection::new(Arc::clone(config), name)
        .map_err(|error| explain(&error, host, given))?;
    let mut tls = StreamOwned::new(connection, stream);
    while tls.conn.is_handshaking() {
        if let Err(error) = tls.conn.complete_io(&mut tls.sock) {
            let error = with_last_words(&mut tls, error);
            return Err(match tls_error(&error) {
                Some(error) => explain(error, host, given),
                None => match RemoteError::from_io(error) {
                    RemoteError::ConnectionClosed => {
                        failed("the server closed the connection".into())
                    }
                    other => other,
                },
            });
        }
    }
    Ok(tls)
}

/// Looks for the reason that the other side gave before it broke a connection: who closes it while
/// the other one is still sending has said why in an alert, which waits to be read.
pub(crate) fn with_last_words<S: Read + Write>(
    tls: &mut StreamOwned<ClientConnection, S>,
    error: io::Error,
) -> io::Error {
    if !matches!(
        RemoteError::find(&error),
        Some(RemoteError::ConnectionLost { .. })
    ) {
        return error;
    }
    // What is not read makes rustls refuse to take in more, so that this ends.
    while let Ok(1..) = tls.conn.read_tls(&mut tls.sock) {
        if let Err(reason) = tls.conn.process_new_packets() {
            return io::Error::new(io::ErrorKind::InvalidData, reason);
        }
    }
    error
}

/// Finds what rustls said inside of an [`io::Error`].
pub(crate) fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// What a failure of TLS means; `given` says whether there is a certificate of our own for `host`.
pub(crate) fn explain(error: &rustls::Error, host: &Host, given: bool) -> RemoteError {
    use AlertDescription as Alert;
    let host = host.to_bare_string();
    match error {
        // RFC 8446, section 6.2. A server has nothing else to judge that these could be about.
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied,
        ) => RemoteError::ClientCertificate { host, given },
        // What was signed with its key did not convince.
        rustls::Error::AlertReceived(Alert::DecryptError) if given => {
            RemoteError::ClientCertificate { host, given }
        }
        error => RemoteError::Tls {
            host,
            reason: reason(error),
        },
    }
}

/// Says what went wrong in words for people.
fn reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another host"
            }
            CertificateError::UnknownIssuer => "the certificate's authority is unknown",
            CertificateError::Revoked => "the certificate was revoked",
            CertificateError::BadEncoding => "the certificate cannot be read",
            CertificateError::BadSignature => "the certificate's signature is wrong",
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "the certificate is not for servers"
            }
            _ => "the certificate is not accepted",
        },
        rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. } => {
            "the server does not speak TLS"
        }
        rustls::Error::PeerIncompatible(_) => "the server speaks no version of TLS that is safe",
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            "the server does not know this host"
        }
        rustls::Error::AlertReceived(alert) => {
            return format!("the server sent the alert {alert:?}");
        }
        rustls::Error::PeerMisbehaved(_) | rustls::Error::DecryptError => "the server broke TLS",
        _ => "TLS failed",
    }
    .to_owned()
}
