//! `gitlade detect`

use std::fmt::Write as _;

use gitlade::{Detected, Detection, ErrorKind, Options};

use crate::args::DetectArgs;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::page::command;
use crate::progress::Display;

pub(crate) fn run(args: &DetectArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let options = Options::default()
        .remote(args.remote.options()?)
        .limits(args.limits.limits());
    let control = interrupt.control();
    let display = Display::start(args.progress, &control.progress);
    let text = args.source.as_encoded_bytes();
    let found = gitlade::detect(text, &options, &control)?;
    drop(display);
    let text = match args.json {
        true => {
            let json = serde_json::to_string(&found);
            json.expect("because it has text keys only") + "\n"
        }
        false => report(&found),
    };
    Output::stdout()?.write_bytes(text.as_bytes())?;
    match ending(&found.kind) {
        None => Ok(()),
        Some(kind) => Err(Failure::silent(kind)),
    }
}

/// The kind of error that an import would end with.
fn ending(kind: &Detected) -> Option<ErrorKind> {
    Some(match kind {
        kind if kind.is_importable() => return None,
        kind if kind.other_system().is_some() => ErrorKind::OtherSystem,
        Detected::NeedsAuthentication { .. } => ErrorKind::AuthenticationRequired,
        Detected::Nothing { status: None, .. } => ErrorKind::NotARepository,
        Detected::Nothing { .. } => ErrorKind::RepositoryNotFound,
        _ => ErrorKind::NotAGitServer,
    })
}

/// A few lines for people. What a server has said in it is clean.
fn report(found: &Detection) -> String {
    let mut text = sentence(&found.kind);
    text.push('\n');
    let mut line = |line: std::fmt::Arguments<'_>| {
        writeln!(text, "{line}").expect("because a String takes everything");
    };
    if let Some(page) = &found.page {
        let repository = page.repository();
        match page.is_known() {
            true => line(format_args!(
                "  the URL is a page of {} about {repository}",
                page.forge()
            )),
            false => line(format_args!(
                "  the URL looks like a page of {}",
                page.forge()
            )),
        }
    }
    match (found.certain(), &found.candidates[..]) {
        (Some(candidate), _) => line(format_args!("  import it: {}", command(candidate))),
        (None, []) => {}
        (None, candidates) => {
            line(format_args!("  one of these may be meant:"));
            for candidate in candidates {
                line(format_args!("    {}", command(candidate)));
            }
        }
    }
    text
}

fn sentence(kind: &Detected) -> String {
    let branch = |branch: &Option<String>| match branch {
        Some(branch) => format!(", default branch {branch}"),
        None => String::new(),
    };
    match kind {
        Detected::GitSmart {
            protocol,
            object_format,
            default_branch,
            unborn,
            ..
        } => format!(
            "a Git repository: protocol version {protocol}, {object_format}{}{}",
            branch(default_branch),
            if *unborn { ", HEAD has no commit" } else { "" },
        ),
        Detected::GitDumb { default_branch, .. } => format!(
            "a Git repository as static files (the \"dumb\" protocol), which cannot be imported{}",
            branch(default_branch)
        ),
        Detected::GitFolder { object_format, .. } => {
            format!("a Git repository on this machine, {object_format}")
        }
        Detected::WebPage { title, .. } => match title {
            Some(title) => format!("a web page: {title}"),
            None => "a web page".to_owned(),
        },
        Detected::Nothing { status, .. } => match status {
            Some(status) => format!("nothing (status {status}), or nothing that is shown to all"),
            None => "nothing that is a repository".to_owned(),
        },
        Detected::NeedsAuthentication { schemes, realm, .. } => {
            let mut text = "something that needs credentials".to_owned();
            if !schemes.is_empty() {
                text += &format!(": {}", schemes.join(", "));
            }
            if let Some(realm) = realm {
                text += &format!(" for \"{realm}\"");
            }
            text
        }
        Detected::Unknown {
            status,
            content_type,
            ..
        } => {
            let mut text = "something else".to_owned();
            if let Some(status) = status {
                text += &format!(": status {status}");
            }
            if let Some(content_type) = content_type {
                text += &format!(", {content_type}");
            }
            text
        }
        kind => match kind.other_system() {
            Some(system) => format!("a {system} repository, which gitlade does not import"),
            None => "something else".to_owned(),
        },
    }
}
