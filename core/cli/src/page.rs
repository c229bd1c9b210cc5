//! The URLs of pages in place of repositories.

use std::ffi::OsStr;
use std::io::{self, Write as _};

use gitlade::{Candidate, Control, ErrorKind, ForgePage, Options, Source, Target};

use crate::failure::Failure;
use crate::progress::{Display, When};
use crate::source;

/// Reads a path or a URL. Of a page of a known forge, the repository is the source, and the options
/// become those of what the page shows; standard error tells so.
pub(crate) fn resolve(
    text: &OsStr,
    options: Options,
    progress: When,
    control: &Control,
) -> Result<(Source, Options), Failure> {
    let page = ForgePage::parse(text.as_encoded_bytes());
    let Some(page) = page.filter(|page| page.is_known() && !page.is_repository()) else {
        return Ok((source::parse(text)?, options));
    };
    let candidate = match page.certain() {
        Some(candidate) => candidate,
        None => {
            let display = Display::start(progress, &control.progress);
            let found = gitlade::detect(text.as_encoded_bytes(), &options, control)?;
            drop(display);
            if !found.kind.is_importable() {
                // Git's own questions say best why not.
                let Options { remote, limits, .. } = &options;
                let Control {
                    cancel, progress, ..
                } = control;
                gitlade::ls_remote(page.repository(), remote, limits, cancel, progress)?;
            }
            match found.certain() {
                Some(candidate) => candidate.clone(),
                None => return Err(unclear(&page, &found.candidates)),
            }
        }
    };
    refuse_both(&candidate, &options)?;
    say(&candidate);
    Ok((candidate.url.clone().into(), candidate.apply(options)))
}

/// Adds to a failure what the URL may mean instead, if it looks like a page of a forge.
pub(crate) fn suggest(text: &OsStr, failure: Failure) -> Failure {
    let kinds = [
        ErrorKind::InvalidSource,
        ErrorKind::RepositoryNotFound,
        ErrorKind::NotAGitServer,
        ErrorKind::Server,
    ];
    if !kinds.iter().any(|kind| kind.code() == failure.code()) {
        return failure;
    }
    match ForgePage::parse(text.as_encoded_bytes()) {
        Some(page) if !page.is_known() => {
            let commands = commands(&page.candidates());
            failure.hint(format!(
                "it looks like a page of {}: {commands}",
                page.forge()
            ))
        }
        _ => failure,
    }
}

fn unclear(page: &ForgePage, candidates: &[Candidate]) -> Failure {
    let text = format!(
        "it is a page of {}, and not certain which revision and folder it means",
        page.forge()
    );
    Failure::new(ErrorKind::InvalidSource, text).hint(commands(candidates))
}

fn commands(candidates: &[Candidate]) -> String {
    let commands: Vec<String> = candidates.iter().map(command).collect();
    commands.join("; or ")
}

/// What is named by the page cannot be named by options as well.
fn refuse_both(candidate: &Candidate, options: &Options) -> Result<(), Failure> {
    let both = [
        (
            "--rev",
            candidate.revision.is_some() && options.revision.is_some(),
        ),
        (
            "--subdir",
            candidate.path.is_some() && options.subdir.is_some(),
        ),
        (
            "--include",
            candidate.include().is_some() && !options.include.is_empty(),
        ),
    ];
    let Some((option, _)) = both.into_iter().find(|(_, both)| *both) else {
        return Ok(());
    };
    let text = format!("the page says what to import already, and so does {option}");
    Err(Failure::new(ErrorKind::InvalidOptions, text).hint(format!(
        "leave it out, or begin with {}",
        command(candidate)
    )))
}

fn say(candidate: &Candidate) {
    let mut text = format!("gitlade: taking {}", candidate.url);
    if let Some(revision) = &candidate.revision {
        text += &format!(", revision {revision}");
    }
    if let Some(path) = &candidate.path {
        let what = match candidate.target {
            Target::Folder => "folder",
            Target::File => "file",
            _ => "path",
        };
        text += &format!(", {what} {path}");
    }
    text.push('\n');
    // Where it cannot be told, the manifest's header still does.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The command that imports the candidate, as it is typed into a shell.
pub(crate) fn command(candidate: &Candidate) -> String {
    let mut command = format!("gitlade import {}", quoted(&candidate.url.to_string()));
    let mut add = |option: &str, value: &str| {
        // What begins with a hyphen would be taken for an option.
        let between = if value.starts_with('-') { '=' } else { ' ' };
        command += &format!(" {option}{between}{}", quoted(value));
    };
    if let Some(revision) = &candidate.revision {
        add("--rev", revision);
    }
    if let Some(folder) = candidate.subdir() {
        add("--subdir", folder);
    }
    if let Some(pattern) = candidate.include() {
        add("--include", &pattern);
    }
    command
}

/// A word of a POSIX shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/.:_-+,=@%".contains(c);
    if word.chars().all(is_plain) && !word.is_empty() {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands_of(url: &str) -> Vec<String> {
        let page = ForgePage::parse(url).expect("it is a page");
        page.candidates().iter().map(command).collect()
    }

    #[test]
    fn commands_can_be_typed() {
        let id = "8843d7f92416211de9ebb963ff4ce28125932878";
        assert_eq!(
            commands_of("https://github.com/o/r/tree/feature/x"),
            [
                "gitlade import https://github.com/o/r --rev feature --subdir x",
                "gitlade import https://github.com/o/r --rev feature/x",
            ]
        );
        assert_eq!(
            commands_of(&format!("https://github.com/o/r/blob/{id}/it's%20$(x)/-a*")),
            [format!(
                r"gitlade import https://github.com/o/r --rev {id} --subdir 'it'\''s $(x)' --include '/-a\*'"
            )]
        );
        assert_eq!(
            commands_of(&format!("https://github.com/o/r/tree/{id}/-x")),
            [format!(
                "gitlade import https://github.com/o/r --rev {id} --subdir=-x"
            )]
        );
    }
}
