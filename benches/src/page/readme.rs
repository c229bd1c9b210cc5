//! The figures in the README, between two marks.

use std::fs;
use std::path::Path;

use crate::git::Result;
use crate::report::{Contest, Report, Setting};
use crate::table::{self, Table};

const BEGIN: &str = "<!-- benches/report/make writes from here -->\n";
const END: &str = "<!-- to here -->\n";

/// Puts what was measured on Linux between the marks in the file at `path`. Nothing changes if that was
/// not measured.
///
/// # Errors
///
/// If the file has no marks, or cannot be read or written.
pub(crate) fn update(path: &Path, report: &Report) -> Result<()> {
    let Some(figures) = figures(report) else {
        return Ok(());
    };
    let text = fs::read_to_string(path)?;
    let replaced = replace(&text, &figures).ok_or("the README has no marks for figures")?;
    Ok(fs::write(path, replaced)?)
}

fn replace(text: &str, figures: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{figures}{END}{after}"))
}

fn figures(report: &Report) -> Option<String> {
    let linux = |setting| {
        let contests = report.contests.iter();
        contests
            .into_iter()
            .find(|contest| contest.corpus == "linux" && contest.setting == setting)
    };
    let (local, remote) = (linux(Setting::Local)?, linux(Setting::FullSpeed)?);
    let machine = &report.machine;
    let mut text = format!(
        "Linux 6.12, {} files, {}; {}, {} threads, {}:\n\n",
        local.entries,
        table::mebibytes(local.bytes as f64),
        machine.processor,
        machine.threads,
        machine.git,
    );
    if machine.is_busy() {
        text.push_str("(The machine was busy: only the ratios say something.)\n\n");
    }
    for (what, contest) in [("from the disk", local), ("from a server", remote)] {
        text.push_str(&rows(what, contest).markdown());
        text.push('\n');
    }
    Some(text)
}

fn rows(what: &str, contest: &Contest) -> Table {
    let mut table = Table::new([what, "wall", "of gitlade", "CPU", "anonymous memory"]);
    let first = &contest.contenders[0];
    let is_part = |name: &str| {
        ["floor:", "limit:", "ingest"]
            .iter()
            .any(|one| name.starts_with(one))
    };
    for one in contest.contenders.iter().filter(|one| !is_part(one.name)) {
        table.row([
            one.name.to_owned(),
            table::seconds(one.summary(|sample| sample.wall).median),
            format!("{:.1} ×", one.ratio(first, |sample| sample.wall).median),
            table::seconds(one.summary(|sample| sample.cpu).median),
            table::mebibytes(one.peak_anonymous() as f64),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let text = format!("a\n{BEGIN}old\n{END}b\n");
        let new = replace(&text, "new\n").unwrap();
        assert_eq!(new, format!("a\n{BEGIN}new\n{END}b\n"));
        assert_eq!(replace(&new, "new\n").unwrap(), new);
        assert_eq!(replace("a\nb\n", "new\n"), None);
    }
}
