//! `gitlade completions` and `gitlade man`

use std::io::Write as _;

use clap_complete::Shell;
use clap_mangen::Man;
use gitlade::ErrorKind;

use crate::failure::Failure;
use crate::output::Output;
use crate::usage;

/// Prints the completions for a shell.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut usage::command(), "gitlade", &mut script);
    Output::stdout()?.write_bytes(&script)
}

/// Prints the page of a command, or of the program itself.
pub(crate) fn page(name: Option<&str>) -> Result<(), Failure> {
    let mut program = usage::command();
    program.build();
    let command = match name {
        None => program,
        Some(name) => {
            let found = program.find_subcommand(name).ok_or_else(|| {
                Failure::new(
                    ErrorKind::InvalidOptions,
                    format!("there is no command {name:?}"),
                )
                .hint("\"gitlade --help\" lists them")
            })?;
            found.clone().name(format!("gitlade-{name}"))
        }
    };
    let page =
        render(command, name.unwrap_or_default()).expect("because writing to memory does not fail");
    Output::stdout()?.write_bytes(&page)
}

fn render(command: clap::Command, name: &str) -> std::io::Result<Vec<u8>> {
    // A page has no short form, and would lack what options say that are not in it.
    let command = command.mut_args(|arg| arg.hide_short_help(false));
    let has_subcommands = command.has_subcommands();
    let version = format!("gitlade {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command).source(version).manual("gitlade manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_subcommands {
        man.render_subcommands_section(&mut page)?;
    }
    page.write_all(b".SH EXAMPLES\n")?;
    for (example, meaning) in usage::examples(name) {
        let (example, meaning) = (escape(example), escape(meaning));
        writeln!(page, ".TP\n{meaning}:\n\\fB{example}\\fR")?;
    }
    page.write_all(b".SH \"EXIT STATUS\"\n")?;
    for (code, meaning) in usage::exit_codes() {
        writeln!(page, ".TP\n{code}\n{}", escape(&meaning))?;
    }
    Ok(page)
}

/// Escapes what roff would act upon. None of the lines begins with a dot or an apostrophe.
fn escape(text: &str) -> String {
    text.replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq")
}
