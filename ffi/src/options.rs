//! What is imported, and with which means.

use gitlade::{Options, Verify};

use crate::boundary::Failure;
use crate::limits::gitlade_limits;
use crate::remote::{self, gitlade_remote_options};
use crate::structs::{self, Versioned};
use crate::text::{self, gitlade_str, null};

/// What is imported, and with which means. 0 and NULL are the defaults of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_options {
    /// `sizeof(gitlade_options)`.
    pub struct_size: usize,
    /// Branch, tag, full object id or, in a local repository, anything that `git rev-parse` takes.
    /// Default: `HEAD`.
    pub revision: gitlade_str,
    /// The one folder to import; paths in the manifest are relative to it. Default: all.
    pub subdir: gitlade_str,
    /// Patterns in the syntax of `.gitignore` of what is imported. Default: everything.
    pub include: *const gitlade_str,
    /// How many of those there are.
    pub include_count: usize,
    /// Patterns in the syntax of `.gitignore` of what is left out.
    pub exclude: *const gitlade_str,
    /// How many of those there are.
    pub exclude_count: usize,
    /// Caps on what the repository controls. Default: those of `gitlade_limits_new`.
    pub limits: *const gitlade_limits,
    /// How a server is reached and asked; of no meaning for a local repository.
    pub remote: *const gitlade_remote_options,
    /// The folder for temporary files, which have no names in it. Default: `/var/tmp`, or the
    /// system's folder for temporary files where there is none.
    pub spool_dir: gitlade_str,
    /// Bytes of buffers in memory; what exceeds them goes to temporary files. Default: 256 MiB.
    pub memory: u64,
    /// Threads that inflate, hash and classify; the result does not depend on it. Default: as many as
    /// the machine has cores.
    pub threads: u32,
    /// How far packed objects of a local repository are checked: a `gitlade_verify`.
    pub verify: u32,
    /// Not 0: files whose content is missing are skipped, rather than an error.
    pub allow_missing: u8,
    /// Not 0: objects are not looked for in the repositories that `objects/info/alternates` names.
    pub no_alternates: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_options {
    const NAME: &'static str = "gitlade_options";
}

/// How far packed objects of a local repository are checked. Received ones always are by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_verify {
    /// By zlib's checksum, the sizes in all headers, and the CRC-32 of the pack's index. The default.
    Checksums = 0,
    /// By the object id, too, with detection of SHA-1 collisions. Costs about half as much again.
    Ids = 1,
}

/// The engine's options for what the host handed in; NULL is the defaults.
pub(crate) fn options(data: *const gitlade_options) -> Result<Options, Failure> {
    let Some(given) = structs::read(data)? else {
        return Ok(Options::default());
    };
    let mut options = Options::default()
        .remote(remote::options(given.remote)?)
        .threads(given.threads as usize)
        .allow_missing(given.allow_missing != 0)
        .alternates(given.no_alternates == 0)
        .verify(match given.verify {
            0 => Verify::Checksums,
            1 => Verify::Ids,
            _ => return Err(Failure::argument("verify is no gitlade_verify")),
        });
    if let Some(revision) = given.revision.text("revision")? {
        options = options.revision(revision);
    }
    if let Some(subdir) = given.subdir.bytes("subdir")? {
        options = options.subdir(subdir);
    }
    options.include = patterns("include", given.include, given.include_count)?;
    options.exclude = patterns("exclude", given.exclude, given.exclude_count)?;
    // SAFETY: the header asks for NULL or limits that live during the call.
    if let Some(limits) = unsafe { given.limits.as_ref() } {
        options = options.limits(limits.0.clone());
    }
    if let Some(folder) = given.spool_dir.bytes("spool_dir")? {
        options = options.spool_dir(text::path(folder)?);
    }
    if given.memory != 0 {
        options = options.memory(given.memory);
    }
    Ok(options)
}

fn patterns(name: &str, data: *const gitlade_str, count: usize) -> Result<Vec<String>, Failure> {
    let given = remote::texts(name, data, count)?.iter();
    let texts = given.map(|pattern| match pattern.text(name)? {
        Some(pattern) => Ok(pattern.to_owned()),
        None => Err(null(name)),
    });
    texts.collect()
}
