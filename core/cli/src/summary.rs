//! What an import brought, as people like to read it.

use std::fmt::{self, Formatter, Write as _};
use std::time::Duration;

use gitlade::{Entry, EntryKind, Import, Manifest, Printable};

use crate::describe::{bytes, count, counted, share};
use crate::tally::{Few, Sum, TOLD, Tally, largest_folders, ranked};

/// Kinds of a thing (encodings, types) that are told on one line.
const ON_A_LINE: usize = 6;

/// The summary of an import. It holds no control characters.
pub(crate) struct Summary<'a> {
    manifest: &'a Manifest,
    tally: Tally<'a>,
    elapsed: Duration,
}

impl<'a> Summary<'a> {
    pub(crate) fn of(import: &'a Import, elapsed: Duration) -> Self {
        let manifest = import.manifest();
        Summary {
            manifest,
            tally: Tally::of(manifest),
            elapsed,
        }
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.origin(f)?;
        self.contents(f)?;
        self.languages(f)?;
        self.largest(f)?;
        self.skipped(f)?;
        self.oddities(f)?;
        self.elsewhere(f)?;
        self.speed(f)
    }
}

impl Summary<'_> {
    fn origin(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let source = &self.manifest.header().source;
        if let Some(url) = &source.url {
            writeln!(f, "url       {}", Printable(url.as_bytes()))?;
        }
        if let Some(reference) = &source.reference {
            writeln!(f, "ref       {}", Printable(reference))?;
        }
        if let Some(commit) = source.commit {
            writeln!(f, "commit    {commit}")?;
        }
        if let Some(subdir) = &source.subdir {
            writeln!(f, "folder    {}", Printable(subdir))?;
        }
        writeln!(f, "tree      {}", source.tree)?;
        writeln!(f, "root      {}", self.manifest.root())
    }

    fn contents(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let totals = self.manifest.totals();
        let mut counts = vec![
            counted(totals.files, "file"),
            counted(totals.folders, "folder"),
        ];
        for (number, noun) in [
            (totals.symlinks, "symlink"),
            (totals.submodules, "submodule"),
        ] {
            if number > 0 {
                counts.push(counted(number, noun));
            }
        }
        writeln!(f, "\n{}, {}", counts.join(", "), bytes(totals.bytes))?;
        let Tally {
            text,
            binary,
            encodings,
            types,
            ..
        } = &self.tally;
        for (name, sum, parts) in [("text", text, encodings), ("binary", binary, types)] {
            if sum.files == 0 {
                continue;
            }
            let parts = ranked(parts.iter().map(|(name, number)| (*name, *number)));
            let (number, size) = (count(sum.files), bytes(sum.bytes));
            writeln!(f, "  {name:<8}{number:>9}  {size:>11}  {}", listed(&parts))?;
        }
        Ok(())
    }

    fn languages(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut languages: Vec<(&String, &Sum)> = self.tally.languages.iter().collect();
        if languages.is_empty() {
            return Ok(());
        }
        languages.sort_by(|a, b| b.1.bytes.cmp(&a.1.bytes).then_with(|| a.0.cmp(b.0)));
        heading(f, "Languages, by ending")?;
        for (name, sum) in languages.iter().take(TOLD) {
            writeln!(
                f,
                "  {name:<20}{:>5}  {:>11}  {}, {}",
                share(sum.bytes, self.tally.text.bytes),
                bytes(sum.bytes),
                counted(sum.files, "file"),
                counted(sum.lines, "line"),
            )?;
        }
        more(f, languages.len().saturating_sub(TOLD))
    }

    fn largest(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let files = self.tally.largest_files(self.manifest);
        if !files.is_empty() {
            heading(f, "Largest files")?;
        }
        for (size, entry) in files {
            writeln!(f, "  {:>11}  {}", bytes(size), Printable(entry.path()))?;
        }
        let (folders, left) = largest_folders(self.manifest);
        if !folders.is_empty() {
            heading(f, "Largest folders")?;
        }
        for (size, files, entry) in folders {
            let (size, files) = (bytes(size), counted(files, "file"));
            writeln!(f, "  {size:>11}  {}/  {files}", Printable(entry.path()))?;
        }
        more(f, left)
    }

    fn skipped(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let skipped = self.manifest.skipped();
        if skipped.is_empty() {
            return Ok(());
        }
        heading(f, "Skipped")?;
        for (reason, few) in &self.tally.skipped {
            let why = match *reason {
                "too_large" => {
                    let limit = bytes(self.manifest.header().options.max_blob);
                    format!("larger than --max-blob, {limit}")
                }
                "missing" => "not in the repository".to_owned(),
                other => other.replace('_', " "),
            };
            writeln!(f, "  {}: {why}", counted(few.count, "file"))?;
            names(f, few, |entry| entry.size().map(bytes))?;
        }
        if skipped.excluded > 0 {
            let entries = count(skipped.excluded);
            writeln!(f, "  {entries} left out by --include and --exclude")?;
        }
        Ok(())
    }

    fn oddities(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.tally.flags.is_empty() {
            return Ok(());
        }
        heading(f, "Odd entries")?;
        for (flag, few) in &self.tally.flags {
            writeln!(f, "  {}: {}", flag.replace('_', " "), count(few.count))?;
            names(f, few, |_| None)?;
        }
        Ok(())
    }

    /// What stands for content that is in other places.
    fn elsewhere(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let submodules = self.manifest.totals().submodules;
        if submodules > 0 {
            heading(f, "Submodules, not fetched")?;
            for entry in self.manifest.submodules().take(TOLD) {
                let EntryKind::Submodule(submodule) = entry.kind() else {
                    continue;
                };
                let url = submodule.url.unwrap_or(b"no URL in .gitmodules");
                writeln!(f, "  {}  {}", Printable(entry.path()), Printable(url))?;
            }
            more(f, (submodules as usize).saturating_sub(TOLD))?;
        }
        let lfs = &self.tally.lfs;
        if lfs.count > 0 {
            let size = bytes(self.tally.lfs_bytes);
            heading(f, "Git LFS pointers, not fetched")?;
            writeln!(f, "  {} for {size}", counted(lfs.count, "pointer"))?;
            names(f, lfs, |_| None)?;
        }
        Ok(())
    }

    fn speed(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let totals = self.manifest.totals();
        let seconds = self.elapsed.as_secs_f64();
        write!(f, "\nimported in {seconds:.2} s")?;
        if seconds > 0.0 {
            // Rounded down, which an approximate figure can be.
            let per_second = |number: u64| (number as f64 / seconds) as u64;
            let files = count(per_second(totals.files));
            write!(
                f,
                ": {files} files/s, {}/s",
                bytes(per_second(totals.bytes))
            )?;
        }
        writeln!(f)
    }
}

fn heading(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "\n{text}")
}

fn more(f: &mut Formatter<'_>, number: usize) -> fmt::Result {
    if number > 0 {
        writeln!(f, "  and {} more", count(number as u64))?;
    }
    Ok(())
}

/// The first entries by name, each with a note.
fn names(
    f: &mut Formatter<'_>,
    few: &Few<'_>,
    note: impl Fn(&Entry<'_>) -> Option<String>,
) -> fmt::Result {
    for entry in &few.first {
        write!(f, "    {}", Printable(entry.path()))?;
        match note(entry) {
            Some(note) => writeln!(f, "  {note}")?,
            None => writeln!(f)?,
        }
    }
    let left = few.count - few.first.len() as u64;
    if left > 0 {
        writeln!(f, "    and {} more", count(left))?;
    }
    Ok(())
}

/// `utf-8 1,200, windows-1252 3 and 2 more`
fn listed(parts: &[(&str, u64)]) -> String {
    let mut text = String::new();
    for (place, (name, number)) in parts.iter().take(ON_A_LINE).enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        let _ = write!(text, "{comma}{name} {}", count(*number));
    }
    if parts.len() > ON_A_LINE {
        let _ = write!(text, " and {} more kinds", parts.len() - ON_A_LINE);
    }
    text
}
