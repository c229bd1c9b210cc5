//! Counts that are committed.

use std::collections::BTreeMap;
use std::fmt;

use crate::git::Result;

/// Counts of instructions by workload, and the toolchain that they are good for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Architecture and compiler. Another one makes other code of the same source.
    pub toolchain: String,
    counts: BTreeMap<String, u64>,
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
    /// and its count in each.
    ///
    /// # Errors
    ///
    /// If a line is something else.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut baseline = Self::new(lines.next().unwrap_or_default().to_owned());
        for line in lines {
            let (name, count) = line
                .split_once(' ')
                .ok_or_else(|| format!("no baseline: {line:?}"))?;
            baseline.insert(name, count.trim_start().parse()?);
        }
        Ok(baseline)
    }

    /// Sets the count of a workload.
    pub fn insert(&mut self, name: &str, count: u64) {
        self.counts.insert(name.to_owned(), count);
    }

    /// The count of a workload, if it is known.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.counts.get(name).copied()
    }

    /// All workloads with their counts, by name.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts
            .iter()
            .map(|(name, &count)| (name.as_str(), count))
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Instructions by callgrind; benches/guard --bless renews."
        )?;
        writeln!(f, "{}", self.toolchain)?;
        for (name, count) in self.counts() {
            writeln!(f, "{name:<16} {count:>12}")?;
        }
        Ok(())
    }
}

/// How a count compares with its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the same, as far as can be told.
    Same,
    /// It is less: the baseline no longer guards what was won.
    Less,
    /// It is more.
    More,
    /// There is no baseline.
    Unknown,
}

impl Verdict {
    /// Compares `count` with the one before; up to `tolerance`, a part of it, they are the same.
    pub fn of(count: u64, before: Option<u64>, tolerance: f64) -> Self {
        let Some(before) = before else {
            return Verdict::Unknown;
        };
        let change = count as f64 / before as f64 - 1.0;
        if change > tolerance {
            Verdict::More
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
            Verdict::Unknown => "NO BASELINE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut baseline = Baseline::new("x86_64 avx2, rustc 1.95.0".to_owned());
        baseline.insert("import", 123_456_789);
        baseline.insert("a", 1);
        assert_eq!(Baseline::parse(&baseline.to_string()).unwrap(), baseline);
        assert_eq!(baseline.get("import"), Some(123_456_789));
        assert_eq!(Baseline::parse("").unwrap(), Baseline::default());
        assert!(Baseline::parse("rustc\nimport").is_err());
        assert!(Baseline::parse("rustc\nimport many").is_err());
    }

    #[test]
    fn growth_beyond_the_tolerance_is_seen() {
        let of = |count| Verdict::of(count, Some(1_000), 0.03);
        assert_eq!(of(1_029), Verdict::Same);
        assert_eq!(of(1_031), Verdict::More);
        assert_eq!(of(971), Verdict::Same);
        assert_eq!(of(969), Verdict::Less);
        assert_eq!(Verdict::of(1, None, 0.03), Verdict::Unknown);
        assert!(of(969).is_well() && !of(1_031).is_well());
        assert!(!Verdict::Unknown.is_well());
    }
}
