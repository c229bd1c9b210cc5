//! What can go wrong over ssh, before the other side lets one in and after that.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use gitlade::ErrorKind;
use tempfile::TempDir;

use super::sshd::Sshd;
use super::tcp::TcpServer;

/// Runs what the path of the URL names: `/NAME` a script, `/PORT` a way to a server of ours that
/// speaks Git's protocol over TCP, as `git://` has it.
const FORCED: &str = r#"
import os, select, socket, sys
words = os.environ["SSH_ORIGINAL_COMMAND"].split("'")
name = words[1].strip("/")
if not name.isdigit():
    os.execvp("sh", ["sh", os.path.join(os.path.dirname(sys.argv[0]), name + ".sh")])
peer = socket.create_connection(("127.0.0.1", int(name)))
line = b"git-upload-pack /sample.git\0host=localhost\0"
peer.sendall(b"%04x" % (len(line) + 4) + line)
while True:
    ready, _, _ = select.select([0, peer], [], [])
    if peer in ready:
        data = peer.recv(65536)
        if not data:
            sys.exit(0)
        while data:
            data = data[os.write(1, data):]
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            sys.exit(0)
        peer.sendall(data)
"#;

/// A server that lets in, and then runs scripts in place of Git.
pub struct ScriptedSshd {
    sshd: Sshd,
    scripts: TempDir,
}

impl ScriptedSshd {
    /// Starts it with the scripts of [`ssh_scripts`]; `$REPO` is `repository` to them.
    pub fn start(repository: &Path) -> Self {
        let scripts = tempfile::tempdir().expect("there is room");
        let folder = scripts.path();
        let forced = folder.join("forced.py");
        fs::write(&forced, FORCED).expect("there is room");
        for (number, case) in ssh_scripts().iter().enumerate() {
            let script = format!("REPO='{}'\n{}\n", repository.display(), case.script);
            fs::write(folder.join(format!("case{number}.sh")), script).expect("there is room");
        }
        let line = format!("ForceCommand exec python3 {}\n", forced.display());
        ScriptedSshd {
            sshd: Sshd::start_with(&line),
            scripts,
        }
    }

    /// The server itself, for its keys.
    pub fn sshd(&self) -> &Sshd {
        &self.sshd
    }

    /// The URL at which the script with this number runs.
    pub fn script_url(&self, number: usize) -> String {
        assert!(
            self.scripts
                .path()
                .join(format!("case{number}.sh"))
                .exists()
        );
        self.sshd.url(Path::new(&format!("/case{number}")))
    }

    /// The URL that leads to the server behind a `git://` URL of this machine.
    pub fn relay_url(&self, git_url: &str) -> String {
        let port = git_url
            .rsplit(':')
            .next()
            .and_then(|rest| rest.split('/').next());
        self.sshd
            .url(Path::new(&format!("/{}", port.expect("it has a port"))))
    }
}

/// A program that runs in place of `git-upload-pack`.
pub struct SshScript {
    /// What it does.
    pub name: &'static str,
    /// The kinds of error that are right; none if the import has to succeed.
    pub expected: &'static [ErrorKind],
    script: &'static str,
}

/// Ends when the client goes away, and says nothing until then.
macro_rules! silence {
    () => {
        "exec cat >/dev/null"
    };
}

/// All scripts.
pub fn ssh_scripts() -> Vec<SshScript> {
    use ErrorKind::{
        AccessDenied, ConnectionFailed, NotAGitServer, Protocol, RepositoryNotFound, Server,
        Timeout,
    };
    const HONEST: &[ErrorKind] = &[];
    let table: &[(&str, &[ErrorKind], &str)] = &[
        ("honest", HONEST, "exec git upload-pack $REPO"),
        (
            "honest, with words on standard error",
            HONEST,
            "printf 'Welcome!\\n\\033[2JERROR: Repository not found.\\n' >&2; exec git upload-pack $REPO",
        ),
        (
            "honest, and failing at last",
            HONEST,
            "git upload-pack $REPO; exit 1",
        ),
        (
            "no such command",
            &[NotAGitServer],
            "exec git-upload-pack-5",
        ),
        ("status 127 without a word", &[NotAGitServer], "exit 127"),
        (
            "no Git, in other words",
            &[NotAGitServer],
            "echo 'zsh:1: command not found: git-upload-pack' >&2; exit 1",
        ),
        (
            "no repository",
            &[RepositoryNotFound],
            "exec git upload-pack /nonexistent",
        ),
        (
            "no repository, in a host's words",
            &[RepositoryNotFound],
            "echo 'ERROR: Repository not found.' >&2; exit 1",
        ),
        (
            "no access",
            &[AccessDenied, RepositoryNotFound],
            "echo 'remote: You are not allowed to access this project: access denied' >&2; exit 1",
        ),
        (
            "no shell",
            &[Server],
            "echo 'This account is currently not available.' >&2; exit 1",
        ),
        ("closes at once", &[ConnectionFailed], "exit 0"),
        ("fails at once", &[ConnectionFailed], "exit 1"),
        ("is killed at once", &[ConnectionFailed], "kill -9 $$"),
        ("silence", &[Timeout], silence!()),
        (
            "a greeting on standard output",
            &[NotAGitServer],
            "echo 'Last login: today'; exec git upload-pack $REPO",
        ),
        (
            "a greeting, then silence",
            &[NotAGitServer],
            concat!("echo 'Last login: today'; ", silence!()),
        ),
        (
            "a greeting without an end",
            &[NotAGitServer],
            "exec yes 'Last login: today'",
        ),
        (
            "escapes in a greeting",
            &[NotAGitServer],
            "printf '\\033]0;owned\\007\\033[2J'; exit 0",
        ),
        ("zeros", &[NotAGitServer], "exec cat /dev/zero"),
        (
            "a length that is none",
            &[NotAGitServer],
            concat!("printf 'zzzz'; ", silence!()),
        ),
        (
            "a length that is too small",
            &[Protocol, NotAGitServer],
            concat!("printf '0003'; ", silence!()),
        ),
        (
            "a length that is too large",
            &[Protocol, NotAGitServer],
            concat!("printf 'ffff'; ", silence!()),
        ),
        (
            "an unknown version",
            &[Protocol],
            concat!("printf '000eversion 9\\n0000'; ", silence!()),
        ),
        (
            "half a line",
            &[ConnectionFailed],
            "printf '0032abc'; exit 0",
        ),
        (
            "half a line, then silence",
            &[Timeout],
            concat!("printf '0032abc'; ", silence!()),
        ),
        (
            "a drip",
            &[Timeout],
            "printf '0fff'; while printf x; do sleep 0.2; done",
        ),
        (
            "an error of the protocol",
            &[RepositoryNotFound],
            "printf '0021ERR Repository not found: /x\\n'; exit 1",
        ),
    ];
    table
        .iter()
        .map(|&(name, expected, script)| SshScript {
            name,
            expected,
            script,
        })
        .collect()
}

/// What a machine says on the port of ssh that is no OpenSSH, or a broken one.
pub struct NoSsh {
    /// What it does.
    pub name: &'static str,
    /// The kinds of error that are right.
    pub expected: &'static [ErrorKind],
    words: &'static [u8],
    then: Then,
}

#[derive(Clone, Copy)]
enum Then {
    Close,
    Silence,
    Repeat,
    Drip,
}

/// All of them.
pub fn no_ssh_cases() -> Vec<NoSsh> {
    use ErrorKind::{ConnectionFailed, Timeout, Tls};
    let banner = b"SSH-2.0-OpenSSH_9.9\r\n";
    let table: &[(&str, &[ErrorKind], &[u8], Then)] = &[
        ("closes at once", &[ConnectionFailed], b"", Then::Close),
        ("no banner", &[Timeout], b"", Then::Silence),
        ("half a banner", &[Timeout], b"SSH-2.0-Op", Then::Silence),
        (
            "half a banner and the end",
            &[ConnectionFailed],
            b"SSH-2.0-Op",
            Then::Close,
        ),
        (
            "a dripping banner",
            &[Timeout],
            b"SSH-2.0-OpenSSH_9.9",
            Then::Drip,
        ),
        ("an old version", &[Tls], b"SSH-1.5-old\r\n", Then::Silence),
        (
            "a web server",
            &[ConnectionFailed],
            b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
            Then::Close,
        ),
        (
            "lines without an end",
            &[ConnectionFailed],
            b"Hello, who is there?\r\n",
            Then::Repeat,
        ),
        (
            "a line without an end",
            &[ConnectionFailed],
            b"hello ",
            Then::Repeat,
        ),
        ("zeros", &[ConnectionFailed], &[0; 64], Then::Repeat),
        ("a banner alone", &[Timeout], banner, Then::Silence),
        (
            "a banner and the end",
            &[ConnectionFailed],
            banner,
            Then::Close,
        ),
        (
            "a banner and a packet that is none",
            &[ConnectionFailed],
            b"SSH-2.0-OpenSSH_9.9\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            Then::Silence,
        ),
        (
            "a banner and garbage",
            &[ConnectionFailed],
            b"SSH-2.0-OpenSSH_9.9\r\n\0\0\0\x0c\x04\x63garbage",
            Then::Repeat,
        ),
    ];
    table
        .iter()
        .map(|&(name, expected, words, then)| NoSsh {
            name,
            expected,
            words,
            then,
        })
        .collect()
}

impl NoSsh {
    /// Starts it.
    pub fn serve(&self) -> TcpServer {
        let (words, then) = (self.words, self.then);
        TcpServer::start(move |stream, _| {
            // A client that goes away is what this leads to.
            let _ = speak(stream, words, then);
        })
    }
}

fn speak(mut stream: TcpStream, words: &[u8], then: Then) -> std::io::Result<()> {
    if let Then::Drip = then {
        for byte in words {
            stream.write_all(&[*byte])?;
            std::thread::sleep(Duration::from_millis(400));
        }
        return Ok(());
    }
    stream.write_all(words)?;
    match then {
        Then::Close | Then::Drip => Ok(()),
        Then::Repeat => loop {
            stream.write_all(words)?;
        },
        Then::Silence => {
            while stream.read(&mut [0; 1024])? > 0 {}
            Ok(())
        }
    }
}
