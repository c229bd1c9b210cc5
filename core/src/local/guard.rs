//! What is looked at before a repository's files are read.
//!
//! The files of a stranger's repository may be pipes, devices, or links to them; reading one of those
//! would wait, or go on, for ever. So each file that is read as a whole has to be a regular one, of a
//! size that makes sense.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, FileError};
use crate::local::error::{Cause, LocalError};

/// Bytes of a file that holds a name, an id or a path.
const SMALL: u64 = 64 << 10;

/// Bytes of a configuration, or of a list of commits or paths.
const MEDIUM: u64 = 16 << 20;

/// Bytes of the list of packed refs, a million of which take about 70 MiB.
const LARGE: u64 = 4 << 30;

/// The files of a Git folder that are read as a whole.
const FILES: [(&str, u64); 8] = [
    ("HEAD", SMALL),
    ("commondir", SMALL),
    ("gitdir", SMALL),
    ("config", MEDIUM),
    ("config.worktree", MEDIUM),
    ("shallow", MEDIUM),
    ("objects/info/alternates", MEDIUM),
    ("packed-refs", LARGE),
];

/// Loose refs, and folders of them, that a repository may have.
const MAX_LOOSE_REFS: usize = 1_000_000;

/// Repositories from which objects may be borrowed.
const MAX_ALTERNATES: usize = 1_000;

/// Looks at the files by which a repository is recognised, in `folder` and those above it, and
/// returns the Git folder that it seems to have.
pub(super) fn before_discovery(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let folder = folder
        .canonicalize()
        .map_err(|error| FileError::new("examine", folder, error))?;
    for candidate in folder.ancestors() {
        // As Git does, the search ends where another file system begins.
        if !is_on_file_system_of(candidate, &folder) {
            return Ok(None);
        }
        let dot_git = candidate.join(".git");
        regular(&dot_git, SMALL)?;
        let git_dir = if dot_git.is_dir() {
            dot_git
        } else if dot_git.is_file() {
            candidate.join(git_file(&dot_git)?)
        } else if candidate.join("objects").is_dir() && candidate.join("refs").is_dir() {
            // Other folders may hold a file called HEAD.
            candidate.to_owned()
        } else {
            continue;
        };
        git_folder(&git_dir)?;
        return Ok(Some(git_dir));
    }
    Ok(None)
}

#[cfg(unix)]
fn is_on_file_system_of(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| path.metadata().map(|metadata| metadata.dev()).ok();
    device(one) == device(other)
}

#[cfg(not(unix))]
fn is_on_file_system_of(_: &Path, _: &Path) -> bool {
    true
}

/// The path that a `.git` file names.
fn git_file(path: &Path) -> Result<PathBuf, Error> {
    let content = fs::read(path).map_err(|error| FileError::new("read from", path, error))?;
    let target = content.strip_prefix(b"gitdir:").map(<[u8]>::trim_ascii);
    target
        .and_then(|target| std::str::from_utf8(target).ok())
        .map(PathBuf::from)
        .ok_or_else(|| special(path, "it does not name a Git folder"))
}

/// The folder that a linked work tree shares with its main one.
pub(super) fn common_dir(git_dir: &Path) -> Result<PathBuf, Error> {
    let Some(target) = content(&git_dir.join("commondir"))? else {
        return Ok(git_dir.to_owned());
    };
    let target = std::str::from_utf8(&target)
        .map_err(|_| special(&git_dir.join("commondir"), "it does not name a folder"))?;
    Ok(git_dir.join(target.trim_end()))
}

/// The bytes of a file that a repository may have, or may not.
///
/// Only what is said not to be there is missing: a file that cannot be opened now, for want of
/// descriptors, may say the opposite of none.
fn content(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(FileError::new("read from", path, error).into()),
    }
}

/// Whether an error says that there is no such file, rather than that it cannot be read.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
    )
}

/// Whether there is a file at `path`; fails if that cannot be said.
pub(super) fn is_there(path: &Path) -> Result<bool, Error> {
    match path.metadata() {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(FileError::new("examine", path, error).into()),
    }
}

/// The refusal of the operating system that made `error`, if one did.
pub(super) fn refusal(error: &gix::Error) -> Option<io::Error> {
    error
        .iter_errors()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .find(|cause| !is_absence(cause))
        .map(|cause| match cause.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => cause.kind().into(),
        })
}

fn git_folder(folder: &Path) -> Result<(), Error> {
    FILES
        .iter()
        .try_for_each(|(name, max)| regular(&folder.join(name), *max))
}

/// Looks at the files from which refs and objects are found, once the repository is known.
pub(super) fn before_opening(git_dir: &Path, common_dir: &Path) -> Result<(), Error> {
    git_folder(git_dir)?;
    git_folder(common_dir)?;
    let config = common_dir.join("config");
    if content(&config)?.is_some_and(|text| !begins_with_section(&text)) {
        return Err(special(&config, "it has a value outside of any section"));
    }
    let mut folders = vec![git_dir.join("refs"), common_dir.join("refs")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        let unreadable = |error| FileError::new("list", &folder, error);
        let entries = match fs::read_dir(&folder) {
            Err(error) if is_absence(&error) => continue,
            entries => entries.map_err(unreadable)?,
        };
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            seen += 1;
            let path = entry.path();
            if seen > MAX_LOOSE_REFS {
                return Err(special(&path, "there are too many loose refs"));
            }
            // Links to folders are not followed, so there is no circle.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ => regular(&path, SMALL)?,
            }
        }
    }
    Ok(())
}

/// Fails if one of the files from which the repository is opened is there and cannot be read.
pub(super) fn are_readable(git_dir: &Path, common_dir: &Path) -> Result<(), Error> {
    for folder in [git_dir, common_dir] {
        for (name, _) in FILES {
            let path = folder.join(name);
            match fs::File::open(&path) {
                Err(error) if !is_absence(&error) => {
                    return Err(FileError::new("open", path, error).into());
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether the first line of a configuration that says anything is a section's, without which Git
/// refuses the file.
fn begins_with_section(config: &[u8]) -> bool {
    config
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(config)
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b";"))
        .is_none_or(|line| line.starts_with(b"["))
}

/// The folders from which the repository whose objects are in `objects` borrows some, and those from
/// which they do. What does not exist is passed over, as Git does.
pub(super) fn alternates(objects: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([objects.to_owned()]);
    while let Some(folder) = queue.pop_front() {
        let canonical = match folder.canonicalize() {
            Err(error) if is_absence(&error) => continue,
            canonical => canonical.map_err(|error| FileError::new("examine", &folder, error))?,
        };
        if !seen.insert(canonical) {
            continue;
        }
        if seen.len() > MAX_ALTERNATES {
            return Err(special(objects, "it borrows objects from too many others"));
        }
        let list = folder.join("info").join("alternates");
        regular(&list, MEDIUM)?;
        if let Some(lines) = content(&list)? {
            let paths =
                gix::odb::alternate::parse(&lines).map_err(|source| LocalError::Alternates {
                    path: folder.clone(),
                    source: Cause::new(source),
                })?;
            if paths.len() > MAX_ALTERNATES {
                return Err(special(&list, "it names too many other repositories"));
            }
            queue.extend(paths.into_iter().map(|path| folder.join(path)));
        }
        if folder != objects {
            found.push(folder);
        }
    }
    Ok(found)
}

/// Fails if there is something at `path` that is no regular file of at most `max` bytes. A folder
/// passes: reading that fails by itself.
pub(super) fn regular(path: &Path, max: u64) -> Result<(), Error> {
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(metadata) if !metadata.is_file() => Err(special(
            path,
            "it is a device, a pipe or a socket, not a file",
        )),
        Ok(metadata) if metadata.len() > max => Err(special(path, "it is too large for its kind")),
        Ok(_) => Ok(()),
        // Missing, a link to nothing, or below something that is no folder.
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(FileError::new("examine", path, error).into()),
    }
}

fn special(path: &Path, problem: &'static str) -> Error {
    LocalError::Unreadable {
        file: path.to_owned(),
        problem,
    }
    .into()
}
