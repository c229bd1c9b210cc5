//! What a real server answers, kept.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::git::{self, Result};

/// The answers of `git upload-pack` to a client that wants one commit at depth 1 by protocol
/// version 2, as files.
#[derive(Clone, Debug)]
pub struct Recording {
    folder: PathBuf,
    pub(super) commit: String,
}

impl Recording {
    /// Records what HEAD of `repository` is fetched with, unless `cache` has it.
    ///
    /// # Errors
    ///
    /// If Git fails, or the disk is full.
    pub fn make(repository: &Path, cache: &Path) -> Result<Self> {
        let commit = git::line(git::git_in(repository).args(["rev-parse", "HEAD"]))?;
        let folder = cache.join("replay").join(format!("{commit}-v2"));
        let recording = Recording {
            folder: folder.clone(),
            commit,
        };
        if folder.exists() {
            return Ok(recording);
        }
        eprintln!("recording the answer for {}", repository.display());
        let parent = cache.join("replay");
        fs::create_dir_all(&parent)?;
        let partial = tempfile::Builder::new()
            .prefix("partial-")
            .tempdir_in(parent)?;
        let into = partial.path().join("recording");
        fs::create_dir(&into)?;
        record(repository, &recording.commit, &into)?;
        fs::rename(into, folder)?;
        Ok(recording)
    }

    /// The pack inside of the answer.
    pub fn pack(&self) -> PathBuf {
        self.folder.join("pack")
    }

    pub(super) fn advertisement(&self) -> io::Result<File> {
        File::open(self.folder.join("advertisement"))
    }

    pub(super) fn ls_refs(&self) -> io::Result<File> {
        File::open(self.folder.join("ls-refs"))
    }

    pub(super) fn fetch(&self) -> io::Result<File> {
        File::open(self.folder.join("fetch"))
    }
}

fn record(repository: &Path, commit: &str, into: &Path) -> Result<()> {
    let upload_pack = |mode: &str| {
        let mut command = git::git();
        command
            .env("GIT_PROTOCOL", "version=2")
            .args(["-c", "safe.directory=*", "upload-pack", mode])
            .arg(repository);
        command
    };
    let advertisement = git::output(&mut upload_pack("--http-backend-info-refs"))?;
    fs::write(into.join("advertisement"), advertisement)?;

    let format = git::git_in(repository)
        .args(["rev-parse", "--show-object-format"])
        .output()?;
    let format = String::from_utf8_lossy(&format.stdout);
    let format = format!("object-format={}", format.trim_end());
    let ls_refs = request("ls-refs", &format, &["peel", "symrefs"]);
    ask(
        &mut upload_pack("--stateless-rpc"),
        &ls_refs,
        &into.join("ls-refs"),
    )?;
    let want = format!("want {commit}");
    let fetch = ["no-progress", "ofs-delta", "deepen 1", &want, "done"];
    let fetch = request("fetch", &format, &fetch);
    ask(
        &mut upload_pack("--stateless-rpc"),
        &fetch,
        &into.join("fetch"),
    )?;
    extract_pack(&into.join("fetch"), &into.join("pack"))
}

/// A request as `gitprotocol-v2` has it: command, capability, a delimiter, arguments, a flush.
fn request(command: &str, capability: &str, arguments: &[&str]) -> Vec<u8> {
    let mut request = Vec::new();
    let mut pkt_line = |text: &str| {
        request.extend_from_slice(format!("{:04x}{text}\n", text.len() + 5).as_bytes());
    };
    pkt_line(&format!("command={command}"));
    pkt_line(capability);
    request.extend_from_slice(b"0001");
    let mut pkt_line = |text: &str| {
        request.extend_from_slice(format!("{:04x}{text}\n", text.len() + 5).as_bytes());
    };
    for argument in arguments {
        pkt_line(argument);
    }
    request.extend_from_slice(b"0000");
    request
}

fn ask(command: &mut Command, request: &[u8], answer: &Path) -> Result<()> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(File::create(answer)?)
        .spawn()?;
    let mut stdin = child.stdin.take().expect("because it was piped");
    let written = stdin.write_all(request);
    drop(stdin);
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("git upload-pack ended with {status}").into());
    }
    Ok(written?)
}

/// Takes the pack out of an answer: what comes on side-band 1 after the line `packfile`.
fn extract_pack(answer: &Path, pack: &Path) -> Result<()> {
    let mut answer = BufReader::with_capacity(1 << 20, File::open(answer)?);
    let mut pack = BufWriter::with_capacity(1 << 20, File::create(pack)?);
    let mut is_pack = false;
    let mut payload = Vec::new();
    loop {
        let mut length = [0; 4];
        answer.read_exact(&mut length)?;
        let length = usize::from_str_radix(std::str::from_utf8(&length)?, 16)?;
        let Some(length) = length.checked_sub(4) else {
            if is_pack || length == 0 {
                break;
            }
            continue;
        };
        payload.resize(length, 0);
        answer.read_exact(&mut payload)?;
        match payload.split_first() {
            Some((1, bytes)) if is_pack => pack.write_all(bytes)?,
            Some((3, bytes)) if is_pack => {
                return Err(String::from_utf8_lossy(bytes).into());
            }
            _ => is_pack = is_pack || payload == b"packfile\n",
        }
    }
    pack.flush()?;
    if !is_pack {
        return Err("git upload-pack sent no pack".into());
    }
    Ok(())
}
