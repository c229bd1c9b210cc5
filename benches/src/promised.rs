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
    /// Why it comes out as it does.
    why: &'static str,
}

const fn line(
    part: &'static str,
    what: &'static str,
    bound: Bound,
    unit: &'static str,
    by: &'static str,
    why: &'static str,
) -> Line {
    Line {
        part,
        what,
        bound,
        unit,
        by,
        why,
    }
}

const LINUX: &str = "benches/run --corpus linux";
const MANY: &str = "benches/run";
const STORE: &str = "benches/run store";
const C: &str = "benches/report/make";
const PYTHON: &str = "benches/report/make";

const LINES: [Line; 24] = [
    line(
        "local",
        "linux: wall, of inflating alone",
        Bound::AtMost(1.5),
        "",
        LINUX,
        "each object is inflated once, in the order of the pack, and hashed and classified by the thread that has it in its cache",
    ),
    line(
        "local",
        "linux: times faster than git cat-file",
        Bound::AtLeast(4.0),
        "",
        LINUX,
        "all threads, a faster inflate, bases of deltas shared, no pipe",
    ),
    line(
        "local",
        "linux: anonymous memory",
        Bound::AtMost(200.0),
        "MiB",
        LINUX,
        "a window of contents in flight, entries in one table, names in one buffer",
    ),
    line(
        "local",
        "many-100k: time for a file, of that in many-10k",
        Bound::AtMost(1.25),
        "",
        MANY,
        "what remains of the start of a process is shared by more files",
    ),
    line(
        "local",
        "many-1m: time for a file, of that in many-10k",
        Bound::AtMost(1.25),
        "",
        MANY,
        "nothing is looked up in more than constant time; the table of objects no longer fits the processor's caches",
    ),
    line(
        "local",
        "history-10k: time for a file, of that in many-10k",
        Bound::AtMost(1.25),
        "",
        MANY,
        "HEAD's commit and trees are read, and no other; the index of the pack is larger, and searched by halves",
    ),
    line(
        "local",
        "history-100k: time for a file, of that in many-10k",
        Bound::AtMost(1.25),
        "",
        MANY,
        "as above, with an index of some 500,000 objects and a pack a hundred times as long",
    ),
    line(
        "remote",
        "linux: wall, of git clone --bare",
        Bound::AtMost(0.35),
        "",
        LINUX,
        "taken in while it arrives, on all threads, with no index and no pack written",
    ),
    line(
        "remote",
        "linux: CPU, of git clone --bare",
        Bound::AtMost(0.40),
        "",
        LINUX,
        "each object is inflated once; Git inflates deltas' bases again and hashes on its own",
    ),
    line(
        "remote",
        "linux: times faster than git clone and b3sum",
        Bound::AtLeast(6.0),
        "",
        LINUX,
        "no file is written and read again",
    ),
    line(
        "remote",
        "linux, 100 MB/s: tail",
        Bound::AtMost(0.3),
        "s",
        LINUX,
        "only deltas and the order remain when the last byte is there",
    ),
    line(
        "remote",
        "linux: anonymous memory from a server",
        Bound::AtMost(256.0),
        "MiB",
        LINUX,
        "the pack lies in an unlinked file, and what is in flight is bounded",
    ),
    line(
        "store",
        "linux: wall into a store, of git clone",
        Bound::AtMost(0.5),
        "",
        STORE,
        "texts go into a database in few transactions, binary contents into files, while others are read",
    ),
    line(
        "store",
        "linux: wall into a store from a server, of git clone",
        Bound::AtMost(0.5),
        "",
        STORE,
        "the same, while the pack arrives",
    ),
    line(
        "store",
        "linux: the same commit again",
        Bound::AtMost(0.1),
        "s",
        STORE,
        "the store knows the commit and its options: nothing is read",
    ),
    line(
        "store",
        "linux: CPU of a commit that changes 1 %, of the first",
        Bound::AtMost(0.08),
        "",
        STORE,
        "facts of blobs and trees are remembered by their ids, so that only what changed is read; the rows of the new import are written all the same",
    ),
    line(
        "store",
        "linux: anonymous memory beyond that of an import",
        Bound::AtMost(64.0),
        "MiB",
        STORE,
        "one transaction's pages, and the window of contents that wait for it; large texts go piece by piece",
    ),
    line(
        "store",
        "many-100k: wall into a store",
        Bound::AtMost(10.0),
        "s",
        STORE,
        "prepared statements, many rows each, in few transactions",
    ),
    line(
        "C",
        "linux: import by C, of that by Rust, within noise",
        Bound::AtMost(1.03),
        "",
        C,
        "one call, and the manifest handed over piece by piece",
    ),
    line(
        "C",
        "a million entries: for each",
        Bound::AtMost(100.0),
        "ns",
        C,
        "an entry is a struct of pointers into the manifest; nothing is allocated",
    ),
    line(
        "Python",
        "linux: import by Python, of that by Rust",
        Bound::AtMost(1.03),
        "",
        PYTHON,
        "one call without the interpreter's lock; its start is what is added",
    ),
    line(
        "Python",
        "linux: an entry as an object",
        Bound::AtMost(1.0),
        "µs",
        PYTHON,
        "objects hold a place in the manifest, and make their fields when asked",
    ),
    line(
        "Python",
        "linux: the Arrow table",
        Bound::AtMost(50.0),
        "ms",
        PYTHON,
        "columns are built in one pass over the manifest",
    ),
    line(
        "Python",
        "linux: times faster than pygit2 + blake3",
        Bound::AtLeast(10.0),
        "",
        PYTHON,
        "all threads, and no object of Python for each file",
    ),
];

/// Holds a figure that something else measured against the promise that is called `what`; `None` if there
/// is none.
pub fn hold(what: &str, measured: f64, range: Option<(f64, f64)>) -> Option<Promise> {
    let line = LINES.iter().find(|line| line.what == what)?;
    Some(Promise {
        range,
        ..Promise::of_value(what, line.bound, measured, line.unit)
    })
}

/// Makes the table of all promises, with what was measured of them, and, if there is room for it, why.
pub fn table(measured: &[Promise], is_wide: bool) -> Table {
    let mut table = if is_wide {
        Table::new([
            "of", "promise", "promised", "measured", "range", "kept", "why",
        ])
    } else {
        Table::new(["of", "promise", "promised", "measured", "range", "kept"])
    };
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
        let [part, what, why] = [line.part, line.what, line.why].map(str::to_owned);
        table.row([part, what, promised, figure, range, kept, why]);
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
        let text = table(&measured, true).markdown();
        assert_eq!(text.lines().count(), 2 + LINES.len());
        assert!(
            text.contains(
                "| local | linux: wall, of inflating alone | <= 1.5 | 1.60 |  | NO | each"
            )
        );
        // What nobody promised is none.
        assert!(!text.contains("mine: anonymous memory"));
        assert!(text.contains("<= 0.1 s |  |  | not measured (benches/run store)"));
        let held = hold("linux: the Arrow table", 51.0, Some((50.0, 52.0))).unwrap();
        assert!(!held.met && held.unit == "ms" && held.bound == Bound::AtMost(50.0));
        assert_eq!(hold("nothing", 1.0, None), None);
        for (number, line) in LINES.iter().enumerate() {
            assert!(LINES[..number].iter().all(|other| other.what != line.what));
        }
    }
}
