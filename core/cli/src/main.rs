//! `gitlade`

fn main() -> std::process::ExitCode {
    gitlade_cli::main()
}
