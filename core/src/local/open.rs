//! Opening a repository, whatever part of it the path names.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, FileError};
use crate::id::ObjectFormat;
use crate::local::error::{Cause, LocalError};
use crate::local::guard;
use crate::local::odb::Odb;
use crate::source::OtherSystem;

/// A repository on disk.
///
/// Only its own configuration counts: neither the system's nor the user's nor the environment's
/// changes what is read. Nothing is written, and nothing is executed.
pub(crate) struct Repository {
    pub(super) git: gix::Repository,
    /// The Git folder, for errors.
    pub(super) path: PathBuf,
    pub(crate) odb: Odb,
    /// Whether objects may be missing because they were left on a server.
    pub(crate) is_partial_clone: bool,
}

impl Repository {
    /// Opens the repository at `path`: a work tree, a bare repository, a linked work tree, or
    /// anything inside of one.
    pub(crate) fn open(path: &Path, follow_alternates: bool) -> Result<Self, Error> {
        if path.as_os_str().is_empty() {
            return Err(Error::advised(
                ErrorKind::InvalidSource,
                "the path is empty",
                "name a folder, or \".\" for the current one",
            ));
        }
        let Ok(metadata) = path.metadata() else {
            return Err(unreachable_path(path));
        };
        let folder = match path.parent() {
            Some(parent) if !metadata.is_dir() && parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) if !metadata.is_dir() => parent,
            _ => path,
        };
        let not_found = || {
            let path = path.to_owned();
            match OtherSystem::of_folder(folder) {
                Some(system) => LocalError::OtherSystem { path, system },
                None => LocalError::NotARepository { path },
            }
        };
        let options = gix::discover::upwards::Options {
            trust: gix::discover::upwards::TrustPolicy::Assume(gix::sec::Trust::Full),
            ..Default::default()
        };
        let innermost = guard::before_discovery(folder)?;
        let found = gix::discover::upwards_opts(folder, options).ok();
        let found = found.map(|(found, _)| found.into_repository_and_work_tree_directories().0);
        // What cannot be read is passed over by the search, without a word.
        let git_dir = match innermost {
            Some(folder)
                if !found
                    .as_deref()
                    .is_some_and(|found| is_same(found, &folder)) =>
            {
                guard::common_dir(&folder)?;
                match gix::discover::is_git(&folder) {
                    Ok(_) => Some(folder),
                    Err(error) => match guard::refusal(&error) {
                        Some(refusal) => {
                            return Err(FileError::new("examine", folder, refusal).into());
                        }
                        None => found,
                    },
                }
            }
            _ => found,
        };
        let git_dir = git_dir.ok_or_else(not_found)?;
        Self::open_git_dir(&git_dir, follow_alternates)
    }

    fn open_git_dir(git_dir: &Path, follow_alternates: bool) -> Result<Self, Error> {
        let common = guard::common_dir(git_dir)?;
        guard::before_opening(git_dir, &common)?;
        let alternates = guard::alternates(&common.join("objects"))?;
        let failed = |source: gix::Error| LocalError::Open {
            path: git_dir.to_owned(),
            source: Cause::new(source),
        };
        let options = gix::open::Options::isolated()
            .with(gix::sec::Trust::Full)
            .open_path_as_is(true)
            // Replacement objects would give a file another content than its object id names.
            .config_overrides([
                "gitoxide.objects.noReplace=true",
                // For the commits and trees of a revspec, which are read without regard to the budget.
                "gitoxide.objects.allocLimit=64m",
            ]);
        let opened = options.clone().open(git_dir).or_else(|error| {
            // What could not be read may have been passed over, and is said here, or can be read now.
            guard::are_readable(git_dir, &common)?;
            options
                .open(git_dir)
                .map_err(|_| match guard::refusal(&error) {
                    Some(refusal) => FileError::new("open", git_dir, refusal).into(),
                    None => explain_open_failure(git_dir, &common)
                        .unwrap_or_else(|| failed(error).into()),
                })
        });
        let git: gix::Repository = opened?.into();
        if let Some(error) = refuse_reftable(&git, git_dir) {
            return Err(error);
        }
        if let Some(extension) = unknown_extension(&git) {
            return Err(LocalError::Extension {
                path: git_dir.to_owned(),
                extension,
            }
            .into());
        }
        let format =
            ObjectFormat::from_gix(git.object_hash()).ok_or_else(|| LocalError::ObjectFormat {
                path: git_dir.to_owned(),
                format: git.object_hash().to_string(),
            })?;
        let mut folders = vec![git.common_dir().join("objects")];
        if follow_alternates {
            folders.extend(alternates);
        }
        let odb = Odb::open(folders, format)?;
        let is_partial_clone = is_partial_clone(&git);
        Ok(Repository {
            path: git_dir.to_owned(),
            odb,
            is_partial_clone,
            git,
        })
    }

    pub(crate) fn format(&self) -> ObjectFormat {
        self.odb.format()
    }
}

/// Whether two paths name one folder.
fn is_same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn unreachable_path(path: &Path) -> Error {
    match path.metadata() {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            FileError::new("examine", path, error).into()
        }
        _ => LocalError::NoSuchPath {
            path: path.to_owned(),
        }
        .into(),
    }
}

/// Looks for the reasons to fail that deserve an error of their own, since the library that opens
/// repositories reports them together.
fn explain_open_failure(git_dir: &Path, common: &Path) -> Option<Error> {
    let config = std::fs::read(common.join("config")).ok()?;
    let file = gix::config::File::try_from(std::str::from_utf8(&config).ok()?).ok()?;
    let value = |key: &str| file.string(key).map(|value| value.to_string());
    if value("extensions.refStorage").is_some_and(|storage| storage != "files") {
        return Some(reftable(git_dir));
    }
    let version = value("core.repositoryFormatVersion").filter(|version| version.trim() > "1");
    if let Some(version) = version {
        return Some(
            LocalError::Extension {
                path: git_dir.to_owned(),
                extension: format!("version {version}"),
            }
            .into(),
        );
    }
    let format = value("extensions.objectFormat")?;
    if matches!(format.as_str(), "sha1" | "sha256") {
        return None;
    }
    Some(
        LocalError::ObjectFormat {
            path: git_dir.to_owned(),
            format,
        }
        .into(),
    )
}

fn refuse_reftable(git: &gix::Repository, git_dir: &Path) -> Option<Error> {
    let storage = git.config_snapshot().string("extensions.refStorage")?;
    (storage.as_slice() != b"files").then(|| reftable(git_dir))
}

/// What the format of a repository may ask of its readers, as in Git's
/// `repository-version` document.
const EXTENSIONS: [&str; 9] = [
    "noop",
    "noop-v1",
    "preciousobjects",
    "partialclone",
    "worktreeconfig",
    "objectformat",
    "compatobjectformat",
    "refstorage",
    "relativeworktrees",
];

/// The extension, or version of the format, that nobody knows here. Version 0 has no extensions.
fn unknown_extension(git: &gix::Repository) -> Option<String> {
    let config = git.config_snapshot();
    let version = config.integer("core.repositoryFormatVersion").unwrap_or(0);
    if version == 0 {
        return None;
    }
    if version != 1 {
        return Some(format!("version {version}"));
    }
    config
        .sections_by_name("extensions")?
        .flat_map(|section| {
            section
                .value_names()
                .map(|name| name.to_string())
                .collect::<Vec<_>>()
        })
        .find(|name| !EXTENSIONS.contains(&name.to_lowercase().as_str()))
}

fn reftable(git_dir: &Path) -> Error {
    LocalError::Reftable {
        path: git_dir.to_owned(),
    }
    .into()
}

/// See "Partial Clone" in Git's technical documents: a promisor remote is what makes objects
/// optional.
fn is_partial_clone(git: &gix::Repository) -> bool {
    let config = git.config_snapshot();
    if config.string("extensions.partialClone").is_some() {
        return true;
    }
    let Some(remotes) = config.sections_by_name("remote") else {
        return false;
    };
    remotes
        .filter_map(|section| section.value("promisor"))
        .any(|value| gix::config::Boolean::try_from(value).is_ok_and(|value| value.0))
}
