//! The runner; see `benches/README.md`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program and not the library: it has a terminal and an environment"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Args, Parser, Subcommand};
use gitlade_benches::corpus::{self, Corpus};
use gitlade_benches::git::Result;
use gitlade_benches::replay::parse_rate;
use gitlade_benches::report::Report;
use gitlade_benches::suite::Extent;
use gitlade_benches::{child, local, remote, store, suite};

/// Measures gitlade against its floor and its peers.
#[derive(Debug, Parser)]
#[command(name = "bench")]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    suite: Suite,
}

/// Everything in one go, if no task is named.
#[derive(Debug, Args)]
struct Suite {
    /// Small repositories; ends within five minutes, building not counted.
    #[arg(long)]
    quick: bool,
    /// Everything, and all peers on all repositories: takes hours, and 20 GB of disk.
    #[arg(long, conflicts_with = "quick")]
    long: bool,
    /// Names of corpora, or paths of repositories, instead of all.
    #[arg(long, num_args = 1..)]
    corpus: Vec<String>,
    /// Only peers whose name has one of these in it.
    #[arg(long, num_args = 1..)]
    peer: Vec<String>,
    /// How often each contender runs.
    #[arg(long)]
    rounds: Option<usize>,
    /// Writes everything to a file, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Writes a page with plots into a folder, too.
    #[arg(long, value_name = "FOLDER")]
    page: Option<PathBuf>,
    /// Puts the figures of Linux between the marks in a README, too.
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
    /// Takes figures of promises over that something else measured, from JSON files.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    figures: Vec<PathBuf>,
    /// The command line to measure, instead of one that is built now.
    #[arg(long)]
    gitlade: Option<PathBuf>,
}

impl Suite {
    /// The command as anyone can give it: without what is on this machine alone.
    fn command(&self) -> String {
        let mut command = "benches/run".to_owned();
        let mut add = |word: &str| command.push_str(&format!(" {word}"));
        for (flag, is_set) in [("--quick", self.quick), ("--long", self.long)] {
            if is_set {
                add(flag);
            }
        }
        for (option, values) in [("--corpus", &self.corpus), ("--peer", &self.peer)] {
            if !values.is_empty() {
                add(option);
            }
            for value in values {
                let name = Path::new(value).file_name().unwrap_or_default();
                add(&name.to_string_lossy());
            }
        }
        if let Some(rounds) = self.rounds {
            add(&format!("--rounds {rounds}"));
        }
        command
    }
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Makes corpora in $GITLADE_BENCH_CACHE (~/.cache/gitlade-bench); all of them unless some are named.
    Corpus {
        /// Their names.
        names: Vec<String>,
        /// Those that the usual run takes.
        #[arg(long, conflicts_with = "names")]
        usual: bool,
        /// Lists the names and makes nothing.
        #[arg(long)]
        list: bool,
    },
    /// Imports from the disk.
    Local {
        #[command(flatten)]
        common: Common,
        /// Leaves out peers that no promise is about.
        #[arg(long)]
        no_peers: bool,
    },
    /// Imports from a server that replays a recorded answer.
    Remote {
        #[command(flatten)]
        common: Common,
        /// Bytes a second at which the tail is measured.
        #[arg(long, default_value = "100MB/s", value_parser = parse_rate)]
        rate: u64,
    },
    /// Imports into the standard store, against clones; needs 4 GB of disk for linux.
    Store {
        #[command(flatten)]
        common: Common,
    },
    /// What the runner starts itself for.
    #[command(hide = true)]
    Child {
        #[command(subcommand)]
        task: ChildTask,
    },
}

#[derive(Debug, Args)]
struct Common {
    /// Names of corpora, or paths of repositories.
    corpora: Vec<String>,
    /// How often each contender runs.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Threads of gitlade and of its parts; 0 means as many as the machine has.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Only contenders whose name has this in it.
    #[arg(long)]
    only: Option<String>,
    /// Writes everything to a file, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// The command line to measure, instead of one that is built now.
    #[arg(long)]
    gitlade: Option<PathBuf>,
}

impl Common {
    fn threads(&self) -> usize {
        match self.threads {
            0 => all_threads(),
            threads => threads,
        }
    }
}

fn all_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The command line at `path`, or one that is built now.
fn gitlade(path: Option<&Path>) -> Result<PathBuf> {
    match path {
        Some(path) => Ok(std::fs::canonicalize(path)?),
        None => build_gitlade(),
    }
}

#[derive(Debug, Subcommand)]
enum ChildTask {
    Truth {
        repository: PathBuf,
        folder: PathBuf,
    },
    Inflate {
        repository: PathBuf,
        ids: PathBuf,
        #[arg(long)]
        threads: usize,
        #[arg(long)]
        hash: bool,
    },
    CatFile {
        repository: PathBuf,
    },
    Ingest {
        pack: PathBuf,
        #[arg(long)]
        threads: usize,
    },
    ByBlob {
        address: String,
        #[arg(long)]
        connections: usize,
    },
    /// Takes what `gitlade import SOURCE --manifest FILE` takes, and uses the library alone.
    Import {
        repository: PathBuf,
        #[arg(long)]
        manifest: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.task {
        Some(task) => run(task),
        None => run_suite(arguments.suite),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_suite(suite: Suite) -> Result<()> {
    let command = suite.command();
    let settings = suite::Settings {
        extent: match (suite.quick, suite.long) {
            (true, _) => Extent::Quick,
            (_, true) => Extent::Long,
            _ => Extent::Usual,
        },
        corpora: suite.corpus,
        peers: suite.peer,
        rounds: suite.rounds,
        threads: all_threads(),
        gitlade: gitlade(suite.gitlade.as_deref())?,
    };
    let mut report = Report::new();
    for figures in &suite.figures {
        report.take_over(figures)?;
    }
    suite::run(&settings, &mut report)?;
    if let Some(readme) = &suite.readme {
        report.write_readme(readme)?;
    }
    report.finish(suite.json.as_deref(), suite.page.as_deref(), &command)
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Corpus { names, usual, list } => {
            if list {
                for corpus in Corpus::ALL {
                    println!("{}", corpus.name());
                }
                return Ok(());
            }
            make_corpora(&if usual { suite::usual() } else { names })
        }
        Task::Local { common, no_peers } => {
            let settings = local::Settings {
                rounds: common.rounds.into(),
                threads: common.threads(),
                peers: !no_peers,
                all: common.only.is_some(),
                gitlade: gitlade(common.gitlade.as_deref())?,
                only: common.only,
                corpora: common.corpora,
            };
            let mut report = Report::new();
            local::run(&settings, &mut report)?;
            report.finish(common.json.as_deref(), None, "")
        }
        Task::Remote { common, rate } => {
            let settings = remote::Settings {
                rounds: common.rounds.into(),
                rate,
                threads: common.threads(),
                gitlade: gitlade(common.gitlade.as_deref())?,
                only: common.only,
                corpora: common.corpora,
            };
            let mut report = Report::new();
            remote::run(&settings, &mut report)?;
            report.finish(common.json.as_deref(), None, "")
        }
        Task::Store { common } => {
            let settings = store::Settings {
                rounds: common.rounds.into(),
                threads: common.threads(),
                gitlade: gitlade(common.gitlade.as_deref())?,
                only: common.only,
                corpora: common.corpora,
            };
            let mut report = Report::new();
            store::run(&settings, &mut report)?;
            report.finish(common.json.as_deref(), None, "")
        }
        Task::Child { task } => run_child(task),
    }
}

fn run_child(task: ChildTask) -> Result<()> {
    match task {
        ChildTask::Truth { repository, folder } => child::write_truth(&repository, &folder)?,
        ChildTask::Inflate {
            repository,
            ids,
            threads,
            hash,
        } => println!("{}", child::inflate(&repository, &ids, threads, hash)?),
        ChildTask::CatFile { repository } => {
            let (entries, bytes) = child::cat_file(&repository)?;
            println!("{entries} {bytes}");
        }
        ChildTask::ByBlob {
            address,
            connections,
        } => {
            let (entries, bytes) = child::by_blob(&address, connections)?;
            println!("{entries} {bytes}");
        }
        ChildTask::Ingest { pack, threads } => println!("{}", child::ingest(&pack, threads)?),
        ChildTask::Import {
            repository,
            manifest,
        } => child::import(&repository, &manifest)?,
    }
    Ok(())
}

fn make_corpora(names: &[String]) -> Result<()> {
    let cache = corpus::cache()?;
    let all = || Corpus::ALL.map(|corpus| corpus.name().to_owned()).to_vec();
    for name in if names.is_empty() {
        all()
    } else {
        names.to_vec()
    } {
        let corpus = Corpus::named(&name).ok_or_else(|| format!("there is no corpus {name:?}"))?;
        println!("{}", corpus.make(&cache)?.display());
    }
    Ok(())
}

/// Builds the command line as it is released, and returns where it is: beside this program.
fn build_gitlade() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "-p", "gitlade-cli"])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"),
        ])
        .status()?;
    if !status.success() {
        return Err(format!("cargo build ended with {status}").into());
    }
    let path = std::env::current_exe()?;
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok(folder.join("gitlade"))
}
