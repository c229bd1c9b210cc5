//! What the runner tells: tables on the terminal, everything in a JSON file.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::git::Result;
use crate::machine::Machine;
use crate::page;
use crate::promise::Promise;
use crate::promised;
use crate::rounds::Measured;
use crate::table::{self, Table};

/// All that was measured in one go.
#[derive(Debug, Serialize)]
pub struct Report {
    /// On what.
    pub machine: Machine,
    /// One for each table.
    pub contests: Vec<Contest>,
    /// What follows for the promises.
    pub promises: Vec<Promise>,
    /// What was left out, and why.
    pub omitted: Vec<String>,
}

/// What [`Report::take_over`] reads.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Figures {
    List(Vec<Figure>),
    Report { promises: Vec<Figure> },
}

#[derive(Debug, Deserialize)]
struct Figure {
    what: String,
    measured: f64,
    range: Option<(f64, f64)>,
}

/// What was varied, or held, in a contest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// From the disk.
    Local,
    /// From the disk, on so many threads.
    Threads(usize),
    /// From a server, as fast as can be.
    FullSpeed,
    /// From a server, at so many bytes a second.
    Rate(u64),
    /// From a server, each answer so many milliseconds after its request.
    Latency(u64),
    /// Into a store.
    Store,
}

/// Contenders that did the same work.
#[derive(Debug, Serialize)]
pub struct Contest {
    /// What the work was.
    pub title: String,
    /// On which repository.
    pub corpus: String,
    /// How.
    pub setting: Setting,
    /// Files, symlinks and submodules.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// The contender that the others are compared with is the first.
    pub contenders: Vec<Measured>,
    /// Peers that failed or took too long.
    pub gone: Vec<String>,
}

impl Contest {
    /// The figures of the contender called `name`, if it took part.
    pub fn get(&self, name: &str) -> Option<&Measured> {
        self.contenders.iter().find(|one| one.name == name)
    }

    /// Prints the table.
    pub fn print(&self) {
        println!(
            "\n{}: {} entries, {}",
            self.title,
            self.entries,
            table::mebibytes(self.bytes as f64)
        );
        print!("{}", self.table());
    }

    /// The table of all contenders.
    pub fn table(&self) -> Table {
        let mut table = Table::new([
            "contender",
            "rounds",
            "wall",
            "spread",
            "ratio",
            "CPU",
            "ratio",
            "anonymous",
            "resident",
            "tail",
        ]);
        for one in &self.contenders {
            let first = &self.contenders[0];
            let wall = one.summary(|sample| sample.wall);
            let cpu = one.summary(|sample| sample.cpu);
            let resident = one.summary(|sample| sample.resident as f64);
            let tails = one.samples.iter().filter_map(|sample| sample.tail);
            let tail = crate::stats::Summary::of(tails);
            table.row([
                one.name.to_owned(),
                one.samples.len().to_string(),
                table::seconds(wall.median),
                format!("{:.0} %", wall.spread() * 100.0),
                format!("{:.2}", one.ratio(first, |sample| sample.wall).median),
                table::seconds(cpu.median),
                format!("{:.2}", one.ratio(first, |sample| sample.cpu).median),
                table::mebibytes(one.peak_anonymous() as f64),
                table::mebibytes(resident.max),
                tail.map_or(String::new(), |tail| table::seconds(tail.median)),
            ]);
        }
        table
    }
}

impl Report {
    /// Begins a report, and prints what it is taken on.
    pub fn new() -> Self {
        let machine = Machine::look();
        println!("{machine}");
        Report {
            machine,
            contests: Vec::new(),
            promises: Vec::new(),
            omitted: Vec::new(),
        }
    }

    /// Prints and keeps a contest.
    pub fn add(&mut self, contest: Contest) {
        contest.print();
        for gone in &contest.gone {
            self.omitted.push(format!("{}: {gone}", contest.title));
        }
        self.contests.push(contest);
    }

    /// Keeps and tells that something is left out.
    pub fn omit(&mut self, what: String) {
        eprintln!("  {what}");
        self.omitted.push(what);
    }

    /// Takes figures over that something else measured: a JSON array of objects with `what` (a promise),
    /// `measured`, and `range`, the least and the most, if there is one; or a report, of which
    /// the promises are taken.
    ///
    /// # Errors
    ///
    /// If the file is neither, or a list has what nobody promised.
    pub fn take_over(&mut self, path: &Path) -> Result<()> {
        let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (figures, is_list) = match serde_json::from_slice(&text)? {
            Figures::List(figures) => (figures, true),
            Figures::Report { promises } => (promises, false),
        };
        for figure in figures {
            match promised::hold(&figure.what, figure.measured, figure.range) {
                Some(held) => self.promises.push(held),
                None if is_list => {
                    let path = path.display();
                    return Err(format!("{path}: nobody promised {:?}", figure.what).into());
                }
                // A report has bounds on other repositories, too.
                None => {}
            }
        }
        Ok(())
    }

    /// Puts the figures of Linux into the README at `path`.
    ///
    /// # Errors
    ///
    /// If it has no place for them, or cannot be written.
    pub fn write_readme(&self, path: &Path) -> Result<()> {
        page::readme::update(path, self)
            .map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// Prints the promises, and writes everything to `json`, and a page with plots to the folder
    /// `page`, if they are given. The page says that `command` made it.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn finish(self, json: Option<&Path>, page: Option<&Path>, command: &str) -> Result<()> {
        if !self.promises.is_empty() {
            println!();
            print!("{}", promised::table(&self.promises, false));
        }
        if let Some(path) = json {
            let mut text = serde_json::to_string_pretty(&self)?;
            text.push('\n');
            fs::write(path, text)
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        if let Some(folder) = page {
            page::write(&self, folder, command)
                .map_err(|error| format!("cannot write {}: {error}", folder.display()))?;
        }
        Ok(())
    }
}

impl Default for Report {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_as_a_list_or_as_a_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figures.json");
        let mut report = Report::new();
        let mut take = |text: &str| {
            fs::write(&path, text).unwrap();
            report.take_over(&path).map(|()| report.promises.len())
        };
        let figure = r#"{"what": "linux: the Arrow table", "measured": 49.0}"#;
        assert_eq!(take(&format!("[{figure}]")).unwrap(), 1);
        let other = r#"{"what": "mine: memory", "measured": 4, "range": [1, 7], "met": true}"#;
        let whole = format!(r#"{{"contests": [], "promises": [{figure}, {other}]}}"#);
        assert_eq!(take(&whole).unwrap(), 2);
        assert!(take(&format!("[{other}]")).is_err());
        assert!(take("{}").is_err());
        assert!(report.promises.iter().all(|promise| promise.met));
    }
}
