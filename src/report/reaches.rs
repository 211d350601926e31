//! For each row where each side lies and how far it reaches, as a drawing.

use super::axis::Axis;
use super::frame::{Frame, WIDTH, class, d0, d1, figure, mark};
use maud::{Markup, html};
use recipe_walk_measurements::chart::{Reaches, Scale, Side};
use recipe_walk_measurements::format::short;

/// Height of a row.
const ROW: f64 = 62.0;
const LEFT: f64 = 14.0;
const RIGHT: f64 = 26.0;

/// The figure; nothing without rows.
pub(super) fn draw(chart: &Reaches) -> Option<Markup> {
    if chart.rows.is_empty() {
        return None;
    }
    let sides = || chart.rows.iter().flat_map(|row| &row.sides);
    let axis = Axis::new(sides().flat_map(|(_, from, to, _)| [*from, *to]), Scale::Log);
    let x = |value: f64| LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT);
    let height = 34.0 + chart.rows.len() as f64 * ROW;
    let bottom = height - 26.0;
    let top = |row: usize| 16.0 + row as f64 * ROW;
    let count = axis.ticks.len();
    // The outermost labels stay inside the drawing.
    let label = |n: usize, at: f64| match n {
        0 => ("start", at - LEFT),
        n if n + 1 == count => ("end", at + RIGHT - 4.0),
        _ => ("middle", at),
    };
    let drawing = html! {
        @for (n, tick) in axis.ticks.iter().enumerate() {
            @let at = x(*tick);
            @let (anchor, label) = label(n, at);
            line.grid x1=(d1(at)) x2=(d1(at)) y1="4" y2=(d0(bottom)) {}
            text x=(d1(label)) y=(d0(bottom + 18.0)) text-anchor=(anchor) { (short(*tick)) " ms" }
        }
        @for (n, row) in chart.rows.iter().enumerate() {
            text.strong x=(LEFT) y=(d0(top(n))) { (row.name) }
            text.strong x=(d0(WIDTH - 4.0)) y=(d0(top(n))) text-anchor="end" { (row.note) }
            @for (line, (side, from, to, words)) in row.sides.iter().enumerate() {
                @let y = top(n) + 14.0 + line as f64 * 16.0;
                g class=(class(*side)) {
                    line.reach x1=(d1(x(*from))) x2=(d1(x(*to))) y1=(d1(y)) y2=(d1(y)) {}
                    (mark(*side, x(*from), y, words))
                }
            }
        }
    };
    let words: String = sides().flat_map(|(_, _, _, words)| [words.as_str(), ". "]).collect();
    let legend = [Side::Cache, Side::Database];
    let frame = Frame { title: &chart.title, about: &chart.about, words: &words, height, legend: &legend };
    Some(figure(&frame, &drawing))
}
