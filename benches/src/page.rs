//! The report as a page: Markdown, with its plots beside it.

mod curves;

use std::fs;
use std::io;
use std::path::Path;

use crate::promised;
use crate::report::Report;
use crate::table;

/// Writes `README.md` and the plots into `folder`, which is made if need be.
///
/// # Errors
///
/// If a file cannot be written.
pub(crate) fn write(report: &Report, folder: &Path, command: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut plots = Vec::new();
    for (name, plot) in curves::of(report) {
        if let Some(svg) = plot.svg() {
            fs::write(folder.join(format!("{name}.svg")), svg)?;
            plots.push((name, plot.title));
        }
    }
    fs::write(folder.join("README.md"), text(report, &plots, command))
}

fn text(report: &Report, plots: &[(&str, String)], command: &str) -> String {
    let machine = &report.machine;
    let rounds = report
        .contests
        .iter()
        .flat_map(|contest| &contest.contenders);
    let rounds = rounds.map(|one| one.samples.len());
    let rounds = (rounds.clone().min().unwrap_or(0), rounds.max().unwrap_or(0));
    let rounds = match rounds {
        (least, most) if least == most => format!("{most} rounds"),
        (least, most) => format!("{least} to {most} rounds"),
    };
    let mut text = format!(
        "# What was measured\n\n\
         Made by `{command}`, {rounds}. `benches/README.md` says what each contender does, what it\n\
         does not do, and what the columns mean.\n\n\
         - {}, {} threads, {} of memory\n- {}\n- {}\n- {}\n- gitlade {}\n- load before the first round: {:.2}\n",
        machine.processor,
        machine.threads,
        table::mebibytes(machine.memory as f64),
        machine.kernel,
        machine.git,
        machine.rustc,
        env!("CARGO_PKG_VERSION"),
        machine.load,
    );
    if machine.is_busy() {
        text.push_str(
            "\n**The machine was busy with other work: only the ratios say something.**\n",
        );
    }
    text.push_str("\n## Promises\n\n");
    text.push_str(&promised::table(&report.promises).markdown());
    if !plots.is_empty() {
        text.push_str("\n## Plots\n");
        for (name, title) in plots {
            text.push_str(&format!("\n![{title}]({name}.svg)\n"));
        }
    }
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
            page.contains("Made by `benches/run --quick`, 1 rounds."),
            "{page}"
        );
        assert!(
            page.contains("### many-100k\n\n100000 entries, 48 MiB."),
            "{page}"
        );
        assert!(page.contains("](time-by-files.svg)") && page.contains("- without dulwich"));
        for name in ["time-by-files.svg", "memory-by-files.svg"] {
            let svg = fs::read_to_string(path.join(name)).unwrap();
            assert!(svg.contains(crate::local::GITLADE), "{svg}");
        }
        assert!(!path.join("tail-by-rate.svg").exists());
    }
}
