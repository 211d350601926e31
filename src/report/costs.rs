//! What a walk cost, as a chart: a bar for each thing that is billed.

use super::axis::Axis;
use super::frame::{Frame, WIDTH, d0, d1, figure};
use crate::ui::text::cell;
use maud::{Markup, html};
use recipe_walk_engine::report::{Report, ResourceLine};
use recipe_walk_measurements::chart::Scale;

/// Height of a row.
const ROW: f64 = 50.0;
const LEFT: f64 = 14.0;
const RIGHT: f64 = 130.0;

/// The chart, or nothing where nothing is billed.
pub(super) fn chart(report: &Report) -> Option<Markup> {
    let billed: Vec<&ResourceLine> = report.resources.iter().filter(|l| !l.an_hour.is_nothing()).collect();
    if billed.is_empty() {
        return None;
    }
    let axis = Axis::new(billed.iter().map(|l| l.cost.dollars), Scale::Linear);
    let drawing = html! {
        @for (row, line) in billed.iter().enumerate() {
            @let top = 18.0 + row as f64 * ROW;
            @let length = (axis.place(line.cost.dollars) * (WIDTH - LEFT - RIGHT)).max(2.0);
            text x=(LEFT) y=(d0(top)) { (line.what) }
            rect x=(LEFT) y=(d0(top + 7.0)) width=(d1(length)) height="14" rx="3" fill="var(--bar)" {}
            text.strong x=(d1(LEFT + length + 8.0)) y=(d0(top + 19.0)) {
                (cell(&line.cost)) ", " (cell(&line.an_hour)) "/h"
            }
        }
    };
    let words: Vec<String> = billed
        .iter()
        .map(|line| format!("{}: {}, {} an hour.", line.what, cell(&line.cost), cell(&line.an_hour)))
        .collect();
    let frame = Frame {
        title: "Cost by what is billed",
        about: "Estimated, from creation to deletion or until now; a cache is billed by begun hours.",
        words: &words.join(" "),
        height: 10.0 + billed.len() as f64 * ROW,
        legend: &[],
    };
    Some(html! { div.charts { (figure(&frame, &drawing)) } })
}
