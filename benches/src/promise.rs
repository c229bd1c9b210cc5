//! What was promised, beside what was measured.

use serde::Serialize;

use crate::stats::Summary;

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

/// What was promised, measured, in which range, and whether it is kept.
pub(crate) fn cells(promise: &Promise) -> [String; 4] {
    let range = promise
        .range
        .map_or(String::new(), |(min, max)| format!("{min:.2}..{max:.2}"));
    [
        bound(promise.bound, promise.unit),
        format!("{:.2}{}", promise.measured, spaced(promise.unit)),
        range,
        if promise.met { "yes" } else { "NO" }.to_owned(),
    ]
}

/// A bound with its unit.
pub(crate) fn bound(bound: Bound, unit: &str) -> String {
    let unit = spaced(unit);
    match bound {
        Bound::AtMost(limit) => format!("<= {limit}{unit}"),
        Bound::AtLeast(limit) => format!(">= {limit}{unit}"),
    }
}

fn spaced(unit: &str) -> String {
    match unit {
        "" => String::new(),
        unit => format!(" {unit}"),
    }
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
    fn what_is_not_kept_is_told() {
        let memory = Promise::of_value("memory", Bound::AtMost(200.0), 180.0, "MiB");
        assert_eq!(cells(&memory), ["<= 200 MiB", "180.00 MiB", "", "yes"]);
        let figure = Summary::of([3.5]).unwrap();
        let wall = Promise::of("wall", Bound::AtLeast(4.0), figure, "");
        assert_eq!(cells(&wall), [">= 4", "3.50", "3.50..3.50", "NO"]);
    }
}
