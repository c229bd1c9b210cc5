//! What is at a URL, before it is imported.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use gitlade::{Control, Detected, Detection, Source, Target};

use crate::boundary::{self, Failure};
use crate::buffer::gitlade_buffer;
use crate::control::gitlade_control;
use crate::error::gitlade_error;
use crate::give;
use crate::options::{self, gitlade_options};
use crate::record::json;
use crate::source::gitlade_source;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::{self, gitlade_str};

/// What is at a URL or a path, and what of it may be meant. It never changes, and may be used from
/// several threads at once.
pub struct gitlade_detection {
    found: Detection,
    /// Texts that the engine makes when it is asked, kept so that they live as long as this.
    repository: Option<String>,
    candidates: Vec<Shown>,
}

struct Shown {
    url: String,
    include: Option<String>,
}

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_found {
    /// Something else than all of these.
    Unknown = 0,
    /// A Git server, which can be imported from.
    GitSmart = 1,
    /// A Git repository that is served as static files, which cannot be imported from.
    GitDumb = 2,
    /// A Git repository on this machine.
    GitFolder = 3,
    /// A Subversion repository or working copy.
    Subversion = 4,
    /// A Mercurial repository.
    Mercurial = 5,
    /// Team Foundation Version Control.
    Tfvc = 6,
    /// A web page.
    WebPage = 7,
    /// Nothing, or something that the server hides from those who have no access.
    Nothing = 8,
    /// Something that is shown to those who log in.
    NeedsAuthentication = 9,
}

/// What a path in a repository leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_target {
    /// The whole repository.
    Repository = 0,
    /// A folder.
    Folder = 1,
    /// One file.
    File = 2,
    /// A folder or a file: the URL does not tell.
    Either = 3,
}

/// What was found. The texts live as long as the detection, and have no control characters; those that do
/// not apply, or that the server did not tell, are NULL.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_detected {
    /// `sizeof(gitlade_detected)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// Of Git: the branch that `HEAD` names.
    pub default_branch: gitlade_str,
    /// Of a web page: its title.
    pub title: gitlade_str,
    /// What one has to log in for, in the server's words.
    pub realm: gitlade_str,
    /// Of something unknown: its content type.
    pub content_type: gitlade_str,
    /// The forge whose page the URL is, such as `GitHub`; NULL for a repository's own URL.
    pub forge: gitlade_str,
    /// The repository that the page belongs to, by the URL to import it from.
    pub repository: gitlade_str,
    /// What is there. For a page of a known forge that is the repository that the page belongs to; for what
    /// only looks like one, the page.
    pub kind: gitlade_found,
    /// Of a Git server: the version of the protocol that it speaks, 2 or 0.
    pub protocol: u32,
    /// Of Git: bytes of its ids, 20 or 32; 0 if that is not known.
    pub object_id_len: u32,
    /// The HTTP status that said that there is nothing, or something unknown; 0 if none did.
    pub http_status: u32,
    /// Whether it can be imported.
    pub is_importable: bool,
    /// Of a Git server: whether `HEAD` has no commit, as in a repository that has none yet.
    pub is_unborn: bool,
    /// Whether the first candidate is what is meant, beyond doubt.
    pub is_certain: bool,
    /// Whether the host is known to be the forge's. If it is not, the path only looks as if it were.
    pub is_known_forge: bool,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_detected {
    const NAME: &'static str = "gitlade_detected";
}

/// Something that can be imported: a repository, and what of it. The texts live as long as the detection.
///
/// `revision`, `subdir` and, if it is not NULL, `include` are what the fields of `gitlade_options` with
/// these names become.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_candidate {
    /// `sizeof(gitlade_candidate)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The repository's URL; `gitlade_detection_source` makes a source of it.
    pub url: gitlade_str,
    /// A branch, tag or full commit id; NULL for `HEAD`.
    pub revision: gitlade_str,
    /// The path inside of the repository; NULL for its root.
    pub path: gitlade_str,
    /// The folder to import; NULL for all.
    pub subdir: gitlade_str,
    /// The pattern of what is imported from that folder; NULL for everything.
    pub include: gitlade_str,
    /// What the path leads to.
    pub target: gitlade_target,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_candidate {
    const NAME: &'static str = "gitlade_candidate";
}

/// Says what is at a URL or a path, and what of it may be meant: Git or another system, and for the page of
/// a forge, which repository, revision and folder. Nothing is fetched.
///
/// The policy, the credentials, the timeouts and the limits of `options` hold. That nothing is there, or
/// that it is not shown, is no error.
///
/// `options` and `control` may be NULL, which are the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detect(
    text: *const c_char,
    text_len: usize,
    options: *const gitlade_options,
    control: Option<&gitlade_control>,
    out: Option<&mut MaybeUninit<*mut gitlade_detection>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let text = text::required("text", text, text_len)?;
        let options = options::options(options)?;
        let control = control.map_or_else(Control::new, |control| control.0.clone());
        let out = give::place("out", out)?;
        let found = gitlade::detect(text, &options, &control)?;
        out.give(gitlade_detection::new(found));
        Ok(())
    })
}

impl gitlade_detection {
    fn new(found: Detection) -> Self {
        let page = found.page.as_ref();
        let candidates = found.candidates.iter().map(|candidate| Shown {
            url: candidate.url.to_string(),
            include: candidate.include(),
        });
        gitlade_detection {
            repository: page.map(|page| page.repository().to_string()),
            candidates: candidates.collect(),
            found,
        }
    }

    fn describe(&self) -> gitlade_detected {
        let page = self.found.page.as_ref();
        let mut told = gitlade_detected {
            struct_size: size_of::<gitlade_detected>(),
            default_branch: gitlade_str::NONE,
            title: gitlade_str::NONE,
            realm: gitlade_str::NONE,
            content_type: gitlade_str::NONE,
            forge: gitlade_str::of_option(page.map(|page| page.forge().name())),
            repository: gitlade_str::of_option(self.repository.as_ref()),
            kind: gitlade_found::Unknown,
            protocol: 0,
            object_id_len: 0,
            http_status: 0,
            is_importable: self.found.kind.is_importable(),
            is_unborn: false,
            is_certain: self.found.certain,
            is_known_forge: page.is_some_and(gitlade::ForgePage::is_known),
        };
        told.set_kind(&self.found.kind);
        told
    }
}

impl gitlade_detected {
    fn set_kind(&mut self, kind: &Detected) {
        self.kind = match kind {
            Detected::GitSmart {
                protocol,
                object_format,
                default_branch,
                unborn,
                ..
            } => {
                self.protocol = (*protocol).into();
                self.object_id_len = object_format.id_len() as u32;
                self.default_branch = gitlade_str::of_option(default_branch.as_ref());
                self.is_unborn = *unborn;
                gitlade_found::GitSmart
            }
            Detected::GitDumb { default_branch, .. } => {
                self.default_branch = gitlade_str::of_option(default_branch.as_ref());
                gitlade_found::GitDumb
            }
            Detected::GitFolder { object_format, .. } => {
                self.object_id_len = object_format.id_len() as u32;
                gitlade_found::GitFolder
            }
            Detected::Subversion => gitlade_found::Subversion,
            Detected::Mercurial => gitlade_found::Mercurial,
            Detected::Tfvc => gitlade_found::Tfvc,
            Detected::WebPage { title, .. } => {
                self.title = gitlade_str::of_option(title.as_ref());
                gitlade_found::WebPage
            }
            Detected::Nothing { status, .. } => {
                self.http_status = status.unwrap_or(0).into();
                gitlade_found::Nothing
            }
            Detected::NeedsAuthentication { realm, .. } => {
                self.realm = gitlade_str::of_option(realm.as_ref());
                gitlade_found::NeedsAuthentication
            }
            Detected::Unknown {
                status,
                content_type,
                ..
            } => {
                self.http_status = status.unwrap_or(0).into();
                self.content_type = gitlade_str::of_option(content_type.as_ref());
                gitlade_found::Unknown
            }
            // The engine's enum may grow.
            _ => gitlade_found::Unknown,
        };
    }
}

fn of_target(target: Target) -> gitlade_target {
    match target {
        Target::Repository => gitlade_target::Repository,
        Target::Folder => gitlade_target::Folder,
        Target::File => gitlade_target::File,
        // The engine's enum may grow.
        _ => gitlade_target::Either,
    }
}

/// Describes what was found.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detection_describe(
    detection: Option<&gitlade_detection>,
    out: *mut gitlade_detected,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let detection = give::required("detection", detection)?;
        structs::place("out", out)?.write(&detection.describe());
        Ok(())
    })
}

/// A way to log in, as the server names it, such as `Basic`, by number from 0; NULL behind the last.
///
/// `detection` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detection_scheme(
    detection: Option<&gitlade_detection>,
    index: usize,
) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let scheme = match detection.map(|detection| &detection.found.kind) {
            Some(Detected::NeedsAuthentication { schemes, .. }) => schemes.get(index),
            _ => None,
        };
        gitlade_str::of_option(scheme)
    })
}

/// How many candidates there are: none if there is nothing, and for a path, which is imported as it is.
///
/// `detection` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detection_len(detection: Option<&gitlade_detection>) -> usize {
    boundary::value(0, || {
        detection.map_or(0, |detection| detection.candidates.len())
    })
}

/// Describes what may be meant, the likeliest first, from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detection_get(
    detection: Option<&gitlade_detection>,
    index: usize,
    out: *mut gitlade_candidate,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let detection = give::required("detection", detection)?;
        let out = structs::place("out", out)?;
        let candidate = detection.found.candidates.get(index);
        let candidate = candidate.ok_or(Failure::End)?;
        let shown = &detection.candidates[index];
        out.write(&gitlade_candidate {
            struct_size: size_of::<gitlade_candidate>(),
            url: gitlade_str::of(shown.url.as_bytes()),
            revision: gitlade_str::of_option(candidate.revision.as_ref()),
            path: gitlade_str::of_option(candidate.path.as_ref()),
            subdir: gitlade_str::of_option(candidate.subdir()),
            include: gitlade_str::of_option(shown.include.as_ref()),
            target: of_target(candidate.target),
        });
        Ok(())
    })
}

/// Makes a source of a candidate, by number from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detection_source(
    detection: Option<&gitlade_detection>,
    index: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_source>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let detection = give::required("detection", detection)?;
        let out = give::place("out", out)?;
        let candidate = detection.found.candidates.get(index);
        let url = candidate.ok_or(Failure::End)?.url.clone();
        out.give(gitlade_source::new(Source::Remote(url)));
        Ok(())
    })
}

/// Writes all that was found as JSON.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detection_json(
    detection: Option<&gitlade_detection>,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let detection = give::required("detection", detection)?;
        give::place("out", out)?.give(json(&detection.found)?);
        Ok(())
    })
}

/// Frees a detection.
///
/// `detection` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_detection_free(detection: *mut gitlade_detection) {
    boundary::value((), || give::free(detection));
}
