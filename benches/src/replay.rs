//! One recorded answer, sent to any client.
//!
//! Git's server spends most of a clone on making the pack. Here that was done before: what differs
//! between two clients of a replay is the clients.

use std::io::{self, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gitlade_tests::server::{Request, Response, TcpServer, git, isolated, send_head};

/// The answer to a fetch of `HEAD` at depth 1, as Git's server has given it.
pub struct Recording {
    repository: PathBuf,
    /// The body of the answer, in HTTP chunks.
    chunked: Arc<Vec<u8>>,
    pack_bytes: u64,
}

/// A server that sends a [`Recording`], as long as it is not dropped.
pub struct Replay {
    tcp: TcpServer,
    last_byte: Arc<Mutex<Option<Instant>>>,
}

/// Bytes of one HTTP chunk, and of one write when the rate is set.
const CHUNK: usize = 64 << 10;

impl Recording {
    /// Asks Git for `HEAD` of `repository` once.
    ///
    /// # Errors
    ///
    /// If Git does not answer with a pack.
    pub fn make(repository: &Path) -> io::Result<Self> {
        let head = git(repository, &["rev-parse", "HEAD"]);
        let format = git(repository, &["rev-parse", "--show-object-format"]);
        let mut request = Vec::new();
        for line in [
            "command=fetch".to_owned(),
            format!("object-format={format}"),
            String::new(),
            "ofs-delta".to_owned(),
            "no-progress".to_owned(),
            "deepen 1".to_owned(),
            format!("want {head}"),
            "done".to_owned(),
        ] {
            match line.as_str() {
                "" => request.extend_from_slice(b"0001"),
                text => request.extend(format!("{:04x}{text}\n", text.len() + 5).bytes()),
            }
        }
        request.extend_from_slice(b"0000");
        let answer = upload_pack(repository, &["--stateless-rpc"], &request)?;
        if !answer
            .windows(9)
            .take(64 << 10)
            .any(|it| it == b"packfile\n")
        {
            return Err(io::Error::other("git upload-pack sends no pack"));
        }
        let mut chunked = Vec::with_capacity(answer.len() + answer.len() / 1_000);
        for chunk in answer.chunks(CHUNK) {
            chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
            chunked.extend_from_slice(chunk);
            chunked.extend_from_slice(b"\r\n");
        }
        chunked.extend_from_slice(b"0\r\n\r\n");
        Ok(Recording {
            repository: repository.to_owned(),
            chunked: Arc::new(chunked),
            pack_bytes: answer.len() as u64,
        })
    }

    /// Bytes of the answer, nearly all of which are the pack's.
    pub fn bytes(&self) -> u64 {
        self.pack_bytes
    }

    /// Serves it on loopback: as fast as the client takes it, or at `rate` bytes per second.
    pub fn serve(&self, rate: Option<u64>) -> Replay {
        let repository = self.repository.clone();
        let chunked = Arc::clone(&self.chunked);
        let last_byte = Arc::new(Mutex::new(None));
        let tcp = TcpServer::start({
            let last_byte = Arc::clone(&last_byte);
            move |stream, _| {
                // A client that goes away is no fault of the server.
                let _ = converse(stream, &repository, |socket| {
                    send(socket, &chunked, rate)?;
                    let mut last = last_byte.lock().unwrap_or_else(PoisonError::into_inner);
                    *last = Some(Instant::now());
                    Ok(())
                });
            }
        });
        Replay { tcp, last_byte }
    }
}

impl Replay {
    /// What to clone or import.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/replay.git", self.tcp.port())
    }

    /// When the last byte of the latest answer was handed to the operating system, which holds back
    /// what its buffers have room for (some MB at most, on loopback).
    pub fn last_byte(&self) -> Option<Instant> {
        *self
            .last_byte
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn converse(
    stream: TcpStream,
    repository: &Path,
    mut send_recording: impl FnMut(&mut TcpStream) -> io::Result<()>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = Request::read(&mut stream)? {
        let is = |words: &[u8]| request.body.windows(words.len()).any(|it| it == words);
        let socket = stream.get_mut();
        if request.method == "GET" {
            let body = upload_pack(repository, &["--http-backend-info-refs"], b"")?;
            let kind = "application/x-git-upload-pack-advertisement";
            Response::status(200).body(kind, body).send(socket)?;
        } else if is(b"command=ls-refs") {
            let body = upload_pack(repository, &["--stateless-rpc"], &request.body)?;
            let kind = "application/x-git-upload-pack-result";
            Response::status(200).body(kind, body).send(socket)?;
        } else {
            let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let headers = [
                header("Content-Type", "application/x-git-upload-pack-result"),
                header("Transfer-Encoding", "chunked"),
            ];
            send_head(socket, 200, &headers)?;
            send_recording(socket)?;
        }
    }
    Ok(())
}

fn send(socket: &mut TcpStream, bytes: &[u8], rate: Option<u64>) -> io::Result<()> {
    let Some(rate) = rate else {
        return socket.write_all(bytes);
    };
    let begun = Instant::now();
    let mut sent = 0u64;
    for part in bytes.chunks(CHUNK) {
        let due = Duration::from_secs_f64(sent as f64 / rate as f64);
        if let Some(early) = due.checked_sub(begun.elapsed()) {
            std::thread::sleep(early);
        }
        socket.write_all(part)?;
        sent += part.len() as u64;
    }
    Ok(())
}

/// What Git answers in version 2.
fn upload_pack(repository: &Path, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
    let mut command = Command::new("git");
    isolated(&mut command)
        .arg("upload-pack")
        .args(arguments)
        .arg(repository)
        .env("GIT_PROTOCOL", "version=2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input)?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(io::Error::other("git upload-pack fails"));
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use gitlade_tests::server::sample_repository;

    use super::*;

    /// Git itself takes the recording for a server.
    #[test]
    fn git_clones_a_replay() {
        let folder = tempfile::tempdir().expect("there is room");
        let repository = sample_repository(folder.path());
        let recording = Recording::make(&repository).expect("git makes a pack");
        let replay = recording.serve(None);
        let url = replay.url();
        git(
            folder.path(),
            &["clone", "-q", "--depth=1", "--bare", &url, "clone.git"],
        );
        let clone = folder.path().join("clone.git");
        assert_eq!(
            git(&clone, &["ls-tree", "-r", "HEAD"]),
            git(&repository, &["ls-tree", "-r", "HEAD"])
        );
        assert!(replay.last_byte().is_some());
    }

    #[test]
    fn the_rate_is_kept() {
        let folder = tempfile::tempdir().expect("there is room");
        let repository = sample_repository(folder.path());
        let recording = Recording::make(&repository).expect("git makes a pack");
        let replay = recording.serve(Some(1_000_000));
        let begun = Instant::now();
        let url = replay.url();
        git(
            folder.path(),
            &["clone", "-q", "--depth=1", "--bare", &url, "clone.git"],
        );
        // 300 KB at 1 MB/s, the last 64 KiB of which need not be waited for.
        assert!(begun.elapsed() > Duration::from_millis(200));
    }
}
