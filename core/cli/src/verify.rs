//! `gitlade verify`

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use gitlade::{Difference, ErrorKind, Import, Limits, Manifest, Options, Printable};

use crate::args::VerifyArgs;
use crate::describe::{bytes, counted};
use crate::failure::{Failure, quoted};
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::source;

/// Differences that are told one by one.
const TOLD: usize = 50;

pub(crate) fn run(args: &VerifyArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let options = args.reading.options()?;
    let manifest = read(&args.manifest, &options.limits, interrupt)?;
    let mut output = Output::stdout()?;
    let Some(source) = &args.against else {
        return output.write_bytes(verdict(&manifest).as_bytes());
    };
    let options = same_choices(&manifest, options)?;
    let control = interrupt.control();
    let import = source::import(source, &options, args.reading.progress, &control)?;
    let report = compare(&manifest, &import);
    output.write_bytes(report.text.as_bytes())?;
    if report.differences == 0 {
        return output.write_bytes(verdict(&manifest).as_bytes());
    }
    Err(mismatch(report.differences, source))
}

fn read(file: &Path, limits: &Limits, interrupt: &Interrupt) -> Result<Manifest, Failure> {
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let opened = File::open(file).and_then(|opened| match opened.metadata()?.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => Ok(opened),
        });
        Box::new(opened.map_err(|error| Failure::of_file("read", file, &error))?)
    };
    let input = BufReader::with_capacity(256 << 10, interrupt.watch(input));
    let named = |failure: Failure| failure.about(&quoted(file));
    Manifest::read_ndjson(input, limits).map_err(|error| named(error.into()))
}

/// What the manifest comes to, on one line.
fn verdict(manifest: &Manifest) -> String {
    let totals = manifest.totals();
    let entries = counted(manifest.len() as u64, "record");
    let files = counted(totals.files, "file");
    let root = manifest.root();
    format!(
        "good: {entries}, {files}, {}, root {root}\n",
        bytes(totals.bytes)
    )
}

/// The options that give the same manifest again.
fn same_choices(manifest: &Manifest, mut options: Options) -> Result<Options, Failure> {
    let header = manifest.header();
    let choices = &header.options;
    options.include = choices.include.clone();
    options.exclude = choices.exclude.clone();
    options.allow_missing = choices.allow_missing;
    options.limits.max_blob = choices.max_blob;
    match header.source.commit {
        Some(commit) => {
            options.revision = Some(commit.to_string());
            options.subdir = match &header.source.subdir {
                Some(subdir) => Some(String::from_utf8(subdir.clone()).map_err(|_| {
                    let text = "the manifest's folder has a name that no import takes";
                    Failure::new(ErrorKind::CorruptManifest, text)
                })?),
                None => None,
            };
        }
        // A tree was imported; of a folder in it the manifest has the folder's own.
        None => options.revision = Some(header.source.tree.to_string()),
    }
    Ok(options)
}

struct Report {
    text: String,
    differences: usize,
}

fn compare(manifest: &Manifest, import: &Import) -> Report {
    let mut report = Report {
        text: String::new(),
        differences: 0,
    };
    let found = import.manifest();
    for difference in manifest.differences(found) {
        report.differences += 1;
        if report.differences <= TOLD {
            let (what, why) = describe(&difference);
            let path = Printable(difference.path());
            let _ = writeln!(report.text, "{what}  {path}{why}");
        }
    }
    if report.differences > TOLD {
        let more = counted((report.differences - TOLD) as u64, "more difference");
        let _ = writeln!(report.text, "and {more}");
    }
    // What a filter leaves out stands in no entry.
    if report.differences == 0 && manifest.trailer() != found.trailer() {
        report.differences = 1;
        report.text += "changed  the totals\n";
    }
    report
}

fn describe(difference: &Difference<'_>) -> (&'static str, String) {
    let (before, after) = match difference {
        Difference::Added(_) => return ("added  ", String::new()),
        Difference::Removed(_) => return ("removed", String::new()),
        Difference::Changed { before, after } => (before, after),
    };
    let mut what = Vec::new();
    if before.mode() != after.mode() {
        what.push("mode");
    }
    if before.id() != after.id() {
        what.push("object");
    } else if before.digest() != after.digest() {
        what.push("digest");
    } else if before.kind() != after.kind() {
        what.push("facts");
    }
    if before.flags() != after.flags() {
        what.push("flags");
    }
    ("changed", format!("  ({})", what.join(", ")))
}

fn mismatch(differences: usize, source: &OsStr) -> Failure {
    Failure::new(
        ErrorKind::ManifestMismatch,
        format!(
            "the manifest and {} differ: {}",
            quoted(Path::new(source)),
            counted(differences as u64, "difference")
        ),
    )
    .hint("trust neither, until it is known which of them was altered")
}
