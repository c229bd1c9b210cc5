//! Counts that are committed.

use std::collections::BTreeMap;
use std::fmt;

use super::callgrind::Count;
use crate::git::Result;

/// Counts of instructions by workload, and the toolchain that they are good for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Architecture and compiler. Another one makes other code of the same source.
    pub toolchain: String,
    counts: BTreeMap<String, Count>,
}

impl Baseline {
    /// Makes one without counts.
    pub fn new(toolchain: String) -> Self {
        Baseline {
            toolchain,
            counts: BTreeMap::new(),
        }
    }

    /// Reads what [`Display`](fmt::Display) writes: the toolchain in the first line, then a workload
    /// with its own instructions and those of the system in each.
    ///
    /// # Errors
    ///
    /// If a line is something else.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut baseline = Self::new(lines.next().unwrap_or_default().to_owned());
        for line in lines {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let [name, own, system] = words[..] else {
                return Err(format!("no baseline: {line:?}").into());
            };
            let (own, system) = (own.parse()?, system.parse()?);
            baseline.insert(name, Count { own, system });
        }
        Ok(baseline)
    }

    /// Sets the count of a workload.
    pub fn insert(&mut self, name: &str, count: Count) {
        self.counts.insert(name.to_owned(), count);
    }

    /// The count of a workload, if it is known.
    pub fn get(&self, name: &str) -> Option<Count> {
        self.counts.get(name).copied()
    }

    /// All workloads with their counts, by name.
    pub fn counts(&self) -> impl Iterator<Item = (&str, Count)> {
        self.counts
            .iter()
            .map(|(name, &count)| (name.as_str(), count))
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Instructions by callgrind, own and in the C library; benches/guard --bless renews."
        )?;
        writeln!(f, "{}", self.toolchain)?;
        for (name, count) in self.counts() {
            writeln!(f, "{name:<16} {:>12} {:>12}", count.own, count.system)?;
        }
        Ok(())
    }
}

/// How much more the system may do: its libraries differ by that much, and what the guard is to find,
/// whole contents that are copied once more, is more than that.
const SYSTEM: f64 = 2.0;

/// How a count compares with its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the same, as far as can be told.
    Same,
    /// It is less: the baseline no longer guards what was won.
    Less,
    /// It is more.
    More,
    /// The system does much more for it: contents are copied or allocated that were not before.
    MoreOfSystem,
    /// There is no baseline.
    Unknown,
}

impl Verdict {
    /// Compares `count` with the one before. Up to `tolerance`, a part of it, its own instructions are
    /// the same; those of the system are as long as they are not [`SYSTEM`] times as many.
    pub fn of(count: Count, before: Option<Count>, tolerance: f64) -> Self {
        let Some(before) = before else {
            return Verdict::Unknown;
        };
        let change = count.own as f64 / before.own as f64 - 1.0;
        // Where there are hardly any, a multiple of them is nothing.
        let system = before.system as f64 * SYSTEM + before.own as f64 * tolerance;
        if change > tolerance {
            Verdict::More
        } else if count.system as f64 > system {
            Verdict::MoreOfSystem
        } else if change < -tolerance {
            Verdict::Less
        } else {
            Verdict::Same
        }
    }

    /// Whether the guard lets it pass.
    pub fn is_well(self) -> bool {
        matches!(self, Verdict::Same | Verdict::Less)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Same => "",
            Verdict::Less => "less: worth --bless",
            Verdict::More => "MORE",
            Verdict::MoreOfSystem => "MORE IN LIBRARIES",
            Verdict::Unknown => "NO BASELINE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(own: u64, system: u64) -> Count {
        Count { own, system }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut baseline = Baseline::new("x86_64 avx2, rustc 1.95.0".to_owned());
        baseline.insert("import", count(123_456_789, 1_000));
        baseline.insert("a", count(1, 0));
        assert_eq!(Baseline::parse(&baseline.to_string()).unwrap(), baseline);
        assert_eq!(baseline.get("import"), Some(count(123_456_789, 1_000)));
        assert_eq!(Baseline::parse("").unwrap(), Baseline::default());
        assert!(Baseline::parse("rustc\nimport").is_err());
        assert!(Baseline::parse("rustc\nimport 7").is_err());
        assert!(Baseline::parse("rustc\nimport many few").is_err());
    }

    #[test]
    fn growth_beyond_the_tolerance_is_seen() {
        let of = |own, system| Verdict::of(count(own, system), Some(count(1_000, 100)), 0.03);
        assert_eq!(of(1_029, 100), Verdict::Same);
        assert_eq!(of(1_031, 100), Verdict::More);
        assert_eq!(of(971, 100), Verdict::Same);
        assert_eq!(of(969, 100), Verdict::Less);
        assert_eq!(of(1_000, 230), Verdict::Same);
        assert_eq!(of(1_000, 231), Verdict::MoreOfSystem);
        assert_eq!(of(969, 231), Verdict::MoreOfSystem);
        assert_eq!(Verdict::of(count(1, 1), None, 0.03), Verdict::Unknown);
        assert!(of(969, 0).is_well() && !of(1_031, 0).is_well() && !of(1_000, 231).is_well());
        assert!(!Verdict::Unknown.is_well());
    }
}
