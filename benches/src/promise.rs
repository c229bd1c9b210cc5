//! What was promised, beside what was measured.

use serde::Serialize;

use crate::stats::Summary;
use crate::table::Table;

/// A bound on a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// It must not be larger.
    AtMost(f64),
    /// It must not be smaller.
    AtLeast(f64),
}

/// One promise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Promise {
    /// Which figure it is about.
    pub what: String,
    /// What was promised of it.
    pub bound: Bound,
    /// What it was.
    pub measured: f64,
    /// From the smallest to the largest of all rounds, if there were rounds.
    pub range: Option<(f64, f64)>,
    /// The unit of both; empty for ratios.
    pub unit: &'static str,
    /// Whether the promise is kept.
    pub met: bool,
}

impl Promise {
    /// Holds the median of `figure` against `bound`.
    pub fn of(what: impl Into<String>, bound: Bound, figure: Summary, unit: &'static str) -> Self {
        Promise {
            range: Some((figure.min, figure.max)),
            ..Self::of_value(what, bound, figure.median, unit)
        }
    }

    /// Holds one value against `bound`.
    pub fn of_value(
        what: impl Into<String>,
        bound: Bound,
        measured: f64,
        unit: &'static str,
    ) -> Self {
        Promise {
            what: what.into(),
            bound,
            measured,
            range: None,
            unit,
            met: match bound {
                Bound::AtMost(limit) => measured <= limit,
                Bound::AtLeast(limit) => measured >= limit,
            },
        }
    }
}

/// Makes the table of all `promises`.
pub fn table(promises: &[Promise]) -> Table {
    let mut table = Table::new(["promise", "promised", "measured", "range", "kept"]);
    for promise in promises {
        let unit = match promise.unit {
            "" => String::new(),
            unit => format!(" {unit}"),
        };
        let promised = match promise.bound {
            Bound::AtMost(limit) => format!("<= {limit}{unit}"),
            Bound::AtLeast(limit) => format!(">= {limit}{unit}"),
        };
        let range = promise
            .range
            .map_or(String::new(), |(min, max)| format!("{min:.2}..{max:.2}"));
        table.row([
            promise.what.clone(),
            promised,
            format!("{:.2}{unit}", promise.measured),
            range,
            if promise.met { "yes" } else { "NO" }.to_owned(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_kept_up_to_its_bound() {
        let figure = Summary::of([1.5, 1.5, 9.0]).unwrap();
        assert!(Promise::of("a", Bound::AtMost(1.5), figure, "").met);
        assert!(!Promise::of("a", Bound::AtMost(1.49), figure, "").met);
        assert!(Promise::of("a", Bound::AtLeast(1.5), figure, "").met);
        assert!(!Promise::of("a", Bound::AtLeast(1.51), figure, "").met);
        assert!(!Promise::of_value("a", Bound::AtMost(1.0), f64::NAN, "").met);
    }

    #[test]
    fn the_table_tells_what_is_not_kept() {
        let promises = [
            Promise::of_value("memory", Bound::AtMost(200.0), 180.0, "MiB"),
            Promise::of("wall", Bound::AtLeast(4.0), Summary::of([3.5]).unwrap(), ""),
        ];
        assert_eq!(
            table(&promises).to_string(),
            "promise    promised    measured       range  kept\n\
             -------------------------------------------------\n\
             memory   <= 200 MiB  180.00 MiB               yes\n\
             wall           >= 4        3.50  3.50..3.50    NO\n"
        );
    }
}
