//! What a walk cost, as a chart: a bar for each thing that is billed.

use super::chart::{Axis, Safe, Scale, figure, width};
use crate::ui::text::dollars;
use recipe_walk_engine::report::{Report, ResourceLine};
use std::fmt::Write as _;

/// Height of a row.
const ROW: f64 = 50.0;

/// The chart, or nothing where nothing is billed.
pub(super) fn html(report: &Report) -> String {
    let billed: Vec<&ResourceLine> = report.resources.iter().filter(|l| l.an_hour > 0.0).collect();
    if billed.is_empty() {
        return String::new();
    }
    let (left, right) = (14.0, 130.0);
    let axis = Axis::new(billed.iter().map(|l| l.cost), Scale::Linear);
    let (mut svg, mut words) = (String::new(), String::new());
    for (row, line) in billed.iter().enumerate() {
        let top = 18.0 + row as f64 * ROW;
        let length = (axis.place(line.cost) * (width() - left - right)).max(2.0);
        // The colours of the other charts: the cache's, the database's, and the text's own for the rest.
        let fill = match line.name.as_str() {
            "cache" => "var(--cache)",
            "database" => "var(--db)",
            _ => "currentColor",
        };
        let (cost, hour) = (dollars(line.cost), dollars(line.an_hour));
        let _ = write!(
            svg,
            r#"<text x="{left}" y="{top:.0}">{}</text><rect x="{left}" y="{:.0}" width="{length:.1}" height="14" rx="3" fill="{fill}"/><text class="strong" x="{:.1}" y="{:.0}">{cost}, {hour}/h</text>"#,
            Safe(&line.what),
            top + 7.0,
            left + length + 8.0,
            top + 19.0,
        );
        let _ = write!(words, "{}: {cost}, {hour} an hour. ", line.what);
    }
    let about = "Estimated, from creation to deletion or until now; a cache is billed by begun hours.";
    let height = 10.0 + billed.len() as f64 * ROW;
    let chart = figure("Cost by what is billed", about, words.trim_end(), height, &svg, std::iter::empty());
    format!(r#"<div class="charts">{chart}</div>"#)
}
