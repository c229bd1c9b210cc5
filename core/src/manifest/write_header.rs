//! Writing the header and the trailer.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::error::VERSION;
use super::fields::Fields;
use super::header::{Choices, Header, Origin};
use super::json::Object;
use super::serialize::Map;
use super::totals::Trailer;

/// Options with what is no option of the import, but of the writing.
struct WithText<'a> {
    options: &'a Choices,
    text: bool,
}

/// Appends a header up to the checksum.
pub(super) fn push_header(out: &mut Vec<u8>, header: &Header, text: bool) {
    let mut object = Object::begin(out);
    let Ok(()) = describe_header(&mut object, header, text);
}

/// Appends a trailer up to the checksum.
pub(super) fn push_trailer(out: &mut Vec<u8>, trailer: &Trailer) {
    let mut object = Object::begin(out);
    let Ok(()) = object.value("totals", &trailer.totals);
    let Ok(()) = object.value("skipped", &trailer.skipped);
    let Ok(()) = object.hex("root", trailer.root.as_bytes());
    let Ok(()) = object.value("complete", &true);
}

fn describe_header<F: Fields>(fields: &mut F, header: &Header, text: bool) -> Result<(), F::Error> {
    fields.word("manifest", VERSION)?;
    fields.value("source", &header.source)?;
    let options = &header.options;
    fields.value("options", &WithText { options, text })
}

fn describe_origin<F: Fields>(fields: &mut F, origin: &Origin) -> Result<(), F::Error> {
    fields.value("url", &origin.url)?;
    bytes_or_null(fields, "ref", "ref_base64", origin.reference.as_deref())?;
    fields.value("commit", &origin.commit)?;
    fields.hex("tree", origin.tree.as_bytes())?;
    fields.value("object_format", &origin.tree.format())?;
    bytes_or_null(fields, "subdir", "subdir_base64", origin.subdir.as_deref())?;
    match &origin.subdir_of {
        Some(tree) => fields.hex("subdir_of", tree.as_bytes()),
        None => Ok(()),
    }
}

fn describe_options<F: Fields>(
    fields: &mut F,
    options: &Choices,
    text: bool,
) -> Result<(), F::Error> {
    for (key, patterns) in [("include", &options.include), ("exclude", &options.exclude)] {
        if !patterns.is_empty() {
            fields.value(key, patterns)?;
        }
    }
    fields.number("max_blob", options.max_blob)?;
    for (key, set) in [("allow_missing", options.allow_missing), ("text", text)] {
        if set {
            fields.value(key, &true)?;
        }
    }
    Ok(())
}

fn bytes_or_null<F: Fields>(
    fields: &mut F,
    key: &'static str,
    key_base64: &'static str,
    value: Option<&[u8]>,
) -> Result<(), F::Error> {
    match value {
        Some(value) => fields.bytes(key, key_base64, value),
        None => fields.value(key, &()),
    }
}

/// Has the members of the header in the manifest, without those of the writing: `text` and
/// `checksum`.
impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Map(serializer.serialize_map(None)?);
        describe_header(&mut map, self, false)?;
        map.0.end()
    }
}

/// Has the members of `source` in the manifest.
impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Map(serializer.serialize_map(None)?);
        describe_origin(&mut map, self)?;
        map.0.end()
    }
}

/// Has the members of `options` in the manifest.
impl Serialize for Choices {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WithText {
            options: self,
            text: false,
        }
        .serialize(serializer)
    }
}

impl Serialize for WithText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Map(serializer.serialize_map(None)?);
        describe_options(&mut map, self.options, self.text)?;
        map.0.end()
    }
}
