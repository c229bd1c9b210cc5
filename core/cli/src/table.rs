//! Tables that people read: columns in line, nothing a terminal would act upon.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::failure::one_line;

/// Between two columns.
const GAP: &str = "  ";

/// Rows under a heading, each column as wide as its widest cell.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

struct Column {
    title: &'static str,
    is_number: bool,
}

impl Table {
    /// A table with these columns. A title that begins with `#` is that of numbers, which stand at
    /// the right of their column, and is shown without.
    pub(crate) fn new(titles: &[&'static str]) -> Self {
        let columns = titles.iter().map(|title| match title.strip_prefix('#') {
            Some(title) => Column {
                title,
                is_number: true,
            },
            None => Column {
                title,
                is_number: false,
            },
        });
        Table {
            columns: columns.collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells may hold anything, and are escaped.
    pub(crate) fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let cells: Vec<String> = cells
            .into_iter()
            .map(|cell| one_line(cell.as_ref()))
            .collect();
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// The table as text. Lines have no white space at their end.
    pub(crate) fn render(&self) -> String {
        let titles = self.columns.iter().map(|column| column.title.to_owned());
        let titles: Vec<String> = titles.collect();
        let width = |number: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(number));
            let cells = cells.chain(titles.get(number));
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        for row in std::iter::once(&titles).chain(&self.rows) {
            let mut line = String::new();
            for ((cell, column), width) in row.iter().zip(&self.columns).zip(&widths) {
                let padding = " ".repeat(width.saturating_sub(cell.width()));
                let (before, after) = match column.is_number {
                    true => (padding.as_str(), ""),
                    false => ("", padding.as_str()),
                };
                let _ = write!(line, "{before}{cell}{after}{GAP}");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Facts one below the other, with their names in front.
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let widest = facts.iter().map(|(name, _)| name.width()).max();
    let widest = widest.unwrap_or(0);
    let mut text = String::new();
    for (name, value) in facts {
        let _ = writeln!(text, "{name:<widest$}{GAP}{}", one_line(value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_line_whatever_is_in_them() {
        let mut table = Table::new(&["NAME", "#SIZE", "WHERE"]);
        table.row(["a", "1", "here"]);
        table.row(["größer", "1,000", "there\x1b[2J"]);
        table.row(["日本", "10", ""]);
        let lines = [
            "NAME     SIZE  WHERE",
            "a           1  here",
            "größer  1,000  there\\u{1b}[2J",
            "日本       10",
            "",
        ];
        assert_eq!(table.render(), lines.join("\n"));
    }

    #[test]
    fn facts_have_their_names_in_front() {
        let text = facts(&[("a", "1".to_owned()), ("longer", "2\n3".to_owned())]);
        assert_eq!(text, "a       1\nlonger  2\\u{a}3\n");
    }
}
