//! The command line of gitlade: imports Git repositories, and says what is in them.
//!
//! It is a library because two programs are made of it, `gitlade` and `git-lade`. Programs that
//! import repositories themselves use the crate `gitlade`.

mod args;
mod cat;
mod describe;
mod detect;
mod duration;
mod failure;
mod import;
mod interrupt;
mod languages;
mod limits;
mod ls_remote;
mod manual;
mod output;
mod pace;
mod page;
mod progress;
mod remote;
mod screen;
mod size;
mod source;
mod store;
mod summary;
mod table;
mod tally;
mod usage;
mod verify;
mod when;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use args::Command;
use failure::Failure;
use interrupt::Interrupt;

/// Does what the process's arguments say, and gives the code to exit with.
pub fn main() -> ExitCode {
    run(std::env::args_os()).into()
}

/// Does what `arguments` say, of which the first is the program's name, and gives the code to exit
/// with.
///
/// It takes over signals and the reporting of panics, so it is for a process that does nothing else.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    failure::report_panics();
    let command = match usage::parse(arguments) {
        Ok(command) => command,
        Err(code) => return code,
    };
    let interrupt = Interrupt::install();
    let result = match catch_unwind(AssertUnwindSafe(|| execute(command, &interrupt))) {
        Ok(result) => result,
        Err(_) => return failure::DEFECT,
    };
    match result {
        Ok(()) => 0,
        // What fails after Ctrl-C, fails because of it.
        Err(_) if interrupt.is_interrupted() => Failure::cancelled().report(),
        Err(failure) => failure.report(),
    }
}

fn execute(command: Command, interrupt: &Interrupt) -> Result<(), Failure> {
    match command {
        Command::Import(args) => import::run(&args, interrupt),
        Command::List(args) => store::list(&args),
        Command::Status(args) => store::status(&args, interrupt),
        Command::Show(args) => store::show(&args, interrupt),
        Command::Cat(args) => cat::run(&args, interrupt),
        Command::Log(args) => store::log(&args),
        Command::Cancel(args) => store::cancel(&args, interrupt),
        Command::Restart(args) => store::restart(&args, interrupt),
        Command::Rm(args) => store::remove(&args),
        Command::Check(args) => store::check(&args, interrupt),
        Command::Repair(args) => store::repair(&args, interrupt),
        Command::Gc(args) => store::gc(&args, interrupt),
        Command::Stats(args) => store::stats(&args),
        Command::Verify(args) => verify::run(&args, interrupt),
        Command::Detect(args) => detect::run(&args, interrupt),
        Command::LsRemote(args) => ls_remote::run(&args, interrupt),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { command } => manual::page(command.as_deref()),
    }
}
