//! An importer that asks a forge for each blob by itself, as programs do that know its programming
//! interface and not Git.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::git::Result;

#[derive(Deserialize)]
struct Tree {
    tree: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    sha: String,
}

#[derive(Deserialize)]
struct Blob<'a> {
    #[serde(borrow)]
    content: &'a str,
}

/// Asks the forge at `address` for its tree, and over so many `connections` for each distinct blob,
/// and computes BLAKE3 of it. Returns the entries without folders, and the bytes, each counted as often
/// as it is named.
///
/// # Errors
///
/// If the forge says something else than what was asked for.
pub fn by_blob(address: &str, connections: usize) -> Result<(u64, u64)> {
    let tree = Connection::open(address)?.get("trees/HEAD?recursive=1")?;
    let tree: Tree = serde_json::from_slice(&tree)?;
    let mut blobs: Vec<&str> = Vec::new();
    let mut entries = 0;
    for entry in &tree.tree {
        entries += u64::from(entry.kind != "tree");
        if entry.kind == "blob" {
            blobs.push(&entry.sha);
        }
    }
    blobs.sort_unstable();
    let distinct: Vec<&[&str]> = blobs.chunk_by(|one, other| one == other).collect();
    let next = AtomicUsize::new(0);
    let bytes = thread::scope(|scope| {
        let workers: Vec<_> = (0..connections.max(1))
            .map(|_| scope.spawn(|| take_in(address, &distinct, &next)))
            .collect();
        let ended = workers
            .into_iter()
            .map(|worker| worker.join().expect("because asking does not panic"));
        ended.sum::<Result<u64>>()
    })?;
    Ok((entries, bytes))
}

/// Takes one blob after the other until there are no more.
fn take_in(address: &str, blobs: &[&[&str]], next: &AtomicUsize) -> Result<u64> {
    let mut connection = Connection::open(address)?;
    let mut bytes = 0;
    while let Some(named) = blobs.get(next.fetch_add(1, Ordering::Relaxed)) {
        let body = connection.get(&format!("blobs/{}", named[0]))?;
        let blob: Blob<'_> = serde_json::from_slice(&body)?;
        let content = STANDARD.decode(blob.content)?;
        std::hint::black_box(blake3::hash(&content));
        bytes += (content.len() * named.len()) as u64;
    }
    Ok(bytes)
}

/// A connection that stays open between requests.
struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream: BufReader::new(stream),
            host: address.to_owned(),
        })
    }

    fn get(&mut self, what: &str) -> Result<Vec<u8>> {
        let request = format!(
            "GET /repos/bench/forge/git/{what} HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.host
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut line, mut is_ok, mut length) = (String::new(), false, 0);
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the forge ended the connection".into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            is_ok |= line.starts_with("http/1.1 200 ");
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        if !is_ok {
            return Err(String::from_utf8_lossy(&body).into());
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    use crate::corpus::Corpus;
    use crate::forge::Forge;
    use crate::shapes::Shape;

    #[test]
    fn each_blob_is_asked_for_once_and_counts_as_often_as_it_is_named() {
        let cache = tempfile::tempdir().unwrap();
        let corpus = Corpus::Shape("few", Shape::Duplicates, 250);
        let path = corpus.make(cache.path()).unwrap();
        let forge = Forge::start(&path, Duration::from_millis(5)).unwrap();
        let address = forge.address().to_string();
        let start = Instant::now();
        assert_eq!(by_blob(&address, 2).unwrap(), (250, 250 * 5_000));
        // The tree, and a hundred contents over two connections.
        assert!(start.elapsed() >= Duration::from_millis(5 + 50 * 5));
        let mut connection = Connection::open(&address).unwrap();
        assert!(connection.get("blobs/0123").is_err());
        assert!(connection.get("elsewhere").is_err());
    }
}
