//! `gitlade import`

use std::io::{self, IsTerminal};
use std::time::Instant;

use crate::args::ImportArgs;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::page;
use crate::source;
use crate::store;
use crate::summary::Summary;

pub(crate) fn run(args: &ImportArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    if let Some(folder) = &args.store {
        return store::import(args, folder, interrupt);
    }
    let started = Instant::now();
    let options = args.options()?;
    let has_reader = io::stdout().is_terminal();
    let output = match &args.manifest {
        Some(file) => Some(Output::create(file, interrupt.partial())?),
        None if has_reader => None,
        None => Some(Output::stdout()?),
    };
    let control = interrupt.control();
    let progress = args.reading.progress;
    let import = page::resolve(&args.source, options, progress, &control)
        .and_then(|(source, options)| source::import_from(&source, &options, progress, &control))
        .map_err(|failure| page::suggest(&args.source, failure))?;
    let elapsed = started.elapsed();
    let to_stdout = args.manifest.as_deref().is_some_and(|file| file == "-");
    if let Some(output) = output {
        write(&import, args.text, output, interrupt)?;
    }
    if has_reader && !to_stdout {
        let summary = Summary::of(&import, elapsed).to_string();
        Output::stdout()?.write_bytes(summary.as_bytes())?;
    }
    Ok(())
}

fn write(
    import: &gitlade::Import,
    with_text: bool,
    mut output: Output,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let watched = interrupt.watch(&mut output);
    let result = if with_text {
        import.write_ndjson_with_text(watched)
    } else {
        import.write_ndjson(watched)
    };
    match result {
        Ok(()) => output.finish(),
        Err(error) => output.failed(error),
    }
}
