//! `gitlade import --store` and `gitlade restart`

use std::path::Path;
use std::time::Duration;

use gitlade::{Engine, ImportId, Request, Restart, Source, Store};

use super::args::{RestartArgs, StoreArgs};
use super::follow::{Follow, outcome};
use super::open;
use crate::args::ImportArgs;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::page;
use crate::progress::When;

/// How often progress is shown and Ctrl-C looked for.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) fn import(
    args: &ImportArgs,
    folder: &Path,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let progress = args.reading.progress;
    let control = interrupt.control();
    let (source, options) = page::resolve(&args.source, args.options()?, progress, &control)
        .map_err(|failure| page::suggest(&args.source, failure))?;
    let source = match source {
        // Another process may restart it, from another folder.
        Source::Local(path) => Source::Local(
            std::path::absolute(&path).map_err(|error| Failure::of_file("find", &path, &error))?,
        ),
        source => source,
    };
    let engine = open::to_import(Store::open(folder)?, &options)?;
    let request = Request::default()
        .options(options)
        .tenant(args.tenant.as_str())
        .metadata(args.metadata.as_str());
    let id = engine.start(&source, request)?;
    let store = StoreArgs {
        store: folder.to_owned(),
        json: args.json,
    };
    finish(&engine, id, &store, progress, interrupt)
        .map_err(|failure| page::suggest(&args.source, failure))
}

pub(crate) fn restart(args: &RestartArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    // That it is there is checked before it could be made.
    let mut options = open::to_read(&args.store.store)?.import_options(args.id)?;
    if args.everything {
        options.subdir = None;
        options.include.clear();
        options.exclude.clear();
        options.allow_missing = false;
    }
    let options = args
        .choice
        .apply(args.reading.apply(args.revision.apply(options))?);
    let engine = open::to_import(Store::open(&args.store.store)?, &options)?;
    engine.restart(args.id, Restart::default().options(options))?;
    finish(
        &engine,
        args.id,
        &args.store,
        args.reading.progress,
        interrupt,
    )
}

/// Waits until the import has ended, and prints its record. Ctrl-C cancels it.
fn finish(
    engine: &Engine,
    id: ImportId,
    store: &StoreArgs,
    progress: When,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let mut follow = Follow::new(progress);
    let mut is_cancelled = false;
    let record = loop {
        let record = engine.wait(id, LOOK)?;
        if record.status.is_end() {
            break record;
        }
        follow.show(&record);
        if interrupt.is_interrupted() && !is_cancelled {
            is_cancelled = true;
            engine.cancel(id)?;
        }
    };
    follow.end(&record);
    if record.outcome.is_some() || store.json {
        store.print_record(&record)?;
    }
    outcome(&record)
}
