//! Secrets that a server may say back.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::remote::credentials::Credentials;
use crate::source::percent;

/// Secrets shorter than this are not looked for: they would turn ordinary words into asterisks.
const MIN_LEN: usize = 4;

/// The secrets that one import has used, to be taken out of whatever is shown.
///
/// A server, by malice or in a page that explains an error, may repeat what it was sent.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Arc<Mutex<Vec<Zeroizing<String>>>>);

impl Redactor {
    /// Remembers the secrets of `credentials`, plain, in base64 and percent-encoded.
    pub(crate) fn remember(&self, credentials: &Credentials) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in credentials.secrets() {
            let encoded = Zeroizing::new(percent::encode(secret.as_bytes()));
            let (upper, lower) = encode_all(secret.as_bytes());
            for form in [secret, encoded, upper, lower] {
                if form.len() >= MIN_LEN && !known.contains(&form) {
                    known.push(form);
                }
            }
        }
        // A longer secret may contain a shorter one, and must go first.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// Replaces every secret in `text` with `***`.
    pub(crate) fn clean(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut clean = text.to_owned();
        for secret in known.iter() {
            if clean.contains(secret.as_str()) {
                clean = clean.replace(secret.as_str(), "***");
            }
        }
        // What a server says is cut before it comes here, perhaps in the middle of a secret.
        for secret in known.iter() {
            let ends = (MIN_LEN..secret.len()).rev();
            let ends = ends.filter(|&end| secret.is_char_boundary(end));
            for end in ends {
                if let Some(before) = clean.strip_suffix(&secret[..end]) {
                    clean = format!("{before}***");
                    break;
                }
            }
        }
        clean
    }
}

/// Percent-encodes what is not unreserved (RFC 3986, section 2.3), the slash too, which a user name
/// or a password in a URL needs; with digits in both cases.
fn encode_all(raw: &[u8]) -> (Zeroizing<String>, Zeroizing<String>) {
    use fmt::Write as _;
    // Room for all, so that nothing is left behind where it grew.
    let room = || Zeroizing::new(String::with_capacity(raw.len() * 3));
    let (mut upper, mut lower) = (room(), room());
    for &byte in raw {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            upper.push(char::from(byte));
            lower.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(upper, "%{byte:02X}");
            let _ = write!(lower, "%{byte:02x}");
        }
    }
    (upper, lower)
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_replaced() {
        let redactor = Redactor::default();
        redactor.remember(&Credentials::password("me", "s3cret/%+"));
        // printf 'me:s3cret/%%+' | base64
        let text =
            "a s3cret/%+ b s3cret/%25+ c bWU6czNjcmV0LyUr d s3cret%2F%25%2B e s3cret%2f%25%2b me";
        assert_eq!(redactor.clean(text), "a *** b *** c *** d *** e *** me");
    }

    #[test]
    fn what_a_cut_leaves_of_a_secret_is_replaced() {
        let redactor = Redactor::default();
        redactor.remember(&Credentials::bearer("s3cret-token"));
        for end in 4..12 {
            let text = format!("you sent {}", &"s3cret-token"[..end]);
            assert_eq!(redactor.clean(&text), "you sent ***");
        }
        assert_eq!(redactor.clean("you sent s3c"), "you sent s3c");
    }

    #[test]
    fn short_secrets_do_not_eat_words() {
        let redactor = Redactor::default();
        redactor.remember(&Credentials::bearer("a"));
        assert_eq!(redactor.clean("a bad day"), "a bad day");
    }
}
