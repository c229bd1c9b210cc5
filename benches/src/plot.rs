//! Plots of lines as SVG.

use std::fmt::Write;

/// Lines over one quantity.
#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// The quantity that is varied, with its unit.
    pub x: String,
    /// The quantity that was measured, with its unit.
    pub y: String,
    /// Whether equal factors have equal widths. If not, both axes begin at 0.
    pub logarithmic: bool,
    /// One line each.
    pub series: Vec<Series>,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is called in the legend.
    pub name: String,
    /// Where it passes.
    pub points: Vec<(f64, f64)>,
    /// Whether it is a limit rather than a contender, and drawn broken.
    pub is_limit: bool,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 230.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 55.0;

/// Distinct also to those who see fewer colours (Okabe and Ito).
const COLOURS: [&str; 8] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999933",
];

/// From a quantity to a length on the paper.
struct Axis {
    logarithmic: bool,
    low: f64,
    high: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64> + Clone, logarithmic: bool) -> Option<Self> {
        let high = values.clone().reduce(f64::max)?;
        let low = values.reduce(f64::min)?;
        let (low, high) = if logarithmic {
            (low.log10().floor(), high.log10().ceil())
        } else {
            let step = step(high);
            (0.0, (high / step).ceil() * step)
        };
        // One value alone needs some room, too.
        let high = if high > low { high } else { low + 1.0 };
        Some(Axis {
            logarithmic,
            low,
            high,
        })
    }

    /// Where `value` lies, from 0 to 1.
    fn part(&self, value: f64) -> f64 {
        let value = if self.logarithmic {
            value.log10()
        } else {
            value
        };
        (value - self.low) / (self.high - self.low)
    }

    fn marks(&self) -> Vec<f64> {
        if self.logarithmic {
            let powers = self.low as i32..=self.high as i32;
            return powers.map(|power| 10f64.powi(power)).collect();
        }
        let step = step(self.high);
        let count = (self.high / step).round() as u32;
        (0..=count).map(|mark| f64::from(mark) * step).collect()
    }
}

/// A round distance of marks, of which up to ten fit below `high`.
fn step(high: f64) -> f64 {
    if high <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(high.log10().floor());
    match high / power {
        ratio if ratio <= 2.0 => power / 5.0,
        ratio if ratio <= 5.0 => power / 2.0,
        _ => power,
    }
}

impl Plot {
    /// Draws it; `None` if there is nothing to draw.
    pub fn svg(&self) -> Option<String> {
        let drawable = |&(x, y): &(f64, f64)| {
            x.is_finite() && y.is_finite() && (!self.logarithmic || (x > 0.0 && y > 0.0))
        };
        let points = self.series.iter().flat_map(|one| one.points.iter());
        let points: Vec<(f64, f64)> = points.copied().filter(drawable).collect();
        let across = Axis::of(points.iter().map(|point| point.0), self.logarithmic)?;
        let up = Axis::of(points.iter().map(|point| point.1), self.logarithmic)?;
        let x = |value| LEFT + across.part(value) * (WIDTH - LEFT - RIGHT);
        let y = |value| HEIGHT - BOTTOM - up.part(value) * (HEIGHT - TOP - BOTTOM);
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);

        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
        );
        text(&mut svg, LEFT, 22.0, "start", &self.title);
        for mark in across.marks() {
            let at = x(mark);
            line(&mut svg, (at, TOP), (at, bottom));
            text(&mut svg, at, bottom + 18.0, "middle", &label(mark));
        }
        for mark in up.marks() {
            let at = y(mark);
            line(&mut svg, (LEFT, at), (right, at));
            text(&mut svg, LEFT - 6.0, at + 4.0, "end", &label(mark));
        }
        let middle = f64::midpoint(LEFT, right);
        text(&mut svg, middle, HEIGHT - 14.0, "middle", &self.x);
        text(&mut svg, LEFT, TOP - 4.0, "end", &self.y);
        for (number, one) in self.series.iter().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let dashes = if one.is_limit {
                " stroke-dasharray=\"6 4\""
            } else {
                ""
            };
            let mut points: Vec<_> = one.points.iter().copied().filter(drawable).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let path: Vec<String> = points
                .iter()
                .map(|&(across, up)| format!("{:.1},{:.1}", x(across), y(up)))
                .collect();
            let style = format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}");
            let _ = writeln!(svg, "<polyline points=\"{}\" {style}/>", path.join(" "));
            for &(across, up) in &points {
                let (x, y) = (x(across), y(up));
                let _ = writeln!(
                    svg,
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"
                );
            }
            let at = TOP + 10.0 + 18.0 * number as f64;
            let (from, to) = (right + 12.0, right + 36.0);
            let _ = writeln!(
                svg,
                "<line x1=\"{from}\" y1=\"{at}\" x2=\"{to}\" y2=\"{at}\" {style}/>"
            );
            text(&mut svg, to + 6.0, at + 4.0, "start", &one.name);
        }
        svg.push_str("</svg>\n");
        Some(svg)
    }
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"#ddd\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
    );
}

fn label(value: f64) -> String {
    for (unit, sign) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if value >= unit {
            return format!("{}{sign}", (value / unit * 100.0).round() / 100.0);
        }
    }
    if value == 0.0 || value >= 0.01 {
        format!("{}", (value * 100.0).round() / 100.0)
    } else {
        format!("{value:.0e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(logarithmic: bool, points: &[(f64, f64)]) -> Plot {
        Plot {
            title: "a < b & c".to_owned(),
            logarithmic,
            series: vec![Series {
                name: "one".to_owned(),
                points: points.to_vec(),
                is_limit: true,
            }],
            ..Plot::default()
        }
    }

    #[test]
    fn points_lie_where_they_belong() {
        let svg = plot(true, &[(1_000.0, 0.01), (10.0, 1.0)]).svg().unwrap();
        // From the left below to the right above is decreasing here: 10 → 1 and 1,000 → 0.01.
        let (left, right) = ("80.0,40.0", "530.0,345.0");
        assert!(svg.contains(&format!("points=\"{left} {right}\"")), "{svg}");
        assert!(svg.contains("a &lt; b &amp; c"), "{svg}");
        assert!(svg.contains("stroke-dasharray"), "{svg}");
        assert!(svg.contains(">1k<") && svg.contains(">0.01<"), "{svg}");
        let svg = plot(false, &[(0.0, 0.0), (2.0, 4.0)]).svg().unwrap();
        assert!(svg.contains("points=\"80.0,345.0 530.0,40.0\""), "{svg}");
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out() {
        assert_eq!(plot(true, &[]).svg(), None);
        assert_eq!(plot(true, &[(0.0, 1.0), (1.0, f64::NAN)]).svg(), None);
        let one = plot(true, &[(10.0, 1.0)]).svg().unwrap();
        assert!(!one.contains("NaN") && !one.contains("inf"), "{one}");
    }

    #[test]
    fn marks_are_round() {
        assert_eq!(step(1.7), 0.2);
        assert_eq!(step(42.0), 5.0);
        assert_eq!(step(800.0), 100.0);
        assert_eq!(step(0.0), 1.0);
        assert_eq!(label(1_500.0), "1.5k");
        assert_eq!(label(250_000_000.0), "250M");
        assert_eq!(label(0.001), "1e-3");
    }
}
