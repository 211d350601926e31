//! Lines over some places on the horizontal axis, as a drawing.

use super::axis::Axis;
use super::frame::{Frame, WIDTH, class, d0, d1, figure, mark};
use maud::{Markup, html};
use recipe_walk_measurements::chart::{Lines, Side};
use recipe_walk_measurements::format::{sentence, short};
use std::fmt::Write as _;

const HEIGHT: f64 = 250.0;
/// Room for the axis on the left, for end figures on the right, above, and for the labels below.
const LEFT: f64 = 50.0;
const RIGHT: f64 = 46.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 40.0;
/// Where the horizontal axis lies.
const GROUND: f64 = HEIGHT - BOTTOM;

/// The figure; nothing where there is no value.
pub(super) fn draw(chart: &Lines) -> Option<Markup> {
    let values = || chart.series.iter().flat_map(|(_, v)| v.iter().copied().flatten());
    values().next()?;
    let axis = Axis::new(values(), chart.scale);
    let y = |value: f64| GROUND - axis.place(value) * (GROUND - TOP);
    let ends = ends(chart, &y);
    let drawing = html! {
        @for tick in &axis.ticks {
            line.grid x1=(LEFT) x2=(d0(WIDTH - RIGHT)) y1=(d1(y(*tick))) y2=(d1(y(*tick))) {}
            text x=(d0(LEFT - 7.0)) y=(d1(y(*tick) + 4.0)) text-anchor="end" { (short(*tick)) }
        }
        @for (at, label) in labels(chart) {
            text x=(d1(at)) y=(d1(GROUND + 18.0)) text-anchor="middle" { (label) }
        }
        line.axis x1=(LEFT) x2=(d0(WIDTH - RIGHT)) y1=(GROUND) y2=(GROUND) {}
        text x=(d0(f64::midpoint(LEFT, WIDTH - RIGHT))) y=(d0(HEIGHT - 5.0)) text-anchor="middle" { (chart.x) }
        @for ((side, values), end) in chart.series.iter().zip(ends) { (series(chart, *side, values, end, &y)) }
    };
    let legend: Vec<Side> = chart.series.iter().map(|(side, _)| *side).collect();
    let words = words(chart);
    let frame =
        Frame { title: &chart.title, about: &chart.about, words: &words, height: HEIGHT, legend: &legend };
    Some(figure(&frame, &drawing))
}

fn across(place: f64) -> f64 {
    LEFT + 12.0 + place * (WIDTH - LEFT - RIGHT - 24.0)
}

/// The labels that do not lie on one another; the marks' titles have them all.
fn labels(chart: &Lines) -> Vec<(f64, &str)> {
    let mut free = f64::MIN;
    let mut shown = Vec::new();
    for (label, place) in chart.labels.iter().zip(&chart.places) {
        let at = across(*place);
        let half = label.chars().count() as f64 * 3.4;
        if at - half > free {
            shown.push((at, label.as_str()));
            free = at + half + 4.0;
        }
    }
    shown
}

fn series(
    chart: &Lines,
    side: Side,
    values: &[Option<f64>],
    end: Option<f64>,
    y: &dyn Fn(f64) -> f64,
) -> Markup {
    let places = chart.labels.iter().zip(&chart.places).zip(values);
    let points: Vec<(&str, f64, f64)> =
        places.filter_map(|((label, place), v)| Some((label.as_str(), across(*place), (*v)?))).collect();
    let path: Vec<String> = points.iter().map(|(_, x, v)| format!("{x:.1},{:.1}", y(*v))).collect();
    let title = |label: &str, value: f64| {
        format!("{label} {}, {}: {}{}", chart.x, side.name(), short(value), chart.unit)
    };
    html! {
        g class=(class(side)) {
            polyline.line points=(path.join(" ")) {}
            @for (label, x, value) in &points { (mark(side, *x, y(*value), &title(label, *value))) }
            @if let (Some((_, x, value)), Some(end)) = (points.last(), end) {
                text.end x=(d1(x + 10.0)) y=(d1(end + 4.0)) { (short(*value)) }
            }
        }
    }
}

/// Heights of the end figures, moved apart where they would lie on one another.
fn ends(chart: &Lines, y: &dyn Fn(f64) -> f64) -> Vec<Option<f64>> {
    let last = |v: &Vec<Option<f64>>| v.iter().rev().copied().flatten().next().map(y);
    let mut ends: Vec<Option<f64>> = chart.series.iter().map(|(_, v)| last(v)).collect();
    if let [Some(a), Some(b)] = &mut ends[..]
        && (*a - *b).abs() < 15.0
    {
        let middle = f64::midpoint(*a, *b);
        let up = if *a <= *b { -7.5 } else { 7.5 };
        (*a, *b) = (middle + up, middle - up);
    }
    ends
}

fn words(chart: &Lines) -> String {
    let mut out = String::new();
    for (side, values) in &chart.series {
        let list: Vec<String> = chart
            .labels
            .iter()
            .zip(values)
            .filter_map(|(label, v)| v.map(|v| format!("{label}: {}{}", short(v), chart.unit)))
            .collect();
        let _ = write!(out, "{}, by {}: {}. ", sentence(side.name()), chart.x, list.join("; "));
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_measurements::chart::Scale;

    #[test]
    fn end_figures_are_kept_apart() {
        let chart = Lines {
            title: String::new(),
            about: String::new(),
            x: String::new(),
            unit: String::new(),
            labels: vec![],
            places: vec![],
            series: vec![(Side::Cache, vec![Some(20.0)]), (Side::Database, vec![Some(21.0), None])],
            scale: Scale::Linear,
        };
        let ends = ends(&chart, &|v| v);
        assert!((ends[0].unwrap_or_default() - ends[1].unwrap_or_default()).abs() >= 14.9);
    }
}
