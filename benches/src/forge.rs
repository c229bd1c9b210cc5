//! A server that hands out a repository as forges do by their programming interfaces: a list of the tree,
//! and each blob for a request of its own, in base64 within JSON. Each answer comes after a set time.
//!
//! What real ones have beyond it, and this has not: encryption, a limit on requests (GitHub: 5,000 an
//! hour), trees that are cut off (GitHub: at 100,000 entries or 7 MB), blobs that are too large.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::git::{self, Result};
use crate::http::{self, Request};

/// A server on 127.0.0.1 until it is dropped.
#[derive(Debug)]
pub(crate) struct Forge {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections share.
#[derive(Debug)]
struct Repository {
    path: PathBuf,
    /// The answer with the list of the tree.
    tree: Vec<u8>,
    latency: Duration,
}

impl Forge {
    /// Serves HEAD of `repository`, each answer `latency` after its request.
    ///
    /// # Errors
    ///
    /// If Git fails, or there is no port.
    pub(crate) fn start(repository: &Path, latency: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Repository {
            path: repository.to_owned(),
            tree: serde_json::to_vec(&list(repository)?)?,
            latency,
        });
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let stop = Arc::clone(&stop);
            thread::Builder::new().spawn(move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::Acquire) {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        if let Err(error) = shared.serve(&stream) {
                            eprintln!("  forge: {error}");
                        }
                    });
                }
            })?
        };
        Ok(Forge {
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// Where clients find it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Wakes the thread up.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(thread) = self.thread.take()
            && woken
        {
            // It has told of a failure, if there was one.
            let _ = thread.join();
        }
    }
}

impl Repository {
    /// Answers the requests of one connection, with a Git of its own.
    fn serve(&self, stream: &TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut input = BufReader::new(stream);
        let mut objects = Objects::open(&self.path)?;
        while let Some(request) = Request::read(&mut input, stream)? {
            let due = Instant::now() + self.latency;
            let blob = request.target.strip_prefix("/repos/bench/forge/git/blobs/");
            let body = match blob {
                _ if request.method != "GET" => None,
                Some(id) => objects.read(id)?.map(|content| blob_answer(id, &content)),
                None if request
                    .target
                    .starts_with("/repos/bench/forge/git/trees/HEAD") =>
                {
                    Some(self.tree.clone())
                }
                None => None,
            };
            thread::sleep(due.saturating_duration_since(Instant::now()));
            match body {
                // In one piece: the kernel holds back what follows a small one.
                Some(body) => {
                    let mut answer = Vec::with_capacity(body.len() + 256);
                    http::begin(&mut answer, 200, "application/json", body.len() as u64)?;
                    answer.extend_from_slice(&body);
                    (&*stream).write_all(&answer)?;
                }
                None => http::refuse(stream, 404, "there is nothing here")?,
            }
        }
        Ok(())
    }
}

fn blob_answer(id: &str, content: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(content);
    let body = json!({"sha": id, "size": content.len(), "encoding": "base64", "content": text});
    body.to_string().into_bytes()
}

/// The whole tree of HEAD as GitHub's `git/trees` says it with `recursive=1`.
fn list(repository: &Path) -> Result<Value> {
    let list = ["ls-tree", "-r", "-t", "-z", "HEAD"];
    let listed = git::output(git::git_in(repository).args(list))?;
    let mut entries = Vec::new();
    for record in listed
        .split(|&byte| byte == 0)
        .filter(|record| !record.is_empty())
    {
        let record = String::from_utf8_lossy(record);
        let (facts, path) = record.split_once('\t').ok_or("git ls-tree says no path")?;
        let mut facts = facts.split(' ');
        let mut fact = || facts.next().ok_or("git ls-tree says too little");
        entries.push(json!({"mode": fact()?, "type": fact()?, "sha": fact()?, "path": path}));
    }
    Ok(json!({"tree": entries, "truncated": false}))
}

/// Contents by `git cat-file --batch`.
struct Objects {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl Objects {
    fn open(repository: &Path) -> Result<Self> {
        let mut child = git::git_in(repository)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let ask = child.stdin.take().expect("because it was piped");
        let answer = child.stdout.take().expect("because it was piped");
        Ok(Objects {
            child,
            ask,
            answer: BufReader::new(answer),
        })
    }

    /// A content by its id; `None` if there is none.
    fn read(&mut self, id: &str) -> io::Result<Option<Vec<u8>>> {
        if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        self.ask.write_all(format!("{id}\n").as_bytes())?;
        let mut line = String::new();
        self.answer.read_line(&mut line)?;
        let size = line.trim_end().rsplit(' ').next();
        let Some(size) = size.and_then(|size| size.parse::<usize>().ok()) else {
            return Ok(None);
        };
        // A line's end follows the content.
        let mut content = vec![0; size + 1];
        self.answer.read_exact(&mut content)?;
        content.truncate(size);
        Ok(Some(content))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
