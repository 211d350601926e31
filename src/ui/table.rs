//! Tables: boxes where there is a terminal, lines where somebody listens or greps.

use crate::ui::door;
use crate::ui::style::Style;
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table as Drawn, Width, presets,
};
use recipe_walk_measurements::table::Table as Data;
use unicode_width::UnicodeWidthStr;

/// Words up to this are never broken.
const LONGEST_WORD: usize = 14;

/// Not even the words fit beside each other.
struct TooNarrow;

/// A table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; those that end in `>` are aligned to the right.
    pub(crate) fn new(columns: &[&str]) -> Self {
        Self {
            header: columns.iter().map(|c| c.trim_end_matches('>').to_owned()).collect(),
            right: columns.iter().map(|c| c.ends_with('>')).collect(),
            rows: Vec::new(),
        }
    }

    /// A table of figures, as it fits into lines of this style.
    pub(crate) fn drawn(data: &Data, style: Style) -> Self {
        let data = data.fitted(style.width, !style.plain);
        Self {
            header: data.columns.iter().map(|column| column.name.clone()).collect(),
            right: data.columns.iter().map(|column| column.figures).collect(),
            rows: data
                .rows
                .iter()
                .map(|row| row.iter().map(|cell| cell.text(style.unicode)).collect())
                .collect(),
        }
    }

    /// Adds a row of cells of one line each: a line's end in one is shown, or it would begin a row that nobody has made.
    pub(crate) fn row<I, S>(&mut self, cells: I)
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        self.rows.push(cells.into_iter().map(|cell| door::unbroken(&cell.into()).into_owned()).collect());
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The columns' names, and whether they are aligned to the right.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, bool)> {
        self.header.iter().map(String::as_str).zip(self.right.iter().copied())
    }

    /// The rows.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The table as text, without a line feed at its end.
    pub(crate) fn render(&self, style: Style) -> String {
        if !style.plain
            && let Ok(widths) = self.widths(style.width)
        {
            return self.boxed(style, widths);
        }
        let lines = self.lines();
        let wrapped = lines.lines().map(|line| crate::ui::text::wrap(line, style.width, "  ").join("\n"));
        wrapped.collect::<Vec<_>>().join("\n")
    }

    fn boxed(&self, style: Style, widths: Option<Vec<u16>>) -> String {
        // Rows of several lines need a line between them to be told apart.
        let deep = self.rows.iter().flatten().any(|cell| cell.contains('\n'));
        let preset = match (style.unicode, deep) {
            (true, true) => presets::UTF8_FULL,
            (true, false) => presets::UTF8_FULL_CONDENSED,
            (false, true) => presets::ASCII_FULL,
            (false, false) => presets::ASCII_FULL_CONDENSED,
        };
        let mut table = Drawn::new();
        table
            .load_style(preset)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(style.width).unwrap_or(80))
            .set_header(self.header.iter().map(Cell::new));
        for (index, width) in widths.into_iter().flatten().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            }
        }
        for row in &self.rows {
            table.add_row(row.iter().zip(&self.right).map(|(text, right)| {
                let alignment = if *right { CellAlignment::Right } else { CellAlignment::Left };
                Cell::new(text).set_alignment(alignment)
            }));
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// How wide each column is, blanks included, where the table does not fit by itself: words stay whole, and what is
    /// left goes where least is missing. An error where not even the words fit.
    fn widths(&self, width: usize) -> Result<Option<Vec<u16>>, TooNarrow> {
        let lines = |index: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(index));
            cells.chain(self.header.get(index)).flat_map(|cell| cell.lines())
        };
        let columns = self.header.len();
        let wanted: Vec<usize> =
            (0..columns).map(|at| lines(at).map(UnicodeWidthStr::width).max().unwrap_or(0)).collect();
        // A frame before each column and one at the end, and a blank at each side of a cell.
        let room = width.saturating_sub(3 * columns + 1);
        if wanted.iter().sum::<usize>() <= room {
            return Ok(None);
        }
        let longest = |at: usize| {
            let words = lines(at).flat_map(str::split_whitespace).map(UnicodeWidthStr::width);
            // A long path may be broken, a number never.
            words.filter(|word| self.right[at] || *word <= LONGEST_WORD).max().unwrap_or(1)
        };
        let mut given: Vec<usize> = (0..columns).map(longest).collect();
        let mut left = room.checked_sub(given.iter().sum()).ok_or(TooNarrow)?;
        let mut order: Vec<usize> = (0..columns).collect();
        order.sort_by_key(|at| wanted[*at] - given[*at]);
        for (index, at) in order.into_iter().enumerate() {
            let more = (wanted[at] - given[at]).min(left / (columns - index));
            given[at] += more;
            left -= more;
        }
        Ok(Some(given.into_iter().map(|columns| u16::try_from(columns + 2).unwrap_or(u16::MAX)).collect()))
    }

    /// One line a row: the first cell, then each value with its column's name. Cells of several lines become
    /// several rows.
    fn lines(&self) -> String {
        let mut out = Vec::new();
        for row in &self.rows {
            let depth = row.iter().map(|cell| cell.lines().count()).max().unwrap_or(0);
            for level in 0..depth {
                let cell = |index: usize| {
                    let text = &row[index];
                    // A cell of one line holds for all lines of its row.
                    if text.lines().count() == 1 {
                        text.as_str()
                    } else {
                        text.lines().nth(level).unwrap_or("")
                    }
                };
                let values: Vec<String> = (1..row.len())
                    .filter(|index| !cell(*index).trim().is_empty())
                    .map(|index| match self.header.get(index).map_or("", |h| h.trim()) {
                        "" => cell(index).trim().to_owned(),
                        name => format!("{} {}", name.replace('\n', " "), cell(index).trim()),
                    })
                    .collect();
                // A number alone says nothing.
                let first = if self.right.first() == Some(&true) {
                    format!("{} {}", self.header[0], cell(0))
                } else {
                    cell(0).to_owned()
                };
                out.push(if values.is_empty() { first } else { format!("{first}: {}", values.join(", ")) });
            }
        }
        out.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["What", "Side", "p50>"]);
        table.rows.push(["product by id", "database\ncache", "0.21\n0.04"].map(str::to_owned).into());
        table.row([
            "a very long title that has to be wrapped somewhere in a narrow terminal",
            "database",
            "1",
        ]);
        table
    }

    #[test]
    fn plain_tables_are_lines_without_boxes() {
        let style = Style { plain: true, width: 80, ..Style::default() };
        let text = table().render(style);
        assert!(
            text.starts_with("product by id: Side database, p50 0.21\nproduct by id: Side cache, p50 0.04\n")
        );
        assert!(text.is_ascii());
    }

    #[test]
    fn the_first_column_takes_what_the_others_leave() {
        let mut table = Table::new(&["Query", "Answered by", "p50 ms>", "p95 ms>", "p99 ms>", "Ratio"]);
        for query in ["Product by id", "Product by id (a new connection for every query)"] {
            let row = [query, "database\ncache", "0.1\n0.1", "0.1\n0.1", "0.1\n0.1", "1.8 x\n1.58 to 2.89"];
            table.rows.push(row.map(str::to_owned).into());
        }
        let text = table.render(Style { unicode: true, width: 80, ..Style::default() });
        assert!(text.contains("│ Product by id  "), "{text}");
        assert_eq!(text.lines().map(UnicodeWidthStr::width).max(), Some(80), "{text}");
    }

    #[test]
    fn boxed_tables_keep_to_the_width() {
        for width in [60, 80, 120] {
            for unicode in [true, false] {
                let style = Style { unicode, width, ..Style::default() };
                let text = table().render(style);
                assert!(text.lines().all(|line| line.width() <= width), "{text}");
                assert!(unicode || text.is_ascii());
            }
        }
    }
}
