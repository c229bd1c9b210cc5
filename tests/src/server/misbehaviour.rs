//! What servers do wrong, as a table of named cases with the errors that they have to end in.

use std::path::Path;
use std::time::Duration;

use gitlade::{ErrorKind, Limits, Policy, RemoteOptions, Timeouts};

use super::http_cases::http_cases;
use super::liar::{Lie, LyingServer, Over, Stage, Version};
use super::pack_cases::pack_cases;
use super::pkt::{line, shallow_line};

/// One way to misbehave.
///
/// The cases are made for a client that asks for `HEAD` with little patience and small limits
/// ([`impatient`], [`small_limits`]), so that each ends within seconds.
pub struct Case {
    /// Stage, transport, version and what happens: `refs over git: cut at 50 %`.
    pub name: String,
    /// The kinds of error that are right.
    pub expected: &'static [ErrorKind],
    over: Over,
    version: Version,
    stage: Stage,
    lie: Lie,
}

impl Case {
    /// Whether the client gets as far as the pack: `ls_remote` does not.
    pub fn is_about_the_pack(&self) -> bool {
        self.stage == Stage::Pack
    }

    /// The transport.
    pub fn over(&self) -> Over {
        self.over
    }

    /// Starts the server; `repository` is what it is honest about.
    pub fn serve(&self, repository: &Path) -> LyingServer {
        LyingServer::start(
            repository,
            self.over,
            self.version,
            self.stage,
            self.lie.clone(),
        )
    }
}

/// Options for a server on loopback that is waited for two seconds, and not tried again.
pub fn impatient() -> RemoteOptions {
    let timeouts = Timeouts::default()
        .stall(Duration::from_secs(2))
        .min_rate(64, Duration::from_secs(3));
    RemoteOptions::default()
        .policy(Policy::unrestricted())
        .timeouts(timeouts)
        .retries(0)
}

/// Limits that the sample repository keeps, and endless answers soon reach.
pub fn small_limits() -> Limits {
    Limits::default()
        .max_refs(1_000)
        .max_ref_bytes(64 << 10)
        .max_sideband_bytes(64 << 10)
        .max_pack_bytes(4 << 20)
}

/// A line of the table before it is spread over the transports.
pub(super) struct Row {
    what: String,
    expected: &'static [ErrorKind],
    lie: Lie,
    over: &'static [Over],
    versions: &'static [Version],
}

const BOTH: &[Over] = &[Over::Http, Over::Git];
const V2: &[Version] = &[Version::V2];
const V0_AND_V2: &[Version] = &[Version::V0, Version::V2];

/// A row that is about both transports, and version 2.
pub(super) fn row(what: impl Into<String>, expected: &'static [ErrorKind], lie: Lie) -> Row {
    Row {
        what: what.into(),
        expected,
        lie,
        over: BOTH,
        versions: V2,
    }
}

impl Row {
    /// Both versions.
    pub(super) fn any_version(mut self) -> Self {
        self.versions = V0_AND_V2;
        self
    }

    /// The older version only.
    pub(super) fn v0(mut self) -> Self {
        self.versions = &[Version::V0];
        self
    }

    /// HTTP only.
    pub(super) fn http(mut self) -> Self {
        self.over = &[Over::Http];
        self
    }
}

/// All cases.
pub fn misbehaviours() -> Vec<Case> {
    let stages = [
        (Stage::Advertisement, advertisement_cases()),
        (Stage::Refs, refs_cases()),
        (Stage::Pack, pack_cases()),
    ];
    let mut cases = Vec::new();
    for (stage, rows) in stages {
        let rows = rows.into_iter().chain(silent_and_broken(stage));
        for row in rows.chain(http_cases(stage)) {
            for &over in row.over {
                for &version in row.versions {
                    if stage == Stage::Refs && version == Version::V0 {
                        continue;
                    }
                    cases.push(Case {
                        name: format!("{stage:?} over {over:?}, {version:?}: {}", row.what),
                        expected: row.expected,
                        over,
                        version,
                        stage,
                        lie: row.lie.clone(),
                    });
                }
            }
        }
    }
    cases
}

/// What can happen to any answer.
fn silent_and_broken(stage: Stage) -> Vec<Row> {
    use ErrorKind::{ConnectionFailed, NotAGitServer, Protocol, Server, Timeout};
    let mut rows = vec![row("drip", &[Timeout], Lie::Drip).any_version()];
    for hundredths in [0, 3, 50, 99] {
        let silence = Lie::Silence(hundredths);
        rows.push(row(format!("silence at {hundredths} %"), &[Timeout], silence).any_version());
        let cut = Lie::Cut(hundredths);
        rows.push(row(format!("cut at {hundredths} %"), &[ConnectionFailed], cut).any_version());
        let short = Lie::Short(hundredths);
        rows.push(
            row(
                format!("short at {hundredths} %"),
                &[ConnectionFailed],
                short,
            )
            .any_version()
            .http(),
        );
    }
    // The first bytes of a connection show whether a Git server is there at all; later ones, that
    // it is broken.
    let garbage: &[ErrorKind] = match stage {
        Stage::Advertisement => &[NotAGitServer],
        _ => &[NotAGitServer, Protocol],
    };
    for (what, bytes) in [
        ("letters in place of a length", &b"zzzz"[..]),
        ("NUL in place of a length", b"\0\0\0\0\0\0\0\0"),
        ("a sign in a length", b"+005a"),
        ("terminal escapes", b"\x1b[2J\x1b]0;owned\x07"),
        (
            "a web page",
            b"<!DOCTYPE html><html><title>Sign in</title></html>",
        ),
        ("an HTTP status", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("an ssh banner", b"SSH-2.0-OpenSSH_9.9\r\n"),
    ] {
        rows.push(row(what, garbage, Lie::replace(bytes)).any_version());
    }
    for (what, bytes) in [
        ("a length below its own", b"0003".to_vec()),
        (
            "a length above the maximum",
            [b"fff1".to_vec(), vec![b'x'; 65_517]].concat(),
        ),
        (
            "the longest length",
            [b"ffff".to_vec(), vec![b'x'; 65_531]].concat(),
        ),
        ("an empty line", b"0004".to_vec()),
        ("a delimiter first", b"0001".to_vec()),
    ] {
        rows.push(row(what, &[Protocol], Lie::before(bytes)));
    }
    for (words, expected) in [
        (
            "access denied or repository not exported: /x",
            &[ErrorKind::RepositoryNotFound][..],
        ),
        ("Repository not found.", &[ErrorKind::RepositoryNotFound]),
        (
            "You are not allowed to read this project",
            &[ErrorKind::AccessDenied],
        ),
        ("rate limit exceeded", &[ErrorKind::RateLimited]),
        ("\x1b[2Jsomething broke\r\n\x07", &[Server]),
        ("", &[Server]),
    ] {
        let bytes = line(format!("ERR {words}").as_bytes());
        rows.push(row(format!("ERR {words:?}"), expected, Lie::before(bytes)).any_version());
    }
    rows
}

fn advertisement_cases() -> Vec<Row> {
    use ErrorKind::{LimitExceeded, Protocol, UnsupportedRepository};
    let many = b"0009cap=x".to_vec();
    let id = "1234567890123456789012345678901234567890";
    let a_ref = line(format!("{id} refs/heads/x\n").as_bytes());
    vec![
        row("endless capabilities", &[Protocol], Lie::Endless(50, many)),
        row("endless refs", &[LimitExceeded], Lie::Endless(0, a_ref)).v0(),
        row(
            "another service",
            &[Protocol],
            Lie::replace(b"001f# service=git-receive-pack\n0000"),
        ),
        row(
            "version 9",
            &[Protocol],
            Lie::replace(b"000eversion 9\n0000"),
        ),
        row(
            "an unknown object format",
            &[UnsupportedRepository],
            Lie::change(|honest| replace(&honest, b"object-format=sha1", b"object-format=md55")),
        )
        .any_version(),
        row("no id", &[Protocol], Lie::replace(line(b"hello\0world\n"))).v0(),
        row(
            "a short id",
            &[Protocol],
            Lie::replace(line(format!("{} refs/heads/x\0a\n", &id[1..]).as_bytes())),
        )
        .v0(),
        row(
            "a ref with an escape",
            &[Protocol],
            Lie::replace(line(format!("{id} refs/heads/\x1b[2J\0a\n").as_bytes())),
        )
        .v0(),
    ]
}

fn refs_cases() -> Vec<Row> {
    use ErrorKind::{LimitExceeded, Protocol};
    let id = "1234567890123456789012345678901234567890";
    let mut rows = vec![
        row(
            "endless refs",
            &[LimitExceeded],
            Lie::Endless(0, line(format!("{id} refs/heads/x\n").as_bytes())),
        ),
        row(
            "endless long refs",
            &[LimitExceeded],
            Lie::Endless(
                0,
                line(format!("{id} refs/heads/{}\n", "x".repeat(60_000)).as_bytes()),
            ),
        ),
    ];
    for (what, text) in [
        ("a short id", format!("{} refs/heads/x\n", &id[1..])),
        ("a null id", format!("{} refs/heads/x\n", "0".repeat(40))),
        ("no name", format!("{id}\n")),
        ("an empty name", format!("{id} \n")),
        ("an escape in a name", format!("{id} refs/heads/\x1b[2J\n")),
        (
            "an empty symref target",
            format!("{id} HEAD symref-target:\n"),
        ),
        ("a bad peeled id", format!("{id} refs/tags/x peeled:12\n")),
    ] {
        rows.push(row(what, &[Protocol], Lie::before(line(text.as_bytes()))));
    }
    let sha256 = line(format!("{} HEAD\n", "a".repeat(64)).as_bytes());
    let answer = [sha256, b"0000".to_vec()].concat();
    rows.push(row(
        "an id of another format",
        &[Protocol],
        Lie::replace(answer),
    ));
    rows.push(row(
        "endless boundaries of the depth",
        &[Protocol],
        Lie::Endless(0, shallow_line()),
    ));
    rows
}

/// `bytes` with the first `from` replaced.
pub(super) fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from);
    match at {
        Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]].concat(),
        None => bytes.to_vec(),
    }
}
