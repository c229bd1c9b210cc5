//! The options as data: what is bytes among them stands in two keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::import::options::Options;
use crate::limits::Limits;
use crate::local::Verify;
use crate::remote::RemoteOptions;

/// [`Options`] as they are serialised.
///
/// The folder stands in `subdir` if it is UTF-8, and in `subdir_base64` if not, as in the header of a
/// manifest. Of how a server is reached and asked, `depth` alone is kept, since a revision may need
/// it; the rest may hold credentials.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Form {
    revision: Option<String>,
    subdir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subdir_base64: Option<String>,
    include: Vec<String>,
    exclude: Vec<String>,
    limits: Limits,
    threads: usize,
    memory: u64,
    allow_missing: bool,
    alternates: bool,
    verify: Verify,
    spool_dir: Option<std::path::PathBuf>,
    #[serde(skip_serializing_if = "is_one")]
    depth: u32,
}

fn is_one(depth: &u32) -> bool {
    *depth == 1
}

impl Default for Form {
    fn default() -> Self {
        Options::default().into()
    }
}

impl From<Options> for Form {
    fn from(options: Options) -> Self {
        let Options {
            revision,
            subdir,
            include,
            exclude,
            limits,
            threads,
            memory,
            allow_missing,
            alternates,
            verify,
            spool_dir,
            remote,
        } = options;
        let (subdir, subdir_base64) = match subdir.map(String::from_utf8) {
            None => (None, None),
            Some(Ok(text)) => (Some(text), None),
            Some(Err(error)) => (None, Some(STANDARD.encode(error.as_bytes()))),
        };
        Form {
            revision,
            subdir,
            subdir_base64,
            include,
            exclude,
            limits,
            threads,
            memory,
            allow_missing,
            alternates,
            verify,
            spool_dir,
            depth: remote.depth,
        }
    }
}

impl TryFrom<Form> for Options {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        let subdir = match (form.subdir, form.subdir_base64) {
            (Some(_), Some(_)) => return Err("subdir and subdir_base64 exclude each other"),
            (text, None) => text.map(String::into_bytes),
            (None, Some(base64)) => {
                let bytes = STANDARD.decode(base64);
                Some(bytes.map_err(|_| "subdir_base64 is not base64")?)
            }
        };
        Ok(Options {
            revision: form.revision,
            subdir,
            include: form.include,
            exclude: form.exclude,
            limits: form.limits,
            threads: form.threads,
            memory: form.memory,
            allow_missing: form.allow_missing,
            alternates: form.alternates,
            verify: form.verify,
            spool_dir: form.spool_dir,
            remote: RemoteOptions::default().depth(form.depth),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(options: &Options) -> serde_json::Value {
        serde_json::to_value(options).expect("because options are data")
    }

    fn read(text: &str) -> Result<Options, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn options_come_back_as_they_were() {
        for subdir in [&b"docs"[..], b"caf\xe9/\xff", b""] {
            let mut options = Options::default()
                .revision("v1")
                .subdir(subdir)
                .include("*.rs")
                .exclude("/target")
                .limits(Limits::default().max_blob(7))
                .threads(3)
                .memory(1 << 20)
                .allow_missing(true)
                .alternates(false)
                .verify(Verify::Ids)
                .spool_dir("/var/spool");
            let value = json(&options);
            let again = read(&value.to_string()).expect("because it was written");
            assert_eq!(json(&again), value);
            assert_eq!(again.subdir.as_deref(), Some(subdir));
            assert!(value.get("depth").is_none());
            // How a server is reached is not written, and how far it is asked is.
            options.remote = RemoteOptions::default().retries(9).depth(9);
            let value = json(&options);
            assert!(value.get("remote").is_none() && value.get("retries").is_none());
            let again = read(&value.to_string()).expect("because it was written");
            assert_eq!((again.remote.depth, again.remote.retries), (9, 3));
        }
        let plain = json(&Options::default());
        let empty = read("{}").expect("because all have defaults");
        assert_eq!(json(&empty), plain);
        assert!(plain.get("subdir_base64").is_none());
    }

    #[test]
    fn a_folder_that_is_no_text_stands_in_base64() {
        let value = json(&Options::default().subdir(b"\xff"));
        // printf '\377' | base64
        assert_eq!(value["subdir_base64"], "/w==");
        assert!(value["subdir"].is_null());
        assert_eq!(json(&Options::default().subdir("é"))["subdir"], "é");
        for text in [
            r#"{"subdir": "a", "subdir_base64": "YQ=="}"#,
            r#"{"subdir_base64": "*"}"#,
            r#"{"subdirs": "a"}"#,
            r#"{"remote": {}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
