//! Writing the header and the trailer.

use serde::Serialize;

use super::error::VERSION;
use super::fields::Fields;
use super::header::Header;
use super::json::Object;
use super::totals::Trailer;

/// Appends a header up to the checksum.
pub(super) fn push_header(out: &mut Vec<u8>, header: &Header, with_text: bool) {
    let Header { source, options } = header;
    let mut object = Object::begin(out);
    let Ok(()) = object.word("manifest", VERSION);
    let mut origin = object.object("source");
    match &source.url {
        Some(url) => {
            let Ok(()) = origin.string("url", url);
        }
        None => origin.null("url"),
    }
    bytes_or_null(
        &mut origin,
        "ref",
        "ref_base64",
        source.reference.as_deref(),
    );
    match source.commit {
        Some(commit) => {
            let Ok(()) = origin.hex("commit", commit.as_bytes());
        }
        None => origin.null("commit"),
    }
    let Ok(()) = origin.hex("tree", source.tree.as_bytes());
    let Ok(()) = origin.value("object_format", &header.object_format());
    bytes_or_null(
        &mut origin,
        "subdir",
        "subdir_base64",
        source.subdir.as_deref(),
    );
    origin.end();
    let mut chosen = object.object("options");
    for (key, patterns) in [("include", &options.include), ("exclude", &options.exclude)] {
        if !patterns.is_empty() {
            let Ok(()) = chosen.value(key, patterns);
        }
    }
    let Ok(()) = chosen.number("max_blob", options.max_blob);
    for (key, set) in [
        ("allow_missing", options.allow_missing),
        ("text", with_text),
    ] {
        if set {
            let Ok(()) = chosen.value(key, &true);
        }
    }
    chosen.end();
}

fn bytes_or_null(
    object: &mut Object<'_>,
    key: &'static str,
    key_base64: &'static str,
    value: Option<&[u8]>,
) {
    match value {
        Some(value) => {
            let Ok(()) = object.bytes(key, key_base64, value);
        }
        None => object.null(key),
    }
}

/// Appends a trailer up to the checksum.
pub(super) fn push_trailer(out: &mut Vec<u8>, trailer: &Trailer) {
    #[derive(Serialize)]
    struct Complete<'a> {
        #[serde(flatten)]
        trailer: &'a Trailer,
        complete: bool,
    }
    serde_json::to_writer(
        &mut *out,
        &Complete {
            trailer,
            complete: true,
        },
    )
    .expect("because writing plain data to memory cannot fail");
    out.pop();
}
