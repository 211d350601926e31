//! Plain tables for people: aligned columns, no frames. The walk draws its own from the JSON.

use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};

/// A table; the first column is text, the others are right-aligned figures.
#[derive(Debug)]
pub struct Table {
    grid: Grid,
}

impl Table {
    /// A table with a head.
    pub fn new(head: &[&str]) -> Self {
        let mut grid = Grid::new();
        // As wide as it needs to be: without a terminal nobody knows a width, and figures must not be broken.
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        grid.add_row(head);
        for (place, column) in grid.column_iter_mut().enumerate() {
            column.set_padding((if place == 0 { 0 } else { 2 }, 0));
            if place > 0 {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { grid }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.grid.add_row(cells);
    }

    /// The table as lines, each ended.
    pub fn render(&self) -> String {
        self.grid.trim_fmt() + "\n"
    }
}

/// A count with separators: `12,345`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Milliseconds with as many decimals as matter.
pub fn ms(value: f64) -> String {
    if value < 10.0 { format!("{value:.3}") } else { format!("{value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["name", "n"]);
        table.row(vec!["a".into(), "1".into()]);
        table.row(vec!["long name".into(), "1,000".into()]);
        assert_eq!(table.render(), "name           n\na              1\nlong name  1,000\n");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.05, 9.9, 12.34].map(ms), ["0.050", "9.900", "12.3"]);
    }
}
