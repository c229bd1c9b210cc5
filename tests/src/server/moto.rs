//! A server that speaks like Amazon's S3: `moto_server`, of the Python package `moto`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::daemon::wait_for_port;
use super::tcp::free_port;

/// What to do where it is missing.
const INSTALL: &str = "moto_server is not installed: pip install 'moto[server]'";

/// An S3 server on `127.0.0.1`, which forgets everything when it ends.
pub struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it is not installed or does not start.
    pub fn start() -> Self {
        for _ in 0..5 {
            let port = free_port();
            let mut child = Command::new("moto_server")
                .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect(INSTALL);
            // Python takes its time where others compute as well.
            if (0..6).any(|_| wait_for_port(&mut child, port)) {
                return Moto { child, port };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("moto_server does not start");
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends a request without credentials, as this server lets anybody; gives the whole answer.
    ///
    /// # Panics
    ///
    /// If it cannot be reached.
    pub fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.port
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Makes a bucket.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    pub fn make_bucket(&self, name: &str) {
        let answer = self.ask("PUT", &format!("/{name}"));
        assert!(answer.contains(" 200 "), "{answer}");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
