//! The report as a page: Markdown, with its plots beside it.

mod curves;
mod notes;
pub(crate) mod readme;
mod who;

use std::fs;
use std::io;
use std::path::Path;

use crate::promised;
use crate::report::Report;
use crate::table;

/// Writes `README.md`, the plots, and the figures as `figures.json` into `folder`, which is made if need
/// be. Plots that were there and have no figures any more go.
///
/// # Errors
///
/// If a file cannot be written.
pub(crate) fn write(report: &Report, folder: &Path, command: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut plots = Vec::new();
    for (name, plot, note) in curves::of(report) {
        let file = folder.join(format!("{name}.svg"));
        // One point is no curve.
        let is_curve = plot.series.iter().any(|one| one.points.len() > 1);
        match plot.svg().filter(|_| is_curve) {
            Some(svg) => {
                fs::write(file, svg)?;
                plots.push((name, plot.title, note));
            }
            None if file.exists() => fs::remove_file(file)?,
            None => {}
        }
    }
    let mut figures = serde_json::to_string(report).map_err(io::Error::other)?;
    figures.push('\n');
    fs::write(folder.join("figures.json"), figures)?;
    fs::write(folder.join("README.md"), text(report, &plots, command))
}

fn text(report: &Report, plots: &[(&str, String, &str)], command: &str) -> String {
    let mut text = format!(
        "# What was measured\n\n\
         Made by `{command}` and not by hand; figures.json holds every round of every contender, and\n\
         [benches/README.md](../README.md) says what the columns mean and how to run it.\n\n{}",
        machine(report)
    );
    text.push_str("\n## Promises\n\n");
    text.push_str(&promised::table(&report.promises, true).markdown());
    if !plots.is_empty() {
        text.push_str(
            "\n## Curves\n\nBroken lines are no contenders: the floor inflates each entry once, and the limit\n\
             computes BLAKE3 of it besides.\n",
        );
        for (name, title, note) in plots {
            text.push_str(&format!("\n![{title}]({name}.svg)\n\n{note}\n"));
        }
    }
    text.push_str("\n## Who takes part\n\n");
    text.push_str(&who::table(report).markdown());
    text.push_str("\n## Tables\n");
    for contest in &report.contests {
        text.push_str(&format!(
            "\n### {}\n\n{} entries, {}.\n\n{}",
            contest.title,
            contest.entries,
            table::mebibytes(contest.bytes as f64),
            contest.table().markdown()
        ));
    }
    if !report.omitted.is_empty() {
        text.push_str("\n## Left out\n\n");
        for what in &report.omitted {
            text.push_str(&format!("- {what}\n"));
        }
    }
    text
}

/// What it was measured on, and how often.
fn machine(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = String::new();
    for line in [
        format!(
            "{}, {} threads, {} of memory",
            machine.processor,
            machine.threads,
            table::mebibytes(machine.memory as f64)
        ),
        machine.kernel.clone(),
        machine.git.clone(),
        machine.rustc.clone(),
        format!("gitlade {}", env!("CARGO_PKG_VERSION")),
        format!("load before the first round: {:.2}", machine.load),
    ] {
        text.push_str(&format!("- {line}\n"));
    }
    if machine.is_busy() {
        text.push_str(
            "\n**The machine was busy with other work: times are too long, and only the ratios say\n\
             something.**\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Contest, Setting};
    use crate::rounds::{Measured, Sample};

    #[test]
    fn the_page_has_tables_and_plots() {
        let sample = |wall| Sample {
            wall,
            cpu: wall,
            anonymous: 50 << 20,
            resident: 60 << 20,
            tail: None,
        };
        let contest = |title: &str, entries, wall| Contest {
            title: title.to_owned(),
            corpus: title.to_owned(),
            setting: Setting::Local,
            entries,
            bytes: entries * 500,
            contenders: vec![Measured {
                name: crate::local::GITLADE,
                samples: vec![sample(wall)],
            }],
            gone: Vec::new(),
        };
        let mut report = Report::new();
        report.contests.push(contest("many-10k", 10_000, 0.1));
        report.contests.push(contest("many-100k", 100_000, 1.0));
        report.omitted.push("without dulwich: pip".to_owned());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page");
        write(&report, &path, "benches/run --quick").unwrap();
        let page = fs::read_to_string(path.join("README.md")).unwrap();
        assert!(
            page.contains("Made by `benches/run --quick` and not by hand"),
            "{page}"
        );
        assert!(
            page.contains("### many-100k\n\n100000 entries, 48 MiB."),
            "{page}"
        );
        assert!(page.contains("](time-by-files.svg)") && page.contains("- without dulwich"));
        assert!(page.contains("| gitlade import | the whole"), "{page}");
        let figures = fs::read(path.join("figures.json")).unwrap();
        let figures: serde_json::Value = serde_json::from_slice(&figures).unwrap();
        assert_eq!(figures["contests"][1]["entries"], 100_000);
        for name in ["time-by-files.svg", "memory-by-files.svg"] {
            let svg = fs::read_to_string(path.join(name)).unwrap();
            assert!(svg.contains(crate::local::GITLADE), "{svg}");
        }
        assert!(!path.join("tail-by-rate.svg").exists());
    }
}
