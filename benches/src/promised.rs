//! Every promise of speed and memory that this project made, whether it was measured or not.

use std::fmt;

use crate::promise::{self, Bound, Promise};
use crate::table::Table;

/// One promise, as it was made.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// What the promise is about: on which part of the project it was made.
    part: &'static str,
    /// As in [`Promise::what`].
    what: &'static str,
    bound: Bound,
    unit: &'static str,
    /// What measures it.
    by: &'static str,
}

const fn line(
    part: &'static str,
    what: &'static str,
    bound: Bound,
    unit: &'static str,
    by: &'static str,
) -> Line {
    Line {
        part,
        what,
        bound,
        unit,
        by,
    }
}

const LINUX: &str = "benches/run --corpus linux";
const MANY: &str = "benches/run --corpus many-10k many-100k many-1m history-10k";
const STORE: &str = "benches/run store linux";
const PYTHON: &str = "not by this runner: benches of the Python package";

const LINES: [Line; 22] = [
    line(
        "local",
        "linux: wall, of inflating alone",
        Bound::AtMost(1.5),
        "",
        LINUX,
    ),
    line(
        "local",
        "linux: times faster than git cat-file",
        Bound::AtLeast(4.0),
        "",
        LINUX,
    ),
    line(
        "local",
        "linux: anonymous memory",
        Bound::AtMost(200.0),
        "MiB",
        LINUX,
    ),
    line(
        "local",
        "many-100k: time for a file, of that in many-10k",
        Bound::AtMost(1.25),
        "",
        MANY,
    ),
    line(
        "local",
        "many-1m: time for a file, of that in many-10k",
        Bound::AtMost(1.25),
        "",
        MANY,
    ),
    line(
        "local",
        "history-10k: time for a file, of that in many-10k",
        Bound::AtMost(1.25),
        "",
        MANY,
    ),
    line(
        "remote",
        "linux: wall, of git clone --bare",
        Bound::AtMost(0.35),
        "",
        LINUX,
    ),
    line(
        "remote",
        "linux: CPU, of git clone --bare",
        Bound::AtMost(0.40),
        "",
        LINUX,
    ),
    line(
        "remote",
        "linux: times faster than git clone and b3sum",
        Bound::AtLeast(6.0),
        "",
        LINUX,
    ),
    line(
        "remote",
        "linux, 100 MB/s: tail",
        Bound::AtMost(0.3),
        "s",
        LINUX,
    ),
    line(
        "remote",
        "linux: anonymous memory from a server",
        Bound::AtMost(256.0),
        "MiB",
        LINUX,
    ),
    line(
        "store",
        "linux: wall into a store, of git clone",
        Bound::AtMost(0.5),
        "",
        STORE,
    ),
    line(
        "store",
        "linux: wall into a store from a server, of git clone",
        Bound::AtMost(0.5),
        "",
        STORE,
    ),
    line(
        "store",
        "linux: the same commit again",
        Bound::AtMost(0.1),
        "s",
        STORE,
    ),
    line(
        "store",
        "linux: CPU of a commit that changes 1 %, of the first",
        Bound::AtMost(0.08),
        "",
        STORE,
    ),
    line(
        "store",
        "linux: anonymous memory beyond that of an import",
        Bound::AtMost(64.0),
        "MiB",
        STORE,
    ),
    line(
        "C",
        "linux: import by C, of that by Rust, within noise",
        Bound::AtMost(1.03),
        "",
        "not by this runner: benches of the C library",
    ),
    line(
        "C",
        "a million entries: for each",
        Bound::AtMost(100.0),
        "ns",
        "not by this runner: benches of the C library",
    ),
    line(
        "Python",
        "linux: import by Python, of that by Rust",
        Bound::AtMost(1.03),
        "",
        PYTHON,
    ),
    line(
        "Python",
        "linux: an entry as an object",
        Bound::AtMost(1.0),
        "µs",
        PYTHON,
    ),
    line(
        "Python",
        "linux: the Arrow table",
        Bound::AtMost(50.0),
        "ms",
        PYTHON,
    ),
    line(
        "Python",
        "linux: times faster than pygit2 + blake3",
        Bound::AtLeast(10.0),
        "",
        "with the command line in place of Python: benches/run --corpus linux --peer pygit2",
    ),
];

/// Makes the table of all promises, with what was measured of them.
pub fn table(measured: &[Promise]) -> Table {
    let mut table = Table::new(["of", "promise", "promised", "measured", "range", "kept"]);
    for line in LINES {
        let found = measured.iter().find(|promise| promise.what == line.what);
        let [promised, figure, range, kept] = match found {
            Some(promise) => promise::cells(promise),
            None => [
                promise::bound(line.bound, line.unit),
                String::new(),
                String::new(),
                Unmeasured(line.by).to_string(),
            ],
        };
        let (part, what) = (line.part.to_owned(), line.what.to_owned());
        table.row([part, what, promised, figure, range, kept]);
    }
    for promise in measured {
        if LINES.iter().all(|line| line.what != promise.what) {
            let [promised, figure, range, kept] = promise::cells(promise);
            let part = "other corpora".to_owned();
            table.row([part, promise.what.clone(), promised, figure, range, kept]);
        }
    }
    table
}

/// Why there is no figure.
struct Unmeasured(&'static str);

impl fmt::Display for Unmeasured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not measured ({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promise_has_a_row() {
        let measured = [
            Promise::of_value(LINES[0].what, LINES[0].bound, 1.6, ""),
            Promise::of_value("mine: anonymous memory", Bound::AtMost(200.0), 90.0, "MiB"),
        ];
        let text = table(&measured).markdown();
        assert_eq!(text.lines().count(), 2 + LINES.len() + 1);
        assert!(
            text.contains("| local | linux: wall, of inflating alone | <= 1.5 | 1.60 |  | NO |")
        );
        assert!(text.contains("mine: anonymous memory"));
        assert!(text.contains("<= 0.1 s |  |  | not measured (benches/run store linux)"));
        for (number, line) in LINES.iter().enumerate() {
            assert!(LINES[..number].iter().all(|other| other.what != line.what));
        }
    }
}
