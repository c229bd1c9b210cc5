//! What can be said on the command line.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use gitlade::Options;

use crate::failure::Failure;
use crate::limits::LimitArgs;
use crate::progress::When;
use crate::remote::RemoteArgs;
use crate::size::parse_bytes;
use crate::store::{
    CancelArgs, CheckArgs, GcArgs, ListArgs, LogArgs, RepairArgs, RestartArgs, RmArgs, ShowArgs,
    StatsArgs, StatusArgs,
};

/// Import Git repositories: every folder and file of one commit, in order, classified and hashed
///
/// gitlade reads a repository by itself: no git program runs, nothing is checked out, nothing that
/// the repository holds is executed. What comes out is a manifest: one JSON object a line for each
/// folder, file, symlink and submodule, in the order of "git ls-tree -r -t".
#[derive(Debug, Parser)]
#[command(
    name = "gitlade",
    version,
    propagate_version = true,
    subcommand_required = true
)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Import(ImportArgs),
    List(ListArgs),
    Status(StatusArgs),
    Show(ShowArgs),
    Cat(CatArgs),
    Log(LogArgs),
    Cancel(CancelArgs),
    Restart(RestartArgs),
    Rm(RmArgs),
    Check(CheckArgs),
    Repair(RepairArgs),
    Gc(GcArgs),
    Stats(StatsArgs),
    Verify(VerifyArgs),
    Detect(DetectArgs),
    LsRemote(LsRemoteArgs),
    /// Print completions for a shell
    ///
    /// Evaluate them in the shell's start file, or put them where the shell looks for completions.
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or that of one command, in roff
    Man {
        /// The command; without one, the page of gitlade itself
        command: Option<String>,
    },
}

/// Import a repository as a manifest
///
/// The manifest goes to standard output, unless that is a terminal: then a summary for people does.
/// With --manifest it goes to a file, and the summary to the terminal if there is one.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The repository: a path to a work tree, a bare repository or a folder inside of one, or a URL
    ///
    /// URLs are https://, http://, ssh:// and git:// ones, and user@host:path. That of a page of a
    /// known forge, such as github.com/OWNER/NAME/tree/BRANCH/FOLDER, names revision and
    /// folder as well; standard error tells how it was read.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) source: OsString,

    #[command(flatten)]
    pub(crate) revision: RevisionArgs,

    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,

    /// Write the manifest to FILE, whole or not at all; "-" is standard output
    ///
    /// The file is replaced once all of the manifest is on the disk. After an error or Ctrl-C what
    /// was there before is still there.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) manifest: Option<PathBuf>,

    /// Add the decoded text of text files to their records
    #[arg(long)]
    pub(crate) text: bool,

    /// Import into the store in this folder, which is made if it is not there
    ///
    /// What comes out is the record of the import. While it runs, other processes can watch and
    /// cancel it with "gitlade status" and "gitlade cancel".
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(conflicts_with_all = ["manifest", "text"])]
    pub(crate) store: Option<PathBuf>,

    /// For whom the import is, with --store: a key of your own
    #[arg(long, value_name = "KEY", requires = "store", default_value = "")]
    #[arg(hide_default_value = true)]
    pub(crate) tenant: String,

    /// What you like to know about it, with --store: at most 16 KiB of JSON
    #[arg(long, value_name = "JSON", requires = "store", default_value = "")]
    #[arg(hide_default_value = true)]
    pub(crate) metadata: String,

    /// Print the record as JSON, with --store
    #[arg(long, requires = "store")]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// Print one file of a repository, or of an import in a store
///
/// The bytes are those of the repository, whatever a checkout would turn them into. Of a symlink
/// the target is printed. Only what leads to the file is read.
#[derive(Debug, Args)]
pub(crate) struct CatArgs {
    /// The repository: a path to a work tree, a bare repository or a folder inside of one, or a URL;
    /// with --store the number of an import
    ///
    /// URLs are https://, http://, ssh:// and git:// ones, and user@host:path.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) source: OsString,

    /// The file, by its path from the root of the repository
    pub(crate) path: OsString,

    #[command(flatten)]
    pub(crate) revision: RevisionArgs,

    /// Take it from the store in this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "revision")]
    pub(crate) store: Option<PathBuf>,

    /// Print the decoded text: UTF-8, without a byte order mark
    #[arg(long)]
    pub(crate) text: bool,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// Check a manifest by itself, and against a repository
///
/// By itself: that it is whole and unaltered, that its totals are those of its entries, and that
/// its root is the digest of all of them. Against a repository: that an import of the same commit
/// with the same options gives the same entries.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The manifest; "-" is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) manifest: PathBuf,

    /// The repository to compare it with
    #[arg(long, value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub(crate) against: Option<OsString>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// Say what is at a URL or a path: Git, another system, a web page, nothing
///
/// Of the page of a forge (a folder or a file on a branch, a commit, a tag) it says which repository,
/// revision and folder it belongs to, and how to import that. The exit status is 0 if there is a Git
/// repository that can be imported, and else that with which its import would end.
#[derive(Debug, Args)]
pub(crate) struct DetectArgs {
    /// The URL, which may be that of a page, or a path
    #[arg(value_hint = ValueHint::Url)]
    pub(crate) source: OsString,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Show progress on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) progress: When,

    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// List the branches and tags of a remote repository
///
/// What comes out is what "git ls-remote" prints: an object id, a tab and a name a line.
#[derive(Debug, Args)]
pub(crate) struct LsRemoteArgs {
    /// The URL: https://, http://, ssh://, git:// or user@host:path
    #[arg(value_hint = ValueHint::Url)]
    pub(crate) url: OsString,

    /// Say of symbolic refs, such as HEAD, what they stand for
    #[arg(long)]
    pub(crate) symref: bool,

    /// Show progress on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) progress: When,

    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RevisionArgs {
    /// Branch, tag, object id, or an expression such as HEAD~2 (of a server with --depth 3) [default:
    /// HEAD]
    #[arg(long = "rev", value_name = "REV")]
    pub(crate) revision: Option<String>,

    /// Ask a server for N generations of commits; REV may then go back as far as main~(N-1)
    ///
    /// What is imported is the same at any depth; more arrives on the way. REV~N, REV^ and REV^N are
    /// understood of a server's revisions; a local repository needs no depth.
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=0x7fff_ffff))]
    depth: Option<u32>,
}

/// What of a commit is imported.
#[derive(Debug, Args)]
pub(crate) struct ChoiceArgs {
    /// Import this folder alone; paths in the manifest are relative to it
    #[arg(long, value_name = "DIR")]
    pub(crate) subdir: Option<OsString>,

    /// Import only what matches, in the syntax of .gitignore; may be given several times
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,

    /// Leave out what matches, in the syntax of .gitignore; may be given several times
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Skip files whose content is missing, rather than fail; in a partial clone they always are
    #[arg(long)]
    allow_missing: bool,
}

/// How a repository is read, whatever is wanted of it.
#[derive(Debug, Args)]
pub(crate) struct ReadingArgs {
    /// Show progress on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) progress: When,

    /// Threads that read and hash; 0 is one for each core. The result does not depend on it [default:
    /// 0]
    #[arg(long, value_name = "N", hide_short_help = true)]
    threads: Option<usize>,

    /// Memory for buffers; what exceeds it goes to temporary files [default: 256M]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, hide_short_help = true)]
    memory: Option<u64>,

    /// The folder for temporary files, which have no names in it [default: /var/tmp]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, hide_short_help = true)]
    spool: Option<PathBuf>,

    /// How far the objects of a local repository are checked [default: checksums]
    #[arg(long, value_name = "HOW", value_enum, hide_short_help = true)]
    verify: Option<Verify>,

    /// Do not look for objects in the other repositories that objects/info/alternates names
    #[arg(long, hide_short_help = true)]
    no_alternates: bool,

    #[command(flatten)]
    remote: RemoteArgs,

    #[command(flatten)]
    limits: LimitArgs,
}

/// How far objects are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verify {
    /// By the checksums of zlib and of the pack's index
    Checksums,
    /// By their object ids as well, which takes about half as long again
    Ids,
}

impl RevisionArgs {
    /// Puts what was given in place of what `options` have.
    pub(crate) fn apply(&self, mut options: Options) -> Options {
        if self.revision.is_some() {
            options.revision.clone_from(&self.revision);
        }
        options.remote.depth = self.depth.unwrap_or(options.remote.depth);
        options
    }
}

impl ReadingArgs {
    pub(crate) fn options(&self) -> Result<Options, Failure> {
        self.apply(Options::default())
    }

    /// Puts what was given in place of what `options` have, and how a server is reached in any case.
    pub(crate) fn apply(&self, mut options: Options) -> Result<Options, Failure> {
        let depth = options.remote.depth;
        options.remote = self.remote.options()?.depth(depth);
        options.limits = self.limits.apply(options.limits);
        options.threads = self.threads.unwrap_or(options.threads);
        options.memory = self.memory.unwrap_or(options.memory);
        options.alternates &= !self.no_alternates;
        options.verify = match self.verify {
            Some(Verify::Checksums) => gitlade::Verify::Checksums,
            Some(Verify::Ids) => gitlade::Verify::Ids,
            None => options.verify,
        };
        if self.spool.is_some() {
            options.spool_dir.clone_from(&self.spool);
        }
        Ok(options)
    }
}

impl ChoiceArgs {
    /// Puts what was given in place of what `options` have.
    pub(crate) fn apply(&self, mut options: Options) -> Options {
        if let Some(folder) = &self.subdir {
            options.subdir = Some(folder.as_bytes().to_vec());
        }
        if !self.include.is_empty() {
            options.include.clone_from(&self.include);
        }
        if !self.exclude.is_empty() {
            options.exclude.clone_from(&self.exclude);
        }
        options.allow_missing |= self.allow_missing;
        options
    }
}

impl ImportArgs {
    pub(crate) fn options(&self) -> Result<Options, Failure> {
        let options = self.revision.apply(self.reading.options()?);
        Ok(self.choice.apply(options))
    }
}
