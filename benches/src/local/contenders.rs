//! Who imports a repository from the disk.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Settings;
use crate::child::{self, Truth};
use crate::git::{self, Result};
use crate::measure::Run;
use crate::rounds::{Check, Contender};

/// The command line, with its defaults.
pub(crate) const GITLADE: &str = "gitlade import";
/// Every object that is needed, inflated once.
pub(crate) const FLOOR: &str = "floor: inflate only";
/// The same, with BLAKE3 of each: the least that any import has to do.
pub(crate) const LIMIT: &str = "limit: inflate + BLAKE3";
/// Git's own way.
pub(crate) const CAT_FILE: &str = "git ls-tree | cat-file";

const PYTHON: &str = include_str!("../../peers/pygit2_blake3.py");

/// All contenders that can run here; for others a line says why not.
pub(super) fn of(
    repository: &Path,
    work: &Path,
    truth: &Truth,
    settings: &Settings,
) -> Vec<Contender> {
    let answer = (truth.entries, truth.bytes);
    let mut contenders = Vec::new();
    let mut add = |name, start: Box<dyn Fn(&Path) -> Command>, check: Box<Check>| {
        contenders.push(Contender { name, start, check });
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
    add(CAT_FILE, start, check_output(counts.clone()));

    if !settings.peers {
        return contenders;
    }
    if git::works("python3", &["-c", "import pygit2, blake3"]) {
        let path = repository.to_owned();
        let start = Box::new(move |_: &Path| {
            let mut command = Command::new("python3");
            command.args(["-c", PYTHON]).arg(&path);
            command
        });
        add("pygit2 + blake3", start, check_output(counts));
    } else {
        skip("pygit2 + blake3", "python3 -m pip install pygit2 blake3");
    }
    if git::works("tar", &["--version"]) {
        let path = repository.to_owned();
        let start = Box::new(move |folder: &Path| {
            let mut shell = Command::new("sh");
            git::isolate(&mut shell);
            let script = r#"git -c "safe.directory=*" -C "$1" archive HEAD | tar -xf - -C "$2""#;
            shell.args(["-c", script, "sh"]).args([&path, folder]);
            shell
        });
        let files = truth.entries;
        let check = Box::new(move |_: &Run, folder: &Path| {
            // Entries that attributes keep out of archives are missing, and submodules are folders.
            match count_files(folder)? {
                0 => Err("nothing was unpacked".into()),
                count if count > files => Err(format!("{count} files instead of {files}").into()),
                _ => Ok(None),
            }
        });
        add("git archive | tar", start, check);
    }
    contenders
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

/// Files and symlinks in a folder, at any depth.
fn count_files(folder: &Path) -> Result<u64> {
    let mut count = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                count += 1;
            }
        }
    }
    Ok(count)
}
