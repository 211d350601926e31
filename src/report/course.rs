//! One quantity over time, as a drawing.

use super::axis::Axis;
use super::frame::{Frame, WIDTH, d0, d1, figure};
use maud::{Markup, html};
use recipe_walk_measurements::chart::{Course, Scale};
use recipe_walk_measurements::format::short;

const LEFT: f64 = 50.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 200.0;

/// The figure; nothing without values.
pub(super) fn draw(chart: &Course) -> Option<Markup> {
    if chart.values.is_empty() || chart.seconds <= 0.0 {
        return None;
    }
    let seconds = chart.seconds;
    let slot = seconds / chart.values.len() as f64;
    let axis = Axis::new(chart.values.iter().copied(), Scale::Linear);
    let x = |second: f64| LEFT + (second / seconds).clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| BOTTOM - axis.place(value) * (BOTTOM - TOP);
    let points: Vec<String> = chart
        .values
        .iter()
        .enumerate()
        .map(|(n, value)| format!("{:.1},{:.1}", x((n as f64 + 0.5) * slot), y(*value)))
        .collect();
    let line = points.join(" ");
    let (first, last) = (x(0.5 * slot), x(seconds - 0.5 * slot));
    let drawing = html! {
        @for tick in &axis.ticks {
            line.grid x1=(LEFT) x2=(d0(WIDTH - RIGHT)) y1=(d1(y(*tick))) y2=(d1(y(*tick))) {}
            text x=(d0(LEFT - 7.0)) y=(d1(y(*tick) + 4.0)) text-anchor="end" { (short(*tick)) }
        }
        g.cache {
            polygon.area points={ (d1(first)) "," (BOTTOM) " " (line) " " (d1(last)) "," (BOTTOM) } {}
            polyline.line points=(line) {}
        }
        @for second in Axis::new([seconds].into_iter(), Scale::Linear).ticks.iter().filter(|s| **s <= seconds) {
            text x=(d1(x(*second))) y=(d0(BOTTOM + 18.0)) text-anchor="middle" { (short(*second)) " s" }
        }
        @if let Some((at, what)) = &chart.event {
            @let (anchor, aside) = if *at > seconds / 2.0 { ("end", -6.0) } else { ("start", 6.0) };
            line.event x1=(d1(x(*at))) x2=(d1(x(*at))) y1=(TOP) y2=(BOTTOM) {}
            text.strong x=(d1(x(*at) + aside)) y=(d0(TOP + 4.0)) text-anchor=(anchor) { (what) }
        }
    };
    let (title, about, words) = (&chart.title, &chart.about, &chart.words);
    Some(figure(&Frame { title, about, words, height: BOTTOM + 26.0, legend: &[] }, &drawing))
}
