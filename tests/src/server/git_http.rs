//! `git http-backend` behind a small HTTP server.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::gate::Gate;
use super::git::{exec_path, isolated};
use super::http::{Channel, Request, Response, send_chunk, send_head};
use super::tcp::{TcpServer, lock};
use super::tls::Tls;

/// Which protocol the server speaks, whatever it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speaks {
    /// What the client asks for.
    #[default]
    Everything,
    /// The original protocol only.
    V0,
    /// Version 1 only.
    V1,
}

/// Who is let in.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Everybody.
    #[default]
    Open,
    /// One user with one password.
    Basic {
        /// The user.
        user: String,
        /// The password or token.
        password: String,
    },
    /// One token.
    Bearer(String),
}

type Intercept = dyn Fn(&Request, usize) -> Option<Response> + Send + Sync;

/// How to serve the repositories of a folder.
#[derive(Default)]
pub struct GitHttpBuilder {
    root: PathBuf,
    speaks: Speaks,
    auth: Auth,
    tls: Option<Tls>,
    gate: Option<Gate>,
    intercept: Option<Box<Intercept>>,
}

/// A Git server over http or https on `127.0.0.1`, as long as it is not dropped.
///
/// ```no_run
/// use gitlade_tests::server::GitHttp;
/// let server = GitHttp::serve("/srv/git");
/// println!("{}", server.url("project.git"));
/// ```
pub struct GitHttp {
    tcp: TcpServer,
    shared: Arc<Shared>,
}

struct Shared {
    rules: GitHttpBuilder,
    log: Mutex<Vec<Request>>,
}

impl GitHttp {
    /// Serves the repositories below `root` to everybody.
    pub fn serve(root: impl AsRef<Path>) -> Self {
        Self::builder(root).start()
    }

    /// Serves the repositories below `root` by rules that are yet to be set.
    pub fn builder(root: impl AsRef<Path>) -> GitHttpBuilder {
        GitHttpBuilder {
            root: root.as_ref().to_owned(),
            ..GitHttpBuilder::default()
        }
    }

    /// The URL of the repository at `path` below the root.
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.shared.rules.tls.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://127.0.0.1:{}/{path}", self.tcp.port())
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.tcp.port()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.log).clone()
    }

    /// How many connections have come.
    pub fn connections(&self) -> usize {
        self.tcp.accepted()
    }

    /// The certificate of the authority to trust, with TLS.
    pub fn authority_pem(&self) -> Option<&str> {
        self.shared.rules.tls.as_ref().map(Tls::authority_pem)
    }
}

impl Drop for GitHttp {
    fn drop(&mut self) {
        if let Some(gate) = &self.shared.rules.gate {
            gate.open();
        }
    }
}

impl GitHttpBuilder {
    /// Fixes the protocol.
    pub fn speaks(mut self, speaks: Speaks) -> Self {
        self.speaks = speaks;
        self
    }

    /// Lets in only those who can say a user and a password.
    pub fn basic(mut self, user: &str, password: &str) -> Self {
        self.auth = Auth::Basic {
            user: user.to_owned(),
            password: password.to_owned(),
        };
        self
    }

    /// Lets in only those who have a token.
    pub fn bearer(mut self, token: &str) -> Self {
        self.auth = Auth::Bearer(token.to_owned());
        self
    }

    /// Speaks TLS.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Holds packs back at a gate. What is dropped opens it.
    pub fn gate(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// Answers requests in place of Git: `intercept` is called with each request and its number,
    /// counted from 0, and says `None` to leave it to Git.
    pub fn intercept(
        mut self,
        intercept: impl Fn(&Request, usize) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        self.intercept = Some(Box::new(intercept));
        self
    }

    /// Begins to serve.
    pub fn start(self) -> GitHttp {
        let shared = Arc::new(Shared {
            rules: self,
            log: Mutex::default(),
        });
        let tcp = TcpServer::start({
            let shared = Arc::clone(&shared);
            move |stream, _| {
                // A client that goes away is no fault of the server.
                let _ = match &shared.rules.tls {
                    Some(tls) => shared.converse(tls.accept(stream)),
                    None => shared.converse(stream),
                };
            }
        });
        GitHttp { tcp, shared }
    }
}

impl Shared {
    fn converse(&self, channel: impl Channel) -> io::Result<()> {
        let mut stream = BufReader::new(channel);
        while let Some(request) = Request::read(&mut stream)? {
            let number = {
                let mut log = lock(&self.log);
                log.push(request.clone());
                log.len() - 1
            };
            let intercepted = self
                .rules
                .intercept
                .as_ref()
                .and_then(|it| it(&request, number));
            let channel = stream.get_mut();
            if let Some(response) = intercepted {
                response.send(channel)?;
            } else if !self.lets_in(&request) {
                let scheme = match self.rules.auth {
                    Auth::Bearer(_) => "Bearer realm=\"gitlade tests\"",
                    _ => "Basic realm=\"gitlade tests\"",
                };
                Response::status(401)
                    .header("WWW-Authenticate", scheme)
                    .body("text/plain", "who are you?\n")
                    .send(channel)?;
            } else {
                self.run_backend(&request, channel)?;
            }
        }
        Ok(())
    }

    fn lets_in(&self, request: &Request) -> bool {
        let said = request.header("authorization");
        match &self.rules.auth {
            Auth::Open => true,
            Auth::Basic { user, password } => {
                said.is_some_and(|said| said == format!("Basic {}", base64(user, password)))
            }
            Auth::Bearer(token) => said.is_some_and(|said| said == format!("Bearer {token}")),
        }
    }

    /// Runs the CGI program (git-http-backend) and passes on what it says, while it says it.
    fn run_backend(&self, request: &Request, channel: &mut impl Channel) -> io::Result<()> {
        let mut command = Command::new(exec_path().join("git-http-backend"));
        isolated(&mut command)
            .env("GIT_PROJECT_ROOT", &self.rules.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", &request.path)
            .env("QUERY_STRING", &request.query)
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("REMOTE_ADDR", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(value) = request.header("content-type") {
            command.env("CONTENT_TYPE", value);
        }
        if let Some(value) = request.header("content-encoding") {
            command.env("HTTP_CONTENT_ENCODING", value);
        }
        match self.rules.speaks {
            Speaks::Everything => {
                if let Some(value) = request.header("git-protocol") {
                    command.env("HTTP_GIT_PROTOCOL", value);
                }
            }
            Speaks::V0 => {}
            Speaks::V1 => {
                command.env("HTTP_GIT_PROTOCOL", "version=1");
            }
        }
        let mut child = command.spawn()?;
        let mut input = child.stdin.take().expect("it is piped");
        let body = request.body.clone();
        // It may answer before it has read everything.
        let writer = std::thread::spawn(move || input.write_all(&body));
        let output = child.stdout.take().expect("it is piped");
        let words = [&b"command=fetch"[..], b"want "];
        let asks_for_pack = (request.body.windows(13).any(|it| it == words[0]))
            || request.body.windows(5).any(|it| it == words[1]);
        let gate = self.rules.gate.as_ref().filter(|_| asks_for_pack);
        let passed_on = pass_on(BufReader::new(output), channel, gate);
        if passed_on.is_err() {
            let _ = child.kill();
        }
        let _ = writer.join();
        child.wait()?;
        passed_on
    }
}

fn pass_on(
    mut output: impl BufRead,
    channel: &mut impl Channel,
    gate: Option<&Gate>,
) -> io::Result<()> {
    let mut status = 200;
    let mut headers = vec![("Transfer-Encoding".to_owned(), "chunked".to_owned())];
    let mut line = String::new();
    while output.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            if name == "Status" {
                status = value[..3].parse().map_err(io::Error::other)?;
            } else {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        line.clear();
    }
    send_head(channel, status, &headers)?;
    // Smaller pieces make a finer measure of what is let through.
    let mut chunk = vec![0; if gate.is_some() { 4 << 10 } else { 64 << 10 }];
    let mut sent = 0;
    loop {
        let count = output.read(&mut chunk)?;
        if let Some(gate) = gate {
            gate.pass(sent, count as u64);
        }
        sent += count as u64;
        send_chunk(channel, &chunk[..count])?;
        if count == 0 {
            return Ok(());
        }
    }
}

/// The value of a Basic `Authorization` header (RFC 7617), without its first word.
pub fn base64(user: &str, password: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in format!("{user}:{password}").as_bytes().chunks(3) {
        let bits = group
            .iter()
            .fold(0, |bits, &byte| bits << 8 | u32::from(byte));
        let bits = bits << (8 * (3 - group.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(if digit > group.len() {
                '='
            } else {
                DIGITS[index] as char
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    /// The example of RFC 7617, section 2.
    #[test]
    fn base64_is_that_of_the_rfc() {
        assert_eq!(
            super::base64("Aladdin", "open sesame"),
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(super::base64("test", "123\u{a3}"), "dGVzdDoxMjPCow==");
    }
}
