//! `git-lade`, the same program by the name under which Git finds it: `git lade import .`

fn main() -> std::process::ExitCode {
    gitlade_cli::main()
}
