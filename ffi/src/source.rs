//! Where an import comes from.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use gitlade::{Source, SourceOptions};

use crate::boundary;
use crate::credentials::gitlade_credentials;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::text::{self, gitlade_str};

/// A path of this machine, or the URL of a remote. It never changes, and may be used from several
/// threads at once.
pub struct gitlade_source {
    pub(crate) source: Source,
    /// Told to the host, so that it lives as long as the source.
    display: String,
    owner: Option<String>,
    repository: Option<String>,
}

impl gitlade_source {
    pub(crate) fn new(source: Source) -> Self {
        gitlade_source {
            display: source.to_string(),
            owner: source.owner().map(str::to_owned),
            repository: source.repository().map(std::borrow::Cow::into_owned),
            source,
        }
    }
}

/// Reads a path or a URL, by Git's rules where they are safe: `https://`, `http://`, `ssh://`,
/// `git://` and `user@host:path` are remotes, everything else is a path. A final slash and `.git` are
/// optional. Nothing is looked up, neither on the disk nor on the network.
///
/// A URL with a password in it is refused; `gitlade_source_parse_with` takes it apart.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_parse(
    text: *const c_char,
    text_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_source>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let text = text::required("text", text, text_len)?;
        let out = give::place("out", out)?;
        out.give(gitlade_source::new(Source::parse(text)?));
        Ok(())
    })
}

/// Reads a path or a URL, and hands over the credentials that stand in a URL; they are not kept in
/// the source. With `allow_file_urls`, `file://` URLs are paths, which a service that takes URLs from
/// strangers must not allow.
///
/// `*credentials` becomes NULL if there are none. `credentials` may be NULL, which drops them.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_parse_with(
    text: *const c_char,
    text_len: usize,
    allow_file_urls: bool,
    out: Option<&mut MaybeUninit<*mut gitlade_source>>,
    credentials: Option<&mut MaybeUninit<*mut gitlade_credentials>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let text = text::required("text", text, text_len)?;
        let out = give::place("out", out)?;
        let parsed = SourceOptions::default()
            .allow_file_urls(allow_file_urls)
            .parse(text)?;
        if let Some(place) = credentials {
            place.write(match parsed.credentials {
                Some(found) => give::handle(gitlade_credentials(found)),
                None => std::ptr::null_mut(),
            });
        }
        out.give(gitlade_source::new(parsed.source));
        Ok(())
    })
}

/// Makes a source of a path of this machine, whatever it looks like.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_of_path(
    path: *const c_char,
    path_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_source>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let path = text::path(text::required("path", path, path_len)?)?;
        let out = give::place("out", out)?;
        out.give(gitlade_source::new(Source::Local(path)));
        Ok(())
    })
}

/// Whether it is a remote, and not a path.
///
/// `source` may be NULL, which is none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_is_remote(source: Option<&gitlade_source>) -> bool {
    boundary::value(false, || {
        source.is_some_and(|source| matches!(source.source, Source::Remote(_)))
    })
}

/// The URL in its canonical form, or the path in quotes; without control characters and secrets. It
/// lives as long as the source, as all its texts do.
///
/// `source` may be NULL, which has no texts.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_text(source: Option<&gitlade_source>) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        gitlade_str::of_option(source.map(|source| &source.display))
    })
}

/// Who the repository belongs to, such as `vercel` of `vercel/next.js`; NULL for a path.
///
/// `source` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_owner(source: Option<&gitlade_source>) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        gitlade_str::of_option(source.and_then(|source| source.owner.as_ref()))
    })
}

/// The repository's name without `.git`; NULL for a path that does not end in a name.
///
/// `source` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_repository(source: Option<&gitlade_source>) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        gitlade_str::of_option(source.and_then(|source| source.repository.as_ref()))
    })
}

/// Frees a source. Imports of it that still run are not disturbed.
///
/// `source` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_source_free(source: *mut gitlade_source) {
    boundary::value((), || give::free(source));
}
