//! The server's first words: which protocol, what it can, and in older protocols all its refs.

use std::io::Read;

use super::error::FetchError;
use super::pkt::{Line, Pkts};
use super::refs::{RefCount, RemoteRef, is_name, parse_v0};
use crate::id::ObjectFormat;
use crate::limits::Limits;
use crate::remote::ServerText;

/// Bytes of all capabilities together; Git's servers send a few hundred.
const MAX_CAPABILITY_BYTES: usize = 64 << 10;

pub(super) const STAGE: &str = "while it announced what it can";

/// Which protocol the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// The original one, and version 1, which only says its number first.
    V0,
    /// Commands with arguments (gitprotocol-v2).
    V2,
}

/// What the server can.
#[derive(Debug)]
pub(super) struct Capabilities {
    pub(super) version: Version,
    /// `name`, `name=value` (v2, v0) as they came.
    items: Vec<Vec<u8>>,
}

impl Capabilities {
    /// The value of the first capability called `name`; empty if it has none.
    pub(super) fn get<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether the words of the capability's value have `word` among them.
    pub(super) fn has_word(&self, name: &str, word: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value.split(|&b| b == b' ').any(|it| it == word.as_bytes()))
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.items
            .iter()
            .filter_map(move |item| match item.strip_prefix(name.as_bytes())? {
                b"" => Some(&b""[..]),
                rest => rest.strip_prefix(b"="),
            })
    }

    /// The hash function of the repository's ids; SHA-1 where the server does not say.
    pub(super) fn object_format(&self) -> Result<ObjectFormat, FetchError> {
        match self.get("object-format") {
            None | Some(b"sha1") => Ok(ObjectFormat::Sha1),
            Some(b"sha256") => Ok(ObjectFormat::Sha256),
            Some(other) => Err(FetchError::ObjectFormat {
                format: ServerText::new(other),
            }),
        }
    }

    /// What `HEAD` stands for, as older protocols say it: `symref=HEAD:refs/heads/main`.
    fn head_target(&self) -> Option<Vec<u8>> {
        self.all("symref")
            .find_map(|value| value.strip_prefix(b"HEAD:"))
            .filter(|target| is_name(target))
            .map(<[u8]>::to_vec)
    }
}

/// Reads the advertisement; `see` is shown each ref if the protocol is an older one.
pub(super) fn read(
    pkts: &mut Pkts<impl Read>,
    limits: &Limits,
    see: &mut dyn FnMut(RemoteRef) -> Result<(), FetchError>,
) -> Result<Capabilities, FetchError> {
    let mut first = pkts.line()?;
    // Over http the service is named first, as a message of its own (gitprotocol-http).
    if let Line::Text(text) = first
        && let Some(service) = text.strip_prefix(b"# service=")
    {
        if service != b"git-upload-pack" {
            return Err(FetchError::malformed(STAGE, "another service", service));
        }
        // Some servers leave the flush out, and Git's client accepts that.
        first = match pkts.line()? {
            Line::Flush => pkts.line()?,
            other => other,
        };
    }
    match first {
        Line::Text(b"version 2") => read_v2(pkts),
        Line::Text(b"version 1") => {
            let first = owned(pkts.line()?);
            read_v0(pkts, first, limits, see)
        }
        Line::Text(text) if text.starts_with(b"version ") => {
            Err(FetchError::malformed(STAGE, "an unknown version", text))
        }
        other => {
            let first = owned(other);
            read_v0(pkts, first, limits, see)
        }
    }
}

/// A line that outlives the next one.
enum First {
    Text(Vec<u8>),
    Flush,
    Delimiter,
    End,
}

fn owned(line: Line<'_>) -> First {
    match line {
        Line::Text(text) => First::Text(text.to_vec()),
        Line::Flush => First::Flush,
        Line::Delimiter => First::Delimiter,
        Line::End => First::End,
    }
}

fn read_v2(pkts: &mut Pkts<impl Read>) -> Result<Capabilities, FetchError> {
    let mut items = Vec::new();
    let mut bytes = 0;
    loop {
        match pkts.line()? {
            Line::Text(text) => {
                bytes += text.len() + 1;
                if bytes > MAX_CAPABILITY_BYTES {
                    return Err(too_many());
                }
                items.push(text.to_vec());
            }
            Line::Flush => break,
            Line::Delimiter => {
                return Err(FetchError::malformed(STAGE, "a delimiter", b""));
            }
            Line::End => return Err(pkts.ended()),
        }
    }
    Ok(Capabilities {
        version: Version::V2,
        items,
    })
}

fn read_v0(
    pkts: &mut Pkts<impl Read>,
    first: First,
    limits: &Limits,
    see: &mut dyn FnMut(RemoteRef) -> Result<(), FetchError>,
) -> Result<Capabilities, FetchError> {
    let mut capabilities = Capabilities {
        version: Version::V0,
        items: Vec::new(),
    };
    let first = match first {
        First::Text(text) => text,
        // An empty repository of a server that has nothing to say about itself.
        First::Flush => return Ok(capabilities),
        First::End => return Err(pkts.ended()),
        First::Delimiter => {
            return Err(FetchError::malformed(STAGE, "a delimiter", b""));
        }
    };
    let (first, words) = match memchr::memchr(0, &first) {
        Some(nul) => (&first[..nul], &first[nul + 1..]),
        None => (&first[..], &b""[..]),
    };
    if words.len() > MAX_CAPABILITY_BYTES {
        return Err(too_many());
    }
    capabilities.items = words
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty())
        .map(<[u8]>::to_vec)
        .collect();

    pkts.set_stage("while it announced its refs");
    let stage = pkts.stage();
    let mut count = RefCount::new(limits);
    count.add(first)?;
    let mut refs = V0Refs {
        head_target: capabilities.head_target(),
        format: capabilities.object_format()?,
        held: None,
        stage,
        see,
    };
    refs.line(first)?;
    loop {
        match pkts.line()? {
            Line::Text(text) => {
                count.add(text)?;
                refs.line(text)?;
            }
            Line::Flush => break,
            Line::Delimiter => {
                return Err(FetchError::malformed(stage, "a delimiter", b""));
            }
            Line::End => return Err(pkts.ended()),
        }
    }
    refs.finish()?;
    Ok(capabilities)
}

/// Joins the two lines that an annotated tag has: its own, and `name^{}` for what it is about.
struct V0Refs<'a> {
    head_target: Option<Vec<u8>>,
    format: ObjectFormat,
    held: Option<RemoteRef>,
    stage: &'static str,
    see: &'a mut dyn FnMut(RemoteRef) -> Result<(), FetchError>,
}

impl V0Refs<'_> {
    fn line(&mut self, line: &[u8]) -> Result<(), FetchError> {
        // The boundary of a shallow repository, which is no ref.
        if line.starts_with(b"shallow ") {
            return Ok(());
        }
        let (id, name) = parse_v0(line, self.format, self.stage)?;
        if let Some(name) = name.strip_suffix(b"^{}") {
            // Without refs, capabilities stand behind a name that none has.
            if name == b"capabilities" {
                return Ok(());
            }
            if let Some(held) = self.held.as_mut().filter(|held| held.name == name) {
                held.peeled = Some(id);
            }
            return Ok(());
        }
        self.finish()?;
        self.held = Some(RemoteRef {
            name: name.to_vec(),
            id: Some(id).filter(|id| !id.is_null()),
            peeled: None,
            symref_target: match name {
                b"HEAD" => self.head_target.clone(),
                _ => None,
            },
        });
        Ok(())
    }

    fn finish(&mut self) -> Result<(), FetchError> {
        match self.held.take() {
            Some(held) => (self.see)(held),
            None => Ok(()),
        }
    }
}

fn too_many() -> FetchError {
    FetchError::malformed(STAGE, "too many capabilities", b"")
}
