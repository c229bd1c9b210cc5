//! Who asks, by a certificate.

use std::fmt;
use std::sync::Arc;

use rustls::Error as TlsError;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};

/// Bytes of a chain or a key in PEM form.
const MAX_PEM: usize = 1 << 20;

/// A certificate with its private key, for servers that let in only those who have one ("mutual
/// TLS").
///
/// It is shown to one authority only, as [`Credentials`](crate::Credentials) are: the scheme, host and
/// port of the URL, when that server asks for it. It is not shown to a proxy, nor where a redirect
/// leads to. `Debug` shows none of it, and the key's memory is wiped when the last copy is dropped;
/// what was handed to TLS is copied there, and beyond reach.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # if !std::path::Path::new("client.pem").exists() { return Ok(()); }
/// use gitlade::{ClientCertificate, RemoteOptions};
/// let chain = std::fs::read("client.pem")?;
/// let key = std::fs::read("client.key")?;
/// let options = RemoteOptions::default()
///     .client_certificate(ClientCertificate::from_pem(&chain, key)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientCertificate(Arc<Parts>);

struct Parts {
    chain: Vec<CertificateDer<'static>>,
    key: Zeroizing<PrivateKeyDer<'static>>,
}

impl ClientCertificate {
    /// Reads a chain, the client's own certificate first, and the private key of that (PKCS#8,
    /// PKCS#1 or SEC1, not encrypted), both in PEM form. What else is in the texts does not matter,
    /// so that one text may hold both.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOptions`] if one of them is missing, cannot be read, is of a kind that
    /// TLS has no use for, or if they do not belong together. The message holds nothing of them.
    pub fn from_pem(chain: impl AsRef<[u8]>, key: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let key = Zeroizing::new(key.into());
        let (chain, key) = (chain.as_ref(), key.as_slice());
        if chain.len().max(key.len()) > MAX_PEM {
            return Err(invalid("it is too large", ADVICE));
        }
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| invalid("a certificate cannot be read", ADVICE))?;
        if chain.is_empty() {
            return Err(invalid("there is no certificate in the text", ADVICE));
        }
        if is_encrypted(key) {
            return Err(invalid(
                "its key is encrypted",
                "decrypt the key, for example with openssl pkey, and keep it where others cannot read it",
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map(Zeroizing::new)
            .map_err(|_| invalid("there is no private key that can be read", ADVICE))?;
        let certificate = ClientCertificate(Arc::new(Parts { chain, key }));
        certificate.certified().map_err(|error| match error {
            TlsError::InconsistentKeys(_) => invalid("its key is another certificate's", ADVICE),
            _ => invalid("its key is of a kind that is not supported", ADVICE),
        })?;
        Ok(certificate)
    }

    /// The pair, ready for TLS.
    pub(crate) fn certified(&self) -> Result<CertifiedKey, TlsError> {
        let Parts { chain, key } = &*self.0;
        let provider = rustls::crypto::ring::default_provider();
        CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider)
    }
}

const ADVICE: &str = "give the certificate and its private key in PEM form, not encrypted";

fn invalid(what: &str, advice: &'static str) -> Error {
    let text = format!("the client certificate cannot be used: {what}");
    Error::advised(ErrorKind::InvalidOptions, text, advice)
}

/// RFC 7468, section 11, and what OpenSSL did before (RFC 1421, section 4.6.1.1).
fn is_encrypted(key: &[u8]) -> bool {
    let has = |text: &str| memchr::memmem::find(key, text.as_bytes()).is_some();
    has("BEGIN ENCRYPTED PRIVATE KEY") || has("Proc-Type: 4,ENCRYPTED")
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate(***)")
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    /// A certificate that nobody believes, and its key.
    fn pair() -> (String, String) {
        let key = KeyPair::generate().expect("because ring makes keys");
        let params = CertificateParams::new(Vec::new()).expect("because no names are fine");
        let certificate = params.self_signed(&key).expect("because it can be signed");
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn a_pair_is_read_from_two_texts_or_one() {
        let (chain, key) = pair();
        let both = format!("{chain}\n{key}");
        for (chain, key) in [(&chain, &key), (&both, &both), (&both, &key)] {
            let read = ClientCertificate::from_pem(chain, key.as_str());
            let shown = format!("{:?}", read.expect("because they belong together"));
            assert_eq!(shown, "ClientCertificate(***)");
        }
    }

    #[test]
    fn what_is_no_pair_is_refused_without_showing_it() {
        let (chain, key) = pair();
        let (_, other) = pair();
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let old = key.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\n\n");
        let broken = key.replace(
            "-----BEGIN PRIVATE KEY-----\n",
            "-----BEGIN PRIVATE KEY-----\n!",
        );
        let no_key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        for (chain, key, word) in [
            ("", key.as_str(), "no certificate"),
            (key.as_str(), &key, "no certificate"),
            (&chain, "", "no private key"),
            (&chain, &chain, "no private key"),
            (&chain, &other, "another certificate's"),
            (&chain, &encrypted, "encrypted"),
            (&chain, &old, "encrypted"),
            (&chain, &broken, "no private key"),
            (&chain, no_key, "not supported"),
            (&"x".repeat(MAX_PEM + 1), &key, "too large"),
        ] {
            let error = ClientCertificate::from_pem(chain, key).expect_err(word);
            assert_eq!(error.kind(), ErrorKind::InvalidOptions, "{error}");
            assert!(error.to_string().contains(word), "{word}: {error}");
            let shown = format!("{error} {error:?} {:?}", error.advice());
            let secret = key.lines().nth(1).unwrap_or("c2VjcmV0");
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
