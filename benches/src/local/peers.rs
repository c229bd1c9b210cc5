//! What others would use instead.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Settings;
use super::contenders::{check_output, skip};
use crate::child::Truth;
use crate::git::{self, Result};
use crate::installed::{self, HOW};
use crate::measure::Run;
use crate::rounds::{Check, Contender, Start};

const PYGIT2: &str = "pygit2 + blake3";
const DULWICH: &str = "dulwich + blake3";
const ARCHIVE: &str = "git archive | tar";
const B3SUM: &str = "b3sum of a checkout";
const GITINGEST: &str = "gitingest of a checkout";
const REPOMIX: &str = "repomix of a checkout";

/// From so many entries on, those that are far slower take part only if they are named: they would
/// take most of the time and show nothing more.
const FEW: u64 = 20_000;

/// From so many entries on, nothing writes a file for each.
const MANY: u64 = 250_000;

/// Settings of repomix with which it takes everything, as far as it can.
const REPOMIX_SETTINGS: &str = r#"{
    "input": {"maxFileSize": 1099511627776},
    "output": {"style": "plain", "git": {"sortByChanges": false}},
    "ignore": {"useGitignore": false, "useDotIgnore": false, "useDefaultPatterns": false},
    "security": {"enableSecurityCheck": false}
}"#;

/// All peers that can run here and are `wanted`; for others a line says why not.
pub(super) fn of(
    repository: &Path,
    work: &Path,
    truth: &Truth,
    settings: &Settings,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Contender>> {
    let takes_part =
        |name: &str, most: u64| wanted(name) && (settings.all || truth.entries <= most);
    let mut contenders = Vec::new();
    let mut add = |name, start: Box<Start>, check: Box<Check>| {
        contenders.push(Contender {
            name,
            start,
            check,
            is_peer: true,
        });
    };

    let counts = format!("{} {}", truth.entries, truth.bytes);
    let walks = [
        (
            PYGIT2,
            "pygit2, blake3",
            include_str!("../../peers/pygit2_blake3.py"),
            MANY * 8,
        ),
        (
            DULWICH,
            "dulwich, blake3",
            include_str!("../../peers/dulwich_blake3.py"),
            MANY,
        ),
    ];
    for (name, modules, script, most) in walks {
        if !takes_part(name, most) {
            continue;
        }
        match installed::python(modules) {
            Some(python) => {
                let path = repository.to_owned();
                let start = Box::new(move |_: &Path| {
                    let mut command = Command::new(&python);
                    command.args(["-c", script]).arg(&path);
                    command
                });
                add(name, start, check_output(counts.clone()));
            }
            None => skip(name, HOW),
        }
    }

    if takes_part(ARCHIVE, MANY) {
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
            up_to(files, count_files(folder)?)
        });
        add(ARCHIVE, start, check);
    }

    let of_checkouts = [(B3SUM, MANY), (GITINGEST, FEW), (REPOMIX, FEW)];
    if of_checkouts
        .iter()
        .any(|&(name, most)| takes_part(name, most))
    {
        let checkout = check_out(repository, work)?;
        for (name, most) in of_checkouts {
            if !takes_part(name, most) {
                continue;
            }
            match of_checkout(name, &checkout, work, truth)? {
                Some((start, check)) => add(name, start, check),
                None => skip(name, HOW),
            }
        }
    }
    Ok(contenders)
}

/// How one works that needs a checkout; `None` if it is not installed.
fn of_checkout(
    name: &str,
    checkout: &Path,
    work: &Path,
    truth: &Truth,
) -> Result<Option<(Box<Start>, Box<Check>)>> {
    let (checkout, files) = (checkout.to_owned(), truth.files);
    // Symlinks, too.
    let entries = truth.entries;
    Ok(match name {
        B3SUM => installed::b3sum().map(|program| {
            let start: Box<Start> = Box::new(move |folder| {
                let mut shell = Command::new("sh");
                let script = r#"find . -type f -print0 | xargs -0 "$1" > "$2/sums""#;
                shell.args(["-c", script, "sh"]).args([&program, folder]);
                shell.current_dir(&checkout);
                shell
            });
            let check: Box<Check> = Box::new(move |_, folder| {
                let sums = std::fs::read(folder.join("sums"))?;
                let count = sums.split(|&byte| byte == b'\n').count() as u64 - 1;
                if count != files {
                    return Err(format!("{count} files instead of {files}").into());
                }
                Ok(None)
            });
            (start, check)
        }),
        GITINGEST => installed::python("gitingest").map(|python| {
            let start: Box<Start> = Box::new(move |folder| {
                let mut command = Command::new(&python);
                command.env("LOG_LEVEL", "ERROR");
                command.args(["-c", include_str!("../../peers/gitingest_whole.py")]);
                command.arg(&checkout).arg(folder.join("digest.txt"));
                command
            });
            let check: Box<Check> = Box::new(move |run, _| {
                let count = String::from_utf8_lossy(&run.output);
                up_to(entries, count.trim().parse()?)
            });
            (start, check)
        }),
        _ => {
            let all = work.join("repomix.json");
            std::fs::write(&all, REPOMIX_SETTINGS)?;
            installed::repomix().map(|program| {
                let start: Box<Start> = Box::new(move |folder| {
                    let mut command = Command::new(&program);
                    command.arg(".").arg("-c").arg(&all);
                    command.arg("-o").arg(folder.join("packed.txt"));
                    command.current_dir(&checkout);
                    command
                });
                let check: Box<Check> =
                    Box::new(move |run, _| up_to(entries, parse_repomix(&run.output)?));
                (start, check)
            })
        }
    })
}

/// The number in the line `Total Files: 1,234 files`.
fn parse_repomix(output: &[u8]) -> Result<u64> {
    let output = String::from_utf8_lossy(output);
    let found = output.split("Total Files:").nth(1);
    let number = found.and_then(|rest| rest.trim_start().split(' ').next());
    let number = number.ok_or("repomix says no number of files")?;
    Ok(number.replace(',', "").parse()?)
}

/// Some may be left out, but not all, and there must be no others.
fn up_to(files: u64, found: u64) -> Result<Option<std::time::Duration>> {
    match found {
        0 => Err("no file was found".into()),
        found if found > files => Err(format!("{found} files instead of {files}").into()),
        _ => Ok(None),
    }
}

/// Writes the files of HEAD into a folder, which no contender's time has in it.
fn check_out(repository: &Path, work: &Path) -> Result<PathBuf> {
    let checkout = work.join("checkout");
    std::fs::create_dir(&checkout)?;
    let git = || {
        let mut command = git::git_in(repository);
        command.env("GIT_INDEX_FILE", work.join("index"));
        command.env("GIT_WORK_TREE", &checkout);
        command
    };
    git::output(git().args(["read-tree", "HEAD"]))?;
    git::output(git().args(["checkout-index", "-q", "-a", "-f"]))?;
    Ok(checkout)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use crate::shapes::Shape;

    #[test]
    fn repomix_says_how_many_files_it_took() {
        let output =
            "\n📊 Pack Summary:\n  Total Files: 10,000 files\n Total Tokens: 2,114 tokens\n";
        assert_eq!(parse_repomix(output.as_bytes()).unwrap(), 10_000);
        assert!(parse_repomix(b"").is_err());
    }

    #[test]
    fn a_checkout_has_the_files_of_head() {
        let work = tempfile::tempdir().unwrap();
        let corpus = Corpus::Shape("few", Shape::Duplicates, 250);
        let repository = corpus.make(work.path()).unwrap();
        let checkout = check_out(&repository, work.path()).unwrap();
        assert_eq!(count_files(&checkout).unwrap(), 250);
        let file = std::fs::read(checkout.join("00/01/07.c")).unwrap();
        let show =
            git::output(git::git_in(&repository).args(["cat-file", "blob", "HEAD:00/01/07.c"]));
        assert_eq!(file, show.unwrap());
        assert!(up_to(250, 249).is_ok() && up_to(250, 0).is_err() && up_to(250, 251).is_err());
    }
}
