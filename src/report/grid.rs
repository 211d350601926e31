//! Tables for a page and for Markdown: the very tables of the terminal.

use super::frame::nothing;
use crate::ui::table::Table;
use maud::{Markup, html};

/// A table on the page. Its first column names the row; a wide table scrolls by itself, never the page.
pub(super) fn html(table: &Table, caption: &str) -> Markup {
    whole(table, caption, None)
}

/// The same below a heading that says what the caption would say: only a screen reader gets that.
pub(super) fn under_heading(table: &Table, heading: &str) -> Markup {
    whole(table, heading, Some("sr"))
}

fn whole(table: &Table, caption: &str, class: Option<&str>) -> Markup {
    if table.is_empty() {
        return nothing();
    }
    let rights: Vec<bool> = table.columns().map(|(_, right)| right).collect();
    let right = |index: usize| rights.get(index).copied().unwrap_or(false);
    // A cell that has its lines already must not be broken into more on a phone.
    let class_of = |index: usize, cell: &str| match (right(index), index > 0 && cell.contains('\n')) {
        (true, _) => Some("n"),
        (false, true) => Some("two"),
        (false, false) => None,
    };
    html! {
        div.card.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption class=[class] { span { (caption) } }
                thead {
                    tr {
                        @for (name, right) in table.columns() {
                            th scope="col" class=[right.then_some("n")] { (name.trim()) }
                        }
                    }
                }
                tbody {
                    @for row in table.rows() {
                        tr {
                            @for (index, cell) in row.iter().enumerate() {
                                @if index == 0 {
                                    th scope="row" class=[class_of(index, cell)] { (lines(cell)) }
                                } @else {
                                    td class=[class_of(index, cell)] { (lines(cell)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn lines(cell: &str) -> Markup {
    html! {
        @for (n, line) in cell.lines().enumerate() {
            @if n > 0 { br; }
            (line)
        }
    }
}

/// A line of Markdown that is the text itself: no link, no picture, no code, no cell, no HTML.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`[]<|".contains(c) {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

/// A block of code that nothing in it ends.
pub(super) fn code(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// The same as Markdown.
pub(super) fn markdown(table: &Table) -> String {
    if table.is_empty() {
        return String::new();
    }
    let safe = |text: &str| text.trim().lines().map(literal).collect::<Vec<_>>().join("<br>");
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(table.columns().map(|(name, _)| safe(name)).collect());
    out += &line(table.columns().map(|(_, right)| if right { "---:" } else { "---" }.to_owned()).collect());
    for row in table.rows() {
        out += &line(row.iter().map(|cell| safe(cell)).collect());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::style::Style;
    use recipe_walk_measurements::table::Table as Data;

    #[test]
    fn cells_are_safe_in_both_forms() {
        let mut data = Data::new(&["What", "How many>"]);
        data.row(["<b>|x", "1\n2"]);
        let table = Table::drawn(&data, Style { width: 80, ..Style::default() });
        let page = html(&table, "A & B").into_string();
        assert!(
            page.contains("<caption><span>A &amp; B</span></caption>") && page.contains("&lt;b&gt;|x"),
            "{page}"
        );
        assert!(page.contains(r#"<td class="n">1<br>2</td>"#), "{page}");
        assert_eq!(markdown(&table), "| What | How many |\n| --- | ---: |\n| \\<b>\\|x | 1<br>2 |\n");
        assert_eq!(html(&Table::new(&["x"]), "y").into_string(), "");
        assert_eq!(literal("![a](http://x) `\n<i>"), "!\\[a\\](http://x) \\` \\<i>");
        assert_eq!(code("sh", "a\n````\nb\n"), "`````sh\na\n````\nb\n`````");
    }
}
