//! The server's answer, up to where the pack begins.

use std::io::Read;

use super::advertisement::{Capabilities, Version};
use super::error::FetchError;
use super::pkt::{Line, Pkts};
use super::refs::{RefCount, RemoteRef, parse_v2};
use super::sideband::Framing;
use crate::id::ObjectFormat;
use crate::limits::Limits;

pub(super) const REFS_STAGE: &str = "while it listed its refs";
pub(super) const STAGE: &str = "before it sent the pack";

/// Lines that may stand before the pack: two or three, and one for each commit at which the depth
/// cuts off the history.
const MAX_LINES: usize = 100_000;

/// Reads the answer to `ls-refs`, showing each ref to `see`.
pub(super) fn read_refs(
    pkts: &mut Pkts<impl Read>,
    limits: &Limits,
    format: ObjectFormat,
    see: &mut dyn FnMut(RemoteRef) -> Result<(), FetchError>,
) -> Result<(), FetchError> {
    let mut count = RefCount::new(limits);
    let stage = pkts.stage();
    loop {
        match pkts.line()? {
            Line::Text(text) => {
                count.add(text)?;
                see(parse_v2(text, format, stage)?)?;
            }
            Line::Flush => return Ok(()),
            Line::Delimiter => return Err(unexpected(stage, b"a delimiter")),
            Line::End => return Err(pkts.ended()),
        }
    }
}

/// Reads what stands before the pack, and says in which frames the pack comes.
pub(super) fn read_to_pack(
    pkts: &mut Pkts<impl Read>,
    capabilities: &Capabilities,
) -> Result<Framing, FetchError> {
    match capabilities.version {
        Version::V2 => read_v2(pkts),
        Version::V0 => read_v0(pkts, capabilities),
    }
}

/// Sections in the order that the server chose, the pack's being the last (gitprotocol-v2,
/// "fetch"). A request that ends in `done` gets no acknowledgments.
fn read_v2(pkts: &mut Pkts<impl Read>) -> Result<Framing, FetchError> {
    let mut in_boundary = false;
    for _ in 0..MAX_LINES {
        match pkts.line()? {
            Line::Text(b"packfile") if !in_boundary => return Ok(Framing::SideBand),
            Line::Text(b"shallow-info") if !in_boundary => in_boundary = true,
            Line::Text(text) if in_boundary && is_shallow(text) => {}
            Line::Delimiter if in_boundary => in_boundary = false,
            Line::Delimiter => return Err(unexpected(STAGE, b"a delimiter")),
            Line::Text(other) => return Err(unexpected(STAGE, other)),
            Line::Flush => return Err(unexpected(STAGE, b"no pack")),
            Line::End => return Err(pkts.ended()),
        }
    }
    Err(unexpected(STAGE, b"too many lines"))
}

/// The boundary of the depth, a flush, `NAK`, and the pack (gitprotocol-pack, "Packfile
/// Negotiation" and "Packfile Data").
fn read_v0(pkts: &mut Pkts<impl Read>, capabilities: &Capabilities) -> Result<Framing, FetchError> {
    for _ in 0..MAX_LINES {
        match pkts.line()? {
            Line::Text(text) if is_shallow(text) => {}
            Line::Flush => {}
            Line::Text(b"NAK") => {
                let framed = capabilities.has("side-band-64k") || capabilities.has("side-band");
                return Ok(match framed {
                    true => Framing::SideBand,
                    false => Framing::Bare,
                });
            }
            Line::Text(other) => return Err(unexpected(STAGE, other)),
            Line::Delimiter => return Err(unexpected(STAGE, b"a delimiter")),
            Line::End => return Err(pkts.ended()),
        }
    }
    Err(unexpected(STAGE, b"too many lines"))
}

fn is_shallow(text: &[u8]) -> bool {
    text.strip_prefix(b"shallow ")
        .or_else(|| text.strip_prefix(b"unshallow "))
        .is_some_and(|id| crate::ObjectId::from_hex(id).is_some())
}

fn unexpected(stage: &'static str, what: &[u8]) -> FetchError {
    FetchError::malformed(stage, "an unexpected line", what)
}
