//! Who imports a repository from the disk.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Settings, peers};
use crate::child::{self, Truth};
use crate::git::{self, Result};
use crate::rounds::{Check, Contender, Start};

/// The command line, with its defaults.
pub(crate) const GITLADE: &str = "gitlade import";
/// Every object that is needed, inflated once.
pub(crate) const FLOOR: &str = "floor: inflate only";
/// The same, with BLAKE3 of each: the least that any import has to do.
pub(crate) const LIMIT: &str = "limit: inflate + BLAKE3";
/// Git's own way.
pub(crate) const CAT_FILE: &str = "git ls-tree | cat-file";

/// All contenders that can run here and are `wanted`; for others a line says why not.
///
/// # Errors
///
/// If what one of them needs cannot be prepared.
pub(super) fn of(
    repository: &Path,
    work: &Path,
    truth: &Truth,
    settings: &Settings,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Contender>> {
    let answer = (truth.entries, truth.bytes);
    let mut contenders = Vec::new();
    let mut add = |name, start: Box<Start>, check: Box<Check>| {
        contenders.push(Contender {
            name,
            start,
            check,
            is_peer: name == CAT_FILE,
        });
    };
    let threads = settings.threads;
    // If the mean is larger than what is read by default, a content is.
    let is_huge = truth.needed_bytes / truth.blobs.max(1) > gitlade::Limits::default().max_blob;
    let import = |options: &'static [&'static str]| {
        let (program, repository) = (settings.gitlade.clone(), repository.to_owned());
        Box::new(move |folder: &Path| {
            let mut command = import_command(&program, &repository, folder, threads, options);
            if is_huge {
                command.args(["--max-blob", "8GiB"]);
            }
            command
        })
    };
    add(GITLADE, import(&[]), check_manifest(answer));
    let verify = ["--verify", "ids"];
    if is_known(&settings.gitlade, verify[0]) {
        let start = import(&["--verify", "ids"]);
        add("gitlade import --verify ids", start, check_manifest(answer));
    } else {
        skip(
            "gitlade import --verify ids",
            "this gitlade has no such option",
        );
    }

    for (name, hash) in [(FLOOR, false), (LIMIT, true)] {
        let (path, ids) = (repository.to_owned(), work.join("ids"));
        let threads = threads.to_string();
        let start = Box::new(move |_: &Path| {
            let mut command = this_program();
            command.args(["child", "inflate"]).args([&path, &ids]);
            command.args(["--threads", &threads]);
            command.args(hash.then_some("--hash"));
            command
        });
        add(name, start, check_output(truth.needed_bytes.to_string()));
    }

    let counts = format!("{} {}", answer.0, answer.1);
    let path = repository.to_owned();
    let start = Box::new(move |_: &Path| {
        let mut command = this_program();
        command.args(["child", "cat-file"]).arg(&path);
        command
    });
    add(CAT_FILE, start, check_output(counts));

    if settings.peers {
        contenders.extend(peers::of(repository, work, truth, settings, wanted)?);
    }
    contenders.retain(|contender| wanted(contender.name));
    Ok(contenders)
}

/// `gitlade import` of a path or URL, with the manifest in `folder`.
pub(crate) fn import_command(
    program: &Path,
    source: &Path,
    folder: &Path,
    threads: usize,
    options: &[&str],
) -> Command {
    let mut command = Command::new(program);
    git::isolate(&mut command);
    command.arg("import").arg(source);
    command.arg("--manifest").arg(folder.join("manifest"));
    command.arg("--threads").arg(threads.to_string());
    command.args(["--progress", "never"]).args(options);
    command
}

/// The manifest in the run's folder must be whole and say so many entries and bytes.
pub(crate) fn check_manifest(answer: (u64, u64)) -> Box<Check> {
    Box::new(move |_, folder| {
        let found = child::read_manifest(&folder.join("manifest"))?;
        if found != answer {
            return Err(format!("{found:?} entries and bytes instead of {answer:?}").into());
        }
        Ok(None)
    })
}

/// The run must have written just this line.
pub(crate) fn check_output(expected: String) -> Box<Check> {
    Box::new(move |run, _| {
        let output = String::from_utf8_lossy(&run.output);
        if output.trim_end() != expected {
            return Err(format!("{output:?} instead of {expected:?}").into());
        }
        Ok(None)
    })
}

/// Says why a contender does not take part.
pub(crate) fn skip(name: &str, why: &str) {
    eprintln!("  without {name}: {why}");
}

/// Whether the command line has an option.
fn is_known(gitlade: &Path, option: &str) -> bool {
    let help = git::output(Command::new(gitlade).args(["import", "--help"]));
    help.is_ok_and(|help| String::from_utf8_lossy(&help).contains(option))
}

/// A command that starts this very program again.
pub(crate) fn this_program() -> Command {
    let path = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("bench"));
    Command::new(path)
}
