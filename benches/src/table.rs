//! Tables for the terminal.

/// From so many bytes on, a cell is no figure, and its column is set to the left in Markdown.
const SENTENCE: usize = 30;

/// Rows of text under a heading, with columns as wide as they need to be.
#[derive(Clone, Debug)]
pub struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Makes an empty table; its first column is for names and set to the left, the others are for
    /// figures and set to the right.
    pub fn new<const N: usize>(heading: [&str; N]) -> Self {
        Table {
            heading: heading.map(String::from).to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells that it lacks stay empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<String> = cells.into_iter().take(self.heading.len()).collect();
        row.resize(self.heading.len(), String::new());
        self.rows.push(row);
    }
}

impl Table {
    /// The same as Markdown.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let mut text = line(&self.heading);
        text.push('|');
        for column in 0..self.heading.len() {
            let is_figures = column > 0 && self.rows.iter().all(|row| row[column].len() < SENTENCE);
            text.push_str(if is_figures { " ---: |" } else { " --- |" });
        }
        text.push('\n');
        for row in &self.rows {
            text.push_str(&line(row));
        }
        text
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines = || std::iter::once(&self.heading).chain(&self.rows);
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| {
                let cells = lines().map(|line| line[column].chars().count());
                cells.max().unwrap_or(0)
            })
            .collect();
        for (number, line) in lines().enumerate() {
            let mut text = String::new();
            for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
                if column == 0 {
                    text.push_str(&format!("{cell:<width$}"));
                } else {
                    text.push_str(&format!("  {cell:>width$}"));
                }
            }
            writeln!(f, "{}", text.trim_end())?;
            if number == 0 {
                let total = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
                writeln!(f, "{}", "-".repeat(total))?;
            }
        }
        Ok(())
    }
}

/// Seconds, as exact as is sensible.
pub fn seconds(value: f64) -> String {
    if value < 0.1 {
        format!("{:.1} ms", value * 1e3)
    } else {
        format!("{value:.2} s")
    }
}

/// Bytes in MiB.
pub fn mebibytes(bytes: f64) -> String {
    format!("{:.0} MiB", bytes / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["who", "wall", "n"]);
        table.row(["gitlade".into(), "1.2 s".into(), "7".into()]);
        table.row(["é".into(), "10.25 s".into()]);
        assert_eq!(
            table.to_string(),
            "who         wall  n\n\
             -------------------\n\
             gitlade    1.2 s  7\n\
             é        10.25 s\n"
        );
    }

    #[test]
    fn markdown_keeps_cells_apart() {
        let mut table = Table::new(["who", "wall", "n"]);
        table.row(["git ls-tree | cat-file".into(), "1 s".into()]);
        assert_eq!(
            table.markdown(),
            "| who | wall | n |\n| --- | ---: | ---: |\n| git ls-tree \\| cat-file | 1 s |  |\n"
        );
        table.row([
            "gitlade".into(),
            String::new(),
            "is its own reason for that".repeat(2),
        ]);
        assert!(table.markdown().contains("| --- | ---: | --- |\n"));
    }

    #[test]
    fn figures_have_the_precision_that_they_carry() {
        assert_eq!(seconds(0.01234), "12.3 ms");
        assert_eq!(seconds(1.234), "1.23 s");
        assert_eq!(mebibytes(200.0 * 1024.0 * 1024.0), "200 MiB");
    }
}
