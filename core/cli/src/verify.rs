//! `gitlade verify`

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use gitlade::{Difference, ErrorKind, Import, Limits, Manifest, Options, Printable, Reader};

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
    let limits = options.limits.clone();
    // It is read twice, for its entries and for its texts, and standard input can be read once only.
    let kept = match &args.against {
        Some(_) if args.manifest == Path::new("-") => Some(keep_input(interrupt)?),
        _ => None,
    };
    let file = kept.as_ref().map_or(&*args.manifest, |kept| kept.path());
    let manifest = read(file, &args.manifest, &limits, interrupt)?;
    let mut output = Output::stdout()?;
    let Some(source) = &args.against else {
        return output.write_bytes(verdict(&manifest).as_bytes());
    };
    let options = same_choices(&manifest, options);
    let control = interrupt.control();
    let import = source::import(source, &options, args.reading.progress, &control)?;
    let mut report = Report::default();
    report.compare_entries(&manifest, import.manifest());
    if report.differences == 0 {
        report.compare_texts(open(file, interrupt)?, &limits, &import)?;
    }
    report.end();
    output.write_bytes(report.text.as_bytes())?;
    if report.differences == 0 {
        return output.write_bytes(verdict(&manifest).as_bytes());
    }
    Err(mismatch(report.differences, source))
}

/// Copies standard input into a temporary file.
fn keep_input(interrupt: &Interrupt) -> Result<tempfile::NamedTempFile, Failure> {
    let failed = |error| Failure::of_file("write to", &std::env::temp_dir(), &error);
    let mut kept = tempfile::NamedTempFile::new().map_err(failed)?;
    io::copy(&mut open(Path::new("-"), interrupt)?, &mut kept).map_err(failed)?;
    Ok(kept)
}

/// Reads the manifest in `file`, which people know by another `name`.
fn read(
    file: &Path,
    name: &Path,
    limits: &Limits,
    interrupt: &Interrupt,
) -> Result<Manifest, Failure> {
    let input = open(file, interrupt)?;
    Manifest::read_ndjson(input, limits).map_err(|error| Failure::from(error).about(&quoted(name)))
}

fn open(file: &Path, interrupt: &Interrupt) -> Result<impl BufRead + use<>, Failure> {
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let opened = File::open(file).and_then(|opened| match opened.metadata()?.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => Ok(opened),
        });
        Box::new(opened.map_err(|error| Failure::of_file("read", file, &error))?)
    };
    Ok(BufReader::with_capacity(256 << 10, interrupt.watch(input)))
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
fn same_choices(manifest: &Manifest, mut options: Options) -> Options {
    let header = manifest.header();
    let choices = &header.options;
    options.include = choices.include.clone();
    options.exclude = choices.exclude.clone();
    options.allow_missing = choices.allow_missing;
    options.limits.max_blob = choices.max_blob;
    let source = &header.source;
    // The manifest's own tree is that of the folder, above which there are rules, too.
    let whole = source.commit.or(source.subdir_of);
    options.revision = Some(whole.unwrap_or(source.tree).to_string());
    options.subdir = whole.and_then(|_| source.subdir.clone());
    options
}

/// What is different, told as far as people want to know.
#[derive(Default)]
struct Report {
    text: String,
    differences: usize,
}

impl Report {
    fn add(&mut self, what: &str, path: &[u8], why: &str) {
        self.differences += 1;
        if self.differences <= TOLD {
            let _ = writeln!(self.text, "{what}  {}{why}", Printable(path));
        }
    }

    fn compare_entries(&mut self, manifest: &Manifest, found: &Manifest) {
        for difference in manifest.differences(found) {
            let (what, why) = describe(&difference);
            self.add(what, difference.path(), &why);
        }
        // What a filter leaves out stands in no entry.
        if self.differences == 0 && manifest.trailer() != found.trailer() {
            self.differences = 1;
            self.text += "changed  the totals\n";
        }
    }

    /// Compares the decoded texts, if the manifest has them. Entries are the same.
    fn compare_texts(
        &mut self,
        input: impl BufRead,
        limits: &Limits,
        import: &Import,
    ) -> Result<(), Failure> {
        let reader = Reader::new(input, limits)?;
        if !reader.has_text() {
            return Ok(());
        }
        for record in reader {
            let record = record?;
            let Some(text) = record.text() else {
                continue;
            };
            let same = match import.manifest().get(record.path()) {
                Some(entry) => import.text(entry)? == text,
                None => false,
            };
            if !same {
                self.add("changed", record.path(), "  (text)");
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        if let Some(more @ 1..) = self.differences.checked_sub(TOLD) {
            let more = counted(more as u64, "more difference");
            let _ = writeln!(self.text, "and {more}");
        }
    }
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
