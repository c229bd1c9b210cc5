//! A Git server that is honest up to one point.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::git::isolated;
use super::http::{Request, send_chunk, send_head};
use super::tcp::TcpServer;

/// How the server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Smart HTTP.
    Http,
    /// `git://`.
    Git,
}

/// Which protocol it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The original one, which has no stage [`Stage::Refs`].
    V0,
    /// Version 2.
    V2,
}

/// One answer of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// What the server says first.
    Advertisement,
    /// The answer to `ls-refs`.
    Refs,
    /// The answer that holds the pack.
    Pack,
}

/// What becomes of the honest answer of one stage.
#[derive(Clone)]
pub enum Lie {
    /// So many hundredths of it are sent, and then nothing for ever.
    Silence(usize),
    /// So many hundredths are sent, and then the connection is closed.
    Cut(usize),
    /// So many hundredths are sent as if that were all: over HTTP the body ends properly.
    Short(usize),
    /// It is sent byte by byte, two each second.
    Drip,
    /// So many hundredths are sent, and then the same bytes again and again.
    Endless(usize, Vec<u8>),
    /// It is changed as a whole.
    Change(Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>),
    /// These bytes are sent over HTTP in place of the status, the headers and the body, and the
    /// connection goes on.
    Http(Vec<u8>),
    /// The same, and the connection is closed.
    HttpAndClose(Vec<u8>),
    /// These bytes are sent over HTTP again and again, in place of everything.
    EndlessHttp(Vec<u8>, Vec<u8>),
}

impl Lie {
    /// Something else is sent.
    pub fn replace(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Lie::Change(Arc::new(move |_| bytes.clone()))
    }

    /// Something is sent before the honest answer.
    pub fn before(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Lie::Change(Arc::new(move |honest| [bytes.clone(), honest].concat()))
    }

    /// The honest answer is changed by `change`.
    pub fn change(change: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Lie::Change(Arc::new(change))
    }
}

/// A server that lies at one stage, as long as it is not dropped.
pub struct LyingServer {
    tcp: TcpServer,
    over: Over,
}

struct Plan {
    repository: PathBuf,
    version: Version,
    stage: Stage,
    lie: Lie,
}

impl LyingServer {
    /// Serves `repository`, whatever path it is asked for.
    pub fn start(repository: &Path, over: Over, version: Version, stage: Stage, lie: Lie) -> Self {
        let plan = Plan {
            repository: repository.to_owned(),
            version,
            stage,
            lie,
        };
        let tcp = TcpServer::start(move |stream, _| {
            // A client that goes away is what most lies lead to.
            let _ = match over {
                Over::Http => plan.serve_http(stream),
                Over::Git => plan.serve_git(stream),
            };
        });
        LyingServer { tcp, over }
    }

    /// The URL of the repository.
    pub fn url(&self) -> String {
        let scheme = match self.over {
            Over::Http => "http",
            Over::Git => "git",
        };
        format!("{scheme}://127.0.0.1:{}/sample.git", self.tcp.port())
    }
}

/// Why a conversation ends here.
enum End {
    /// The lie was told.
    Told,
    /// The connection failed.
    Failed,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        End::Failed
    }
}

impl Plan {
    fn serve_http(&self, stream: TcpStream) -> Result<(), End> {
        let mut stream = BufReader::new(stream);
        while let Some(request) = Request::read(&mut stream)? {
            let ls_refs = request.body.windows(15).any(|it| it == b"command=ls-refs");
            let stage = match request.method.as_str() {
                "GET" => Stage::Advertisement,
                _ if ls_refs => Stage::Refs,
                _ => Stage::Pack,
            };
            let (kind, mut honest) = match stage {
                Stage::Advertisement => (
                    "advertisement",
                    self.run(&["--http-backend-info-refs"], b"")?,
                ),
                _ => ("result", self.run(&["--stateless-rpc"], &request.body)?),
            };
            if stage == Stage::Advertisement && self.version == Version::V0 {
                honest.splice(..0, *b"001e# service=git-upload-pack\n0000");
            }
            let socket = stream.get_mut();
            let lying = stage == self.stage;
            if lying && let Lie::Http(bytes) | Lie::HttpAndClose(bytes) = &self.lie {
                socket.write_all(bytes)?;
                if matches!(self.lie, Lie::HttpAndClose(_)) {
                    return Err(End::Told);
                }
                continue;
            }
            if lying && let Lie::EndlessHttp(first, again) = &self.lie {
                socket.write_all(first)?;
                loop {
                    socket.write_all(again)?;
                }
            }
            let headers = [
                (
                    "Content-Type".to_owned(),
                    format!("application/x-git-upload-pack-{kind}"),
                ),
                ("Transfer-Encoding".to_owned(), "chunked".to_owned()),
            ];
            send_head(socket, 200, &headers)?;
            let handle = socket.try_clone()?;
            self.answer(lying, &honest, &handle, &mut Chunks(socket))?;
            socket.write_all(b"0\r\n\r\n")?;
        }
        Ok(())
    }

    fn serve_git(&self, mut stream: TcpStream) -> Result<(), End> {
        let handle = stream.try_clone()?;
        let mut first = Vec::new();
        read_line(&mut stream, &mut first)?;
        let honest = self.run(&["--http-backend-info-refs"], b"")?;
        self.answer(
            self.stage == Stage::Advertisement,
            &honest,
            &handle,
            &mut stream,
        )?;
        loop {
            let mut request = Vec::new();
            // A request ends in a flush, in the older protocol after the word "done".
            loop {
                let start = request.len();
                let flush = read_line(&mut stream, &mut request)?;
                let done = &request[start..] == b"0009done\n";
                let ended = match self.version {
                    Version::V0 => done,
                    Version::V2 => flush,
                };
                if ended {
                    break;
                }
            }
            let ls_refs = request.windows(15).any(|it| it == b"command=ls-refs");
            let stage = if ls_refs { Stage::Refs } else { Stage::Pack };
            let honest = self.run(&["--stateless-rpc"], &request)?;
            self.answer(self.stage == stage, &honest, &handle, &mut stream)?;
            if stage == Stage::Pack && self.version == Version::V0 {
                return Ok(());
            }
        }
    }

    /// Sends an answer, honest or not.
    fn answer(
        &self,
        lying: bool,
        honest: &[u8],
        socket: &TcpStream,
        out: &mut impl Write,
    ) -> Result<(), End> {
        let part = |hundredths: usize| &honest[..honest.len() * hundredths / 100];
        if !lying {
            out.write_all(honest)?;
            return Ok(());
        }
        match &self.lie {
            Lie::Silence(hundredths) => {
                out.write_all(part(*hundredths))?;
                // Until the client goes away, or this server is dropped.
                let mut socket = socket;
                while socket.read(&mut [0; 1024])? > 0 {}
                Err(End::Told)
            }
            Lie::Cut(hundredths) => {
                out.write_all(part(*hundredths))?;
                Err(End::Told)
            }
            Lie::Short(hundredths) => {
                out.write_all(part(*hundredths))?;
                Ok(())
            }
            Lie::Drip => {
                for byte in honest {
                    out.write_all(&[*byte])?;
                    std::thread::sleep(Duration::from_millis(500));
                }
                Ok(())
            }
            Lie::Endless(hundredths, again) => {
                out.write_all(part(*hundredths))?;
                // Large writes: the client is to be overwhelmed, not the server.
                let many = again.repeat((64 << 10) / again.len().max(1) + 1);
                loop {
                    out.write_all(&many)?;
                }
            }
            Lie::Change(change) => {
                out.write_all(&change(honest.to_vec()))?;
                Ok(())
            }
            Lie::Http(_) | Lie::HttpAndClose(_) | Lie::EndlessHttp(..) => Err(End::Told),
        }
    }

    /// What Git answers.
    fn run(&self, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
        let mut command = Command::new("git");
        isolated(&mut command)
            .arg("upload-pack")
            .args(arguments)
            .arg(&self.repository)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if self.version == Version::V2 {
            command.env("GIT_PROTOCOL", "version=2");
        }
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        // It may have had enough of it.
        let _ = stdin.write_all(input);
        drop(stdin);
        Ok(child.wait_with_output()?.stdout)
    }
}

/// Sends what is written in the chunks of an HTTP body.
struct Chunks<'a>(&'a mut TcpStream);

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            send_chunk(self.0, bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Appends the next pkt-line to `out`, with its length; says whether it is a flush.
fn read_line(stream: &mut impl Read, out: &mut Vec<u8>) -> io::Result<bool> {
    let mut header = [0; 4];
    stream.read_exact(&mut header)?;
    out.extend_from_slice(&header);
    let text = std::str::from_utf8(&header).map_err(io::Error::other)?;
    let length = usize::from_str_radix(text, 16).map_err(io::Error::other)?;
    let start = out.len();
    out.resize(start + length.saturating_sub(4), 0);
    stream.read_exact(&mut out[start..])?;
    Ok(length == 0)
}
