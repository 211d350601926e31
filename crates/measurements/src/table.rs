//! A table as data: whoever shows it draws the frames.

use crate::format::MISSING;

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands at its head.
    pub name: String,
    /// Whether its cells are figures, which stand at the right.
    pub figures: bool,
    /// It is left out where a line has fewer characters than this.
    pub least_width: usize,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text; one line for each side where both stand in one row.
    Text(String),
    /// Counts over time, to be drawn as a line of marks, one each.
    Marks(Vec<u64>),
}

impl<S: Into<String>> From<S> for Cell {
    fn from(text: S) -> Self {
        Self::Text(text.into())
    }
}

impl Table {
    /// A table with these columns; those that end in `>` hold figures.
    pub fn new<S: AsRef<str>>(columns: &[S]) -> Self {
        let columns = columns.iter().map(|name| Column::new(name.as_ref())).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table as it fits into lines of `width` characters; without `marks`, the columns that are drawn are left out.
    #[must_use]
    pub fn fitted(&self, width: usize, marks: bool) -> Self {
        let drawn = |at: usize| self.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Marks(_))));
        let kept: Vec<usize> = (0..self.columns.len())
            .filter(|at| width >= self.columns[*at].least_width && (marks || !drawn(*at)))
            .collect();
        Self {
            columns: kept.iter().map(|at| self.columns[*at].clone()).collect(),
            rows: self
                .rows
                .iter()
                .map(|row| kept.iter().filter_map(|at| row.get(*at).cloned()).collect())
                .collect(),
        }
    }
}

impl Column {
    /// A column that is always shown; `name` ends in `>` where it holds figures.
    pub fn new(name: &str) -> Self {
        Self { name: name.trim_end_matches('>').to_owned(), figures: name.ends_with('>'), least_width: 0 }
    }

    /// The same, left out where a line has fewer characters.
    #[must_use]
    pub fn from_width(mut self, least_width: usize) -> Self {
        self.least_width = least_width;
        self
    }
}

impl Cell {
    /// Its text, with marks drawn as by [`sparkline`].
    pub fn text(&self, unicode: bool) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Marks(values) => sparkline(values, unicode),
        }
    }
}

/// Marks of a sparkline, lowest first.
const MARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_MARKS: [char; 8] = ['_', '.', '-', '~', '=', '+', '*', '#'];

/// One character a value, by its share of the largest.
pub fn sparkline(values: &[u64], unicode: bool) -> String {
    let marks = if unicode { MARKS } else { ASCII_MARKS };
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let mark = |value: &u64| {
        let step = (u128::from(*value) * marks.len() as u128).div_ceil(u128::from(most));
        marks[(step as usize).clamp(1, marks.len()) - 1]
    };
    values.iter().map(mark).collect()
}

/// `yes`, `no`, or the mark of what is missing.
pub(crate) fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// A text that may be missing.
pub(crate) fn text(value: Option<&str>) -> String {
    value.unwrap_or(MISSING).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparklines_show_shape() {
        assert_eq!(sparkline(&[0, 4, 8], true), "▁▄█");
        assert_eq!(sparkline(&[0, 0], false), "__");
        assert_eq!(sparkline(&[u64::MAX, 1], true), "█▁");
        assert_eq!(sparkline(&[], true), "");
    }

    #[test]
    fn narrow_lines_and_missing_marks_leave_columns_out() {
        let mut table = Table::new(&["What", "n>"]);
        table.columns.push(Column::new("wide>").from_width(80));
        table.columns.push(Column::new("over time"));
        table.row([Cell::from("a"), Cell::from("1"), Cell::from("2"), Cell::Marks(vec![1, 2])]);
        let names = |table: Table| table.columns.into_iter().map(|c| c.name).collect::<Vec<_>>();
        assert_eq!(names(table.fitted(80, true)), ["What", "n", "wide", "over time"]);
        assert_eq!(names(table.fitted(79, false)), ["What", "n"]);
        assert_eq!(table.fitted(79, false).rows[0].len(), 2);
    }
}
