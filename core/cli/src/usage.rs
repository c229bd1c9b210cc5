//! Reading the command line, and saying what is wrong with it.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;

use clap::error::{ContextKind, ErrorKind as ClapKind};
use clap::{CommandFactory, FromArgMatches};
use gitlade::ErrorKind;

use crate::args::{Cli, Command};
use crate::describe::plain;
use crate::failure::{INTERRUPTED, USAGE, code_of, one_line};

/// Examples for each command, each with what it does. Those of "" are for the program itself.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "",
        &[
            (
                "gitlade import .",
                "Show what is in the repository around here",
            ),
            (
                "gitlade import . --manifest tree.ndjson",
                "Write the manifest of its HEAD",
            ),
            (
                "gitlade verify tree.ndjson --against .",
                "Check that it still tells the truth",
            ),
        ],
    ),
    (
        "import",
        &[
            (
                "gitlade import .",
                "Show what is in the repository around here",
            ),
            (
                "gitlade import ~/linux --rev v6.12 --subdir kernel --manifest kernel.ndjson",
                "Write the manifest of one folder of a tag",
            ),
            (
                "gitlade import . --include '*.rs' --exclude /target --text | jq -r .text",
                "Take the text of all Rust files",
            ),
            (
                "gitlade import https://github.com/vercel/next.js --token-env GITHUB_TOKEN",
                "Import from a server, with a token that no other program sees",
            ),
            (
                "gitlade import https://github.com/vercel/next.js --store imports",
                "Import into a store, which keeps every file and its text",
            ),
            (
                "gitlade import https://github.com/vercel/next.js --rev canary~3 --depth 4",
                "Import a commit that the server has no name for",
            ),
            (
                "gitlade import https://github.com/vercel/next.js/tree/canary/docs",
                "Import what a page shows",
            ),
            (
                "gitlade import stranger.git --max-blob 10M --max-entries 100000",
                "Keep a stranger's repository within bounds",
            ),
        ],
    ),
    (
        "list",
        &[
            ("gitlade list --store imports", "Show what was imported"),
            (
                "gitlade list --store imports --status failed --since 7d --json | jq '.imports[].failure'",
                "Take the failures of a week",
            ),
        ],
    ),
    (
        "status",
        &[
            (
                "gitlade status 17 --store imports --watch",
                "Watch an import of another process",
            ),
            (
                "gitlade status 17 --store imports --json | jq -r .status",
                "Take its status",
            ),
        ],
    ),
    (
        "show",
        &[
            (
                "gitlade show 17 --store imports",
                "Show what an import brought",
            ),
            ("gitlade show 17 src --store imports", "List a folder of it"),
            (
                "gitlade show 17 --manifest --store imports > tree.ndjson",
                "Write its manifest",
            ),
        ],
    ),
    (
        "log",
        &[(
            "gitlade log 17 --store imports",
            "Show what happened to an import, and when",
        )],
    ),
    (
        "cancel",
        &[(
            "gitlade cancel 17 --store imports",
            "Stop an import that another process runs",
        )],
    ),
    (
        "restart",
        &[
            (
                "gitlade restart 17 --store imports",
                "Import again what was interrupted",
            ),
            (
                "gitlade restart 17 --store imports --token-env GITHUB_TOKEN",
                "Do so with a token that works",
            ),
            (
                "gitlade restart 17 --store imports --subdir docs --max-blob 1M",
                "Import only a folder this time, and skip what is large",
            ),
        ],
    ),
    (
        "rm",
        &[("gitlade rm 17 18 --store imports", "Remove two imports")],
    ),
    (
        "check",
        &[(
            "gitlade check --store imports",
            "Compute the digests of all that is kept again",
        )],
    ),
    (
        "repair",
        &[(
            "gitlade repair --store imports --fetch",
            "Read again what is damaged, and name what is lost",
        )],
    ),
    (
        "gc",
        &[(
            "gitlade gc --store imports --dry-run",
            "Count what no import uses",
        )],
    ),
    (
        "stats",
        &[(
            "gitlade stats --store imports --json | jq .content_bytes",
            "Take the bytes of all contents",
        )],
    ),
    (
        "cat",
        &[
            ("gitlade cat . README.md", "Print a file of HEAD"),
            (
                "gitlade cat . src/legacy.txt --rev v1.0 --text",
                "Print it in UTF-8, whatever it is stored in",
            ),
            (
                "gitlade cat 17 README.md --store imports",
                "Print a file of an import in a store",
            ),
        ],
    ),
    (
        "verify",
        &[
            (
                "gitlade verify tree.ndjson",
                "Check that a manifest is whole and unaltered",
            ),
            (
                "gitlade verify tree.ndjson --against .",
                "Compare it with the commit that it names",
            ),
        ],
    ),
    (
        "detect",
        &[
            (
                "gitlade detect https://github.com/vercel/next.js/tree/canary/docs",
                "Find out what the URL of a page means",
            ),
            (
                "gitlade detect https://svn.example.org/project --json | jq -r .kind",
                "Tell Git from other systems",
            ),
        ],
    ),
    (
        "ls-remote",
        &[(
            "gitlade ls-remote https://github.com/vercel/next.js",
            "List the branches and tags of a repository",
        )],
    ),
    (
        "completions",
        &[(
            "gitlade completions bash > ~/.local/share/bash-completion/completions/gitlade",
            "Complete in bash from now on",
        )],
    ),
    (
        "man",
        &[
            ("gitlade man | man -l -", "Read the manual"),
            (
                "gitlade man import > gitlade-import.1",
                "Keep the page of a command",
            ),
        ],
    ),
];

/// The examples of a command, or of the program itself for "".
pub(crate) fn examples(command: &str) -> &'static [(&'static str, &'static str)] {
    EXAMPLES
        .iter()
        .find(|(name, _)| *name == command)
        .map_or(&[], |(_, examples)| examples)
}

/// Exit codes with what they mean, in their order.
pub(crate) fn exit_codes() -> Vec<(u8, String)> {
    let mut codes = vec![
        (0, "Success.".to_owned()),
        (USAGE, "The command line cannot be understood.".to_owned()),
    ];
    codes.extend(
        ErrorKind::ALL
            .iter()
            .filter(|kind| **kind != ErrorKind::Cancelled)
            .map(|kind| {
                let description = plain(kind.description());
                (code_of(*kind), format!("{kind}: {description}"))
            }),
    );
    codes.push((
        INTERRUPTED,
        format!(
            "{}: Ctrl-C, or another signal to end.",
            ErrorKind::Cancelled
        ),
    ));
    codes
}

/// The command line as a whole, with examples and exit codes.
pub(crate) fn command() -> clap::Command {
    let mut command = Cli::command();
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    for name in names {
        let mut after = examples_text(&name);
        after += "\nExit status: see \"gitlade --help\".";
        command = command.mut_subcommand(name, |command| command.after_long_help(after));
    }
    let mut after = examples_text("");
    after += "\nExit status:\n";
    for (code, meaning) in exit_codes() {
        let _ = writeln!(after, "  {code:>3}  {meaning}");
    }
    command.after_long_help(after)
}

fn examples_text(command: &str) -> String {
    let mut text = "Examples:\n".to_owned();
    for (example, meaning) in examples(command) {
        let _ = writeln!(text, "  {meaning}:\n    {example}");
    }
    text
}

/// Reads the command line. Where there is nothing to run, all is said already, and the code to exit
/// with is the error.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, u8> {
    let result = command()
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let error = match result {
        Ok(cli) => return Ok(cli.command),
        Err(error) => error,
    };
    match error.kind() {
        ClapKind::DisplayHelp | ClapKind::DisplayVersion => {
            // Nobody may be listening any more.
            let _ = error.print();
            Err(0)
        }
        ClapKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Err(USAGE)
        }
        _ => {
            let _ = std::io::stderr().write_all(explain(&error).as_bytes());
            Err(USAGE)
        }
    }
}

/// What is wrong, in the two lines that all errors have here.
fn explain(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    // The first paragraph says what is wrong. What the user wrote may hold blank lines, but only
    // makes the message shorter then.
    let paragraph = rendered.split("\n\n").next().unwrap_or_default();
    let message = paragraph.strip_prefix("error: ").unwrap_or(paragraph);
    let words: Vec<&str> = message.lines().map(str::trim).collect();
    let mut text = format!("gitlade: {}\n", one_line(&words.join(" ")));
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .find_map(|kind| error.get(kind));
    let hint = match suggested {
        Some(value) => format!("did you mean {value}?"),
        None => "see \"gitlade --help\", and \"gitlade COMMAND --help\"".to_owned(),
    };
    let _ = writeln!(text, "  hint: {}", one_line(&hint));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(args: &[&str]) -> String {
        let error = command()
            .try_get_matches_from(args)
            .expect_err("the arguments are wrong");
        explain(&error)
    }

    #[test]
    fn the_definition_holds_together() {
        command().debug_assert();
        for subcommand in command().get_subcommands() {
            assert!(!examples(subcommand.get_name()).is_empty(), "{subcommand}");
        }
    }

    #[test]
    fn complaints_have_two_lines_and_name_the_option() {
        for (args, word) in [
            (&["gitlade", "import"][..], "SOURCE"),
            (
                &["gitlade", "import", ".", "--max-blob", "1X"],
                "--max-blob",
            ),
            (&["gitlade", "import", ".", "--max-blb", "1"], "--max-blob"),
            (&["gitlade", "import", ".", "--progress", "x"], "json"),
            (&["gitlade", "import", ".", "--threads", "-1"], "-1"),
            (&["gitlade", "import", ".", "a\x07b"], "argument"),
            (&["gitlade", "imprt", "."], "import"),
        ] {
            let text = complaint(args);
            assert_eq!(text.lines().count(), 2, "{text}");
            assert!(text.starts_with("gitlade: "), "{text}");
            assert!(text.contains(word), "{text}");
            assert!(!text.contains('\x07'), "{text:?}");
        }
    }
}
