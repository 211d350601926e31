//! Tables for a page and for Markdown: the very tables of the terminal.

use super::chart::Safe;
use crate::ui::table::Table;
use std::fmt::Write as _;

/// A table on the page. Its first column names the row; a wide table scrolls by itself, never the page.
pub(super) fn html(table: &Table, caption: &str) -> String {
    whole(table, caption, "")
}

/// The same below a heading that says what the caption would say: only a screen reader gets that.
pub(super) fn under_heading(table: &Table, heading: &str) -> String {
    whole(table, heading, r#" class="sr""#)
}

fn whole(table: &Table, caption: &str, manner: &str) -> String {
    if table.is_empty() {
        return String::new();
    }
    let class = |right: bool| if right { r#" class="n""# } else { "" };
    let mut out = format!(
        r#"<div class="card scroll" tabindex="0" role="region" aria-label="{0}"><table><caption{manner}><span>{0}</span></caption><thead><tr>"#,
        Safe(caption)
    );
    for (name, right) in table.columns() {
        let _ = write!(out, r#"<th scope="col"{}>{}</th>"#, class(right), Safe(name.trim()));
    }
    out += "</tr></thead><tbody>";
    let rights: Vec<bool> = table.columns().map(|(_, right)| right).collect();
    for row in table.rows() {
        out += "<tr>";
        for (index, cell) in row.iter().enumerate() {
            let lines = cell.lines().map(|l| Safe(l).to_string()).collect::<Vec<_>>().join("<br>");
            let right = rights.get(index).copied().unwrap_or(false);
            let _ = if index == 0 {
                write!(out, r#"<th scope="row"{}>{lines}</th>"#, class(right))
            } else if cell.contains('\n') && !right {
                // It has its lines already, and on a phone they must not be broken into more.
                write!(out, r#"<td class="two">{lines}</td>"#)
            } else {
                write!(out, "<td{}>{lines}</td>", class(right))
            };
        }
        out += "</tr>";
    }
    out + "</tbody></table></div>"
}

/// The same as Markdown.
pub(super) fn markdown(table: &Table) -> String {
    if table.is_empty() {
        return String::new();
    }
    let safe = |text: &str| text.trim().replace('|', "\\|").replace('\n', "<br>");
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

    #[test]
    fn cells_are_safe_in_both_forms() {
        let mut table = Table::new(&["What", "How many>"]);
        table.row(["<b>|x", "1\n2"]);
        let page = html(&table, "A & B");
        assert!(
            page.contains("<caption><span>A &amp; B</span></caption>") && page.contains("&lt;b&gt;|x"),
            "{page}"
        );
        assert!(page.contains(r#"<td class="n">1<br>2</td>"#), "{page}");
        assert_eq!(markdown(&table), "| What | How many |\n| --- | ---: |\n| <b>\\|x | 1<br>2 |\n");
        assert_eq!(html(&Table::new(&["x"]), "y"), "");
    }
}
