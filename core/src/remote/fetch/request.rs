//! What is sent to the server.

use super::advertisement::{Capabilities, Version};
use super::error::FetchError;
use super::pkt::{push_delimiter, push_flush, push_line};
use crate::id::{ObjectFormat, ObjectId};

/// How gitlade names itself to the server (gitprotocol-capabilities, "agent").
const AGENT: &str = concat!("agent=gitlade/", env!("CARGO_PKG_VERSION"));

/// Makes the `ls-refs` command for the refs that begin with one of `prefixes`, or for all.
pub(super) fn ls_refs(
    capabilities: &Capabilities,
    prefixes: &[Vec<u8>],
) -> Result<Vec<u8>, FetchError> {
    let mut out = command(capabilities, "ls-refs")?;
    push_line(&mut out, b"peel\n");
    push_line(&mut out, b"symrefs\n");
    if capabilities.has_word("ls-refs", "unborn") {
        push_line(&mut out, b"unborn\n");
    }
    for prefix in prefixes {
        push_line(
            &mut out,
            &[b"ref-prefix ", prefix.as_slice(), b"\n"].concat(),
        );
    }
    push_flush(&mut out);
    Ok(out)
}

/// Makes the request for one object and what it holds, with `depth` generations of commits.
///
/// There is nothing that we have, so no negotiation happens: the request ends in `done`. Nothing
/// is said about thin packs, which keeps every base inside of the pack.
pub(super) fn fetch(
    capabilities: &Capabilities,
    want: ObjectId,
    depth: u32,
) -> Result<Vec<u8>, FetchError> {
    match capabilities.version {
        Version::V2 => {
            let mut out = command(capabilities, "fetch")?;
            push_line(&mut out, b"ofs-delta\n");
            if capabilities.has_word("fetch", "shallow") {
                push_line(&mut out, format!("deepen {depth}\n").as_bytes());
            }
            push_line(&mut out, format!("want {want}\n").as_bytes());
            push_line(&mut out, b"done\n");
            push_flush(&mut out);
            Ok(out)
        }
        Version::V0 => {
            let mut out = Vec::new();
            let mut line = format!("want {want}");
            let mut features = vec!["side-band-64k", "ofs-delta"];
            if !capabilities.has("side-band-64k") {
                features.push("side-band");
            }
            for feature in features {
                if capabilities.has(feature) {
                    line.push(' ');
                    line.push_str(feature);
                }
            }
            let format = capabilities.object_format()?;
            if capabilities.has("object-format") {
                line.push_str(&format!(" object-format={format}"));
            }
            if capabilities.has("agent") {
                line.push(' ');
                line.push_str(AGENT);
            }
            line.push('\n');
            push_line(&mut out, line.as_bytes());
            if capabilities.has("shallow") {
                push_line(&mut out, format!("deepen {depth}\n").as_bytes());
            }
            push_flush(&mut out);
            push_line(&mut out, b"done\n");
            Ok(out)
        }
    }
}

/// Begins a command of version 2, up to the delimiter before its arguments.
fn command(capabilities: &Capabilities, name: &str) -> Result<Vec<u8>, FetchError> {
    let mut out = Vec::new();
    push_line(&mut out, format!("command={name}\n").as_bytes());
    if capabilities.has("agent") {
        push_line(&mut out, AGENT.as_bytes());
    }
    // Git's servers take a client that says nothing for one that knows SHA-1 only.
    let format = capabilities.object_format()?;
    if format != ObjectFormat::Sha1 || capabilities.has("object-format") {
        push_line(&mut out, format!("object-format={format}").as_bytes());
    }
    push_delimiter(&mut out);
    Ok(out)
}
