//! What a server says about its refs.

use super::error::FetchError;
use crate::error::LimitError;
use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;

/// One ref of a remote repository.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteRef {
    /// The full name: `HEAD`, or one that begins with `refs/`. Holds no spaces or control bytes.
    pub name: Vec<u8>,
    /// The object that it points to; `None` for a `HEAD` whose branch has no commit yet.
    pub id: Option<ObjectId>,
    /// What the annotated tag that it points to is about, after all tags on the way.
    pub peeled: Option<ObjectId>,
    /// The full name of the ref that it stands for, if it is symbolic.
    pub symref_target: Option<Vec<u8>>,
}

/// Counts refs against [`Limits::max_refs`] and [`Limits::max_ref_bytes`].
pub(super) struct RefCount<'a> {
    limits: &'a Limits,
    refs: u64,
    bytes: u64,
}

impl<'a> RefCount<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        RefCount {
            limits,
            refs: 0,
            bytes: 0,
        }
    }

    /// Counts one line that a ref, or what belongs to one, came in.
    pub(super) fn add(&mut self, line: &[u8]) -> Result<(), LimitError> {
        self.refs += 1;
        self.bytes += line.len() as u64;
        if self.refs > self.limits.max_refs {
            return Err(LimitError::new("max_refs", self.limits.max_refs));
        }
        if self.bytes > self.limits.max_ref_bytes {
            return Err(LimitError::new("max_ref_bytes", self.limits.max_ref_bytes));
        }
        Ok(())
    }
}

/// Reads one line of the answer to `ls-refs` (gitprotocol-v2, "ls-refs").
pub(super) fn parse_v2(
    line: &[u8],
    format: ObjectFormat,
    stage: &'static str,
) -> Result<RemoteRef, FetchError> {
    let malformed = || bad_ref(line, stage);
    let parse_id = |hex: &[u8]| parse_id(hex, format).filter(|id| !id.is_null());
    let mut fields = line.split(|&byte| byte == b' ');
    let id = match fields.next().ok_or_else(malformed)? {
        b"unborn" => None,
        hex => Some(parse_id(hex).ok_or_else(malformed)?),
    };
    let name = fields
        .next()
        .filter(|name| is_name(name))
        .ok_or_else(malformed)?;
    let mut found = RemoteRef {
        name: name.to_vec(),
        id,
        peeled: None,
        symref_target: None,
    };
    for attribute in fields {
        if let Some(target) = attribute.strip_prefix(b"symref-target:") {
            if !is_name(target) {
                return Err(malformed());
            }
            found.symref_target = Some(target.to_vec());
        } else if let Some(hex) = attribute.strip_prefix(b"peeled:") {
            found.peeled = Some(parse_id(hex).ok_or_else(malformed)?);
        }
        // "Unknown attributes are ignored" is how Git's own client reads them.
    }
    Ok(found)
}

/// Reads `id SP name` of the older protocols (gitprotocol-pack, "Reference Discovery").
pub(super) fn parse_v0<'a>(
    line: &'a [u8],
    format: ObjectFormat,
    stage: &'static str,
) -> Result<(ObjectId, &'a [u8]), FetchError> {
    let malformed = || bad_ref(line, stage);
    let space = memchr::memchr(b' ', line).ok_or_else(malformed)?;
    let id = parse_id(&line[..space], format).ok_or_else(malformed)?;
    let name = &line[space + 1..];
    if !is_name(name) {
        return Err(malformed());
    }
    Ok((id, name))
}

fn parse_id(hex: &[u8], format: ObjectFormat) -> Option<ObjectId> {
    ObjectId::from_hex(hex).filter(|id| id.format() == format)
}

/// Whether the name can stand in a line: neither empty nor with spaces or control bytes.
///
/// Git forbids more in names (git-check-ref-format), but here they are only compared and shown.
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| byte > b' ' && byte != 0x7f)
}

fn bad_ref(line: &[u8], stage: &'static str) -> FetchError {
    FetchError::malformed(stage, "no ref", line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b4d11e8ce0b3a1c0c0eb9e3dba23b5bdb8d0ddb6";
    const SHA1: ObjectFormat = ObjectFormat::Sha1;
    const TAGGED: &str = "d1e2f3a4b5c6d7e8f90123456789abcdef012345";

    #[test]
    fn refs_of_version_2_are_read() {
        let line = format!("{ID} refs/tags/v1 peeled:{TAGGED} future:x");
        let found = parse_v2(line.as_bytes(), SHA1, "now").expect("valid");
        assert_eq!(found.name, b"refs/tags/v1");
        assert_eq!(found.id.expect("has one").to_string(), ID);
        assert_eq!(found.peeled.expect("has one").to_string(), TAGGED);

        let head =
            parse_v2(b"unborn HEAD symref-target:refs/heads/main", SHA1, "now").expect("valid");
        assert_eq!((head.id, head.peeled), (None, None));
        assert_eq!(head.symref_target.as_deref(), Some(&b"refs/heads/main"[..]));
    }

    #[test]
    fn what_is_no_ref_is_refused() {
        let null = "0".repeat(40);
        for line in [
            String::new(),
            ID.to_owned(),
            format!("{ID} "),
            format!("{ID}  refs/heads/x"),
            format!("{} refs/heads/x", &ID[1..]),
            format!("{null} refs/heads/x"),
            format!("{ID} refs/heads/a\x1b[2J"),
            format!("{ID} HEAD symref-target:"),
            format!("{ID} refs/tags/a peeled:12"),
            "unborn".to_owned(),
            format!("{} refs/heads/x", "a".repeat(64)),
        ] {
            let error = parse_v2(line.as_bytes(), SHA1, "now").expect_err(&line);
            assert!(matches!(error, FetchError::Malformed { .. }), "{line}");
            assert!(!error.to_string().contains('\x1b'));
        }
    }

    #[test]
    fn refs_are_counted_to_their_limits() {
        let limits = Limits::default().max_refs(2).max_ref_bytes(10);
        let mut count = RefCount::new(&limits);
        count.add(b"12345").expect("fits");
        count.add(b"12345").expect("fits");
        assert!(count.add(b"").is_err());

        let mut count = RefCount::new(&limits);
        count.add(b"1234567890").expect("fits");
        assert!(count.add(b"1").is_err());
    }
}
