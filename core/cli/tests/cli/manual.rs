//! Help, completions and the manual page.

use gitlade::{ErrorKind, Limits};

use crate::fixture::run;

fn said(args: &[&str]) -> String {
    String::from_utf8(run(args).good()).expect("it is text")
}

#[test]
fn help_lists_every_option_and_every_exit_code() {
    let help = said(&["import", "--help"]);
    for option in [
        "--rev",
        "--depth",
        "--subdir",
        "--manifest",
        "--text",
        "--include",
        "--exclude",
        "--store",
        "--tenant",
        "--metadata",
        "--json",
        "--allow-missing",
        "--no-alternates",
        "--verify",
        "--threads",
        "--memory",
        "--spool",
        "--progress",
        "--token-env",
        "--token-file",
        "--user",
        "--ssh-key",
        "--ca",
        "--client-cert",
        "--client-key",
        "--proxy",
        "--policy",
        "--timeout",
    ] {
        assert!(
            help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
            "{option}"
        );
    }
    for limit in Limits::NAMES {
        assert!(
            help.contains(&format!("--{} <", limit.replace('_', "-"))),
            "{limit}"
        );
    }
    assert!(help.contains("Examples:"));
    let help = said(&["--help"]);
    for kind in ErrorKind::ALL {
        assert!(help.contains(&format!("{}: ", kind.name())), "{kind}");
    }
    assert!(said(&["--version"]).starts_with("gitlade "));
}

/// Git finds it in the search path.
#[test]
fn git_runs_it_as_lade() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_git-lade"));
    let folder = program.parent().expect("it is in a folder");
    let path = std::env::var("PATH").expect("there is one");
    let output = std::process::Command::new("git")
        .args(["lade", "--version"])
        .env("PATH", format!("{}:{path}", folder.display()))
        .output()
        .expect("git is installed");
    assert!(output.status.success());
    assert_eq!(output.stdout, run(["--version"]).good());
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = said(&["completions", shell]);
        assert!(script.contains("max-blob"), "{shell}");
    }
    run(["completions", "cobol"]).bad(2);
}

#[test]
fn manual_pages_have_their_sections() {
    let page = said(&["man"]);
    for section in [
        "NAME",
        "SYNOPSIS",
        "SUBCOMMANDS",
        "EXAMPLES",
        "\"EXIT STATUS\"",
    ] {
        assert!(page.contains(&format!(".SH {section}\n")), "{section}");
    }
    for command in [
        "import",
        "list",
        "status",
        "show",
        "cat",
        "log",
        "cancel",
        "restart",
        "rm",
        "check",
        "repair",
        "gc",
        "stats",
        "verify",
        "detect",
        "ls-remote",
        "completions",
        "man",
    ] {
        let page = said(&["man", command]);
        assert!(
            page.contains(&format!("gitlade\\-{}", command.replace('-', "\\-"))),
            "{command}: {page}"
        );
    }
    let page = said(&["man", "import"]);
    for words in [
        "max\\-spool",
        "Bytes of temporary files.",
        "over plain http",
    ] {
        assert!(page.contains(words), "{words}");
    }
}
