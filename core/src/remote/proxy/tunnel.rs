//! Asking a proxy for a tunnel.

use std::io::{self, Read, Write};
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::remote::link::Link;
use crate::remote::proxy::{Login, Proxy};
use crate::source::Host;

/// Bytes of a proxy's answer to `CONNECT`.
const MAX_ANSWER: usize = 16 << 10;

impl Proxy {
    /// RFC 9110, section 9.3.6.
    pub(super) fn connect(&self, stream: &mut Link, host: &Host, port: u16) -> Result<(), Refusal> {
        let mut request = Zeroizing::new(format!(
            "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        ));
        if let Some(Login { user, password }) = &self.login {
            let pair = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
            let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&encoded);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes())?;
        stream.flush()?;
        // Byte by byte, because what follows the blank line belongs to the target.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") && !answer.ends_with(b"\n\n") {
            if answer.len() >= MAX_ANSWER {
                return Err("its answer is too long".into());
            }
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            answer.push(byte[0]);
        }
        match status_of(&answer) {
            Some(200..=299) => Ok(()),
            Some(407) if self.login.is_some() => Err("it refused the credentials".into()),
            Some(407) => Err("it asks for credentials".into()),
            Some(status) => Err(format!("it answered with status {status}").into()),
            None => Err("it does not speak HTTP".into()),
        }
    }

    /// RFC 1928, and RFC 1929 for the login.
    pub(super) fn socks5(&self, stream: &mut Link, host: &Host, port: u16) -> Result<(), Refusal> {
        const NO_LOGIN: u8 = 0;
        const PASSWORD: u8 = 2;
        match &self.login {
            None => stream.write_all(&[5, 1, NO_LOGIN])?,
            Some(_) => stream.write_all(&[5, 2, NO_LOGIN, PASSWORD])?,
        }
        let [version, method] = read_array(stream)?;
        if version != 5 {
            return Err("it does not speak SOCKS 5".into());
        }
        match (method, &self.login) {
            (NO_LOGIN, _) => {}
            (PASSWORD, Some(login)) => login.send(stream)?,
            _ => return Err("it asks for credentials".into()),
        }
        let mut request = vec![5, 1, 0];
        match host {
            Host::Address(IpAddr::V4(address)) => {
                request.push(1);
                request.extend(address.octets());
            }
            Host::Address(IpAddr::V6(address)) => {
                request.push(4);
                request.extend(address.octets());
            }
            Host::Name(name) => {
                let len = u8::try_from(name.len()).expect("because Host allows 253 bytes");
                request.extend([3, len]);
                request.extend(name.as_bytes());
            }
        }
        request.extend(port.to_be_bytes());
        stream.write_all(&request)?;
        let [version, reply, _, kind] = read_array(stream)?;
        if version != 5 {
            return Err("it does not speak SOCKS 5".into());
        }
        if reply != 0 {
            return Err(socks_reason(reply).into());
        }
        // The address that it connects from, which nobody needs.
        let bound = match kind {
            1 => 4,
            3 => usize::from(read_array::<1>(stream)?[0]),
            4 => 16,
            _ => return Err("it does not speak SOCKS 5".into()),
        };
        let mut rest = [0; 257];
        stream.read_exact(&mut rest[..bound + 2])?;
        Ok(())
    }
}

impl Login {
    fn send(&self, stream: &mut Link) -> Result<(), Refusal> {
        let mut request = Zeroizing::new(vec![1]);
        for part in [self.user.expose(), self.password.expose()] {
            request.push(u8::try_from(part.len()).expect("because read() allows 255 bytes"));
            request.extend(part.as_bytes());
        }
        stream.write_all(&request)?;
        match read_array(stream)? {
            [_, 0] => Ok(()),
            [_, _] => Err("it refused the credentials".into()),
        }
    }
}

/// Why a tunnel did not come about.
pub(super) enum Refusal {
    Io(io::Error),
    Reason(String),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Refusal::Io(error)
    }
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Refusal::Reason(reason)
    }
}

impl From<&str> for Refusal {
    fn from(reason: &str) -> Self {
        Refusal::Reason(reason.to_owned())
    }
}

fn read_array<const N: usize>(stream: &mut Link) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The status of an HTTP/1 answer.
fn status_of(answer: &[u8]) -> Option<u16> {
    let rest = answer.strip_prefix(b"HTTP/1.")?;
    let (digits, _) = rest.get(2..)?.split_at_checked(3)?;
    let is_line = rest[0].is_ascii_digit() && rest[1] == b' ';
    is_line.then_some(std::str::from_utf8(digits).ok()?.parse().ok()?)
}

fn socks_reason(reply: u8) -> &'static str {
    match reply {
        1 => "it failed",
        2 => "its rules do not allow the connection",
        3 => "it cannot reach the network",
        4 => "it cannot reach the host",
        5 => "the host refuses connections",
        6 => "the connection took too long",
        7 | 8 => "it cannot do what was asked",
        _ => "it answered with an unknown code",
    }
}
