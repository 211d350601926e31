//! Small charts as SVG that a style sheet colours: the same drawing is light, dark and printed, which a charting library
//! with colours of its own does not give. Every mark has its figure as a title, every chart a description in words.

use super::{course, lines, reaches};
use maud::{Markup, html};
use recipe_walk_measurements::chart::{Chart, Side};
use recipe_walk_measurements::format::sentence;

/// The drawing's width: that of a phone, so that its text stays readable there.
pub(super) const WIDTH: f64 = 420.0;

/// What stands around a drawing.
pub(super) struct Frame<'a> {
    /// What it shows.
    pub(super) title: &'a str,
    /// What is on the axes, in small letters under the title.
    pub(super) about: &'a str,
    /// The chart in words: what a screen reader says.
    pub(super) words: &'a str,
    /// How high it is.
    pub(super) height: f64,
    /// Whose colours need a legend.
    pub(super) legend: &'a [Side],
}

/// A chart; nothing where it has no values.
pub(super) fn chart(chart: &Chart) -> Option<Markup> {
    match chart {
        Chart::Lines(chart) => lines::draw(chart),
        Chart::Reaches(chart) => reaches::draw(chart),
        Chart::Course(chart) => course::draw(chart),
    }
}

/// Charts beside one another; nothing without any.
pub(super) fn charts<'a>(all: impl IntoIterator<Item = &'a Chart>) -> Option<Markup> {
    let drawn: Vec<Markup> = all.into_iter().filter_map(chart).collect();
    (!drawn.is_empty()).then(|| html! { div.charts { @for chart in drawn { (chart) } } })
}

/// A drawing with its caption, its words and its legend.
pub(super) fn figure(frame: &Frame<'_>, drawing: &Markup) -> Markup {
    let Frame { title, about, words, height, legend } = frame;
    html! {
        figure {
            figcaption { (title) span { (about) } }
            svg viewBox={ "0 0 " (WIDTH) " " (d0(*height)) } role="img" aria-label={ (title) ". " (words) } {
                (drawing)
            }
            @if !legend.is_empty() {
                ul.legend {
                    @for side in *legend {
                        li class=(class(*side)) {
                            svg viewBox="0 0 26 12" aria-hidden="true" {
                                line.line x1="1" x2="25" y1="6" y2="6" {}
                                (mark(*side, 13.0, 6.0, ""))
                            }
                            (sentence(side.name()))
                        }
                    }
                }
            }
        }
    }
}

/// A side's colour and dashes: solid lines with round marks with the cache, dashed ones with squares without.
pub(super) fn class(side: Side) -> &'static str {
    match side {
        Side::Cache => "cache",
        Side::Database => "database",
    }
}

/// A side's mark at a place.
pub(super) fn mark(side: Side, x: f64, y: f64, title: &str) -> Markup {
    html! {
        @match side {
            Side::Cache => circle.mark cx=(d1(x)) cy=(d1(y)) r="5" { title { (title) } },
            Side::Database => {
                rect.mark x=(d1(x - 4.75)) y=(d1(y - 4.75)) width="9.5" height="9.5" { title { (title) } }
            }
        }
    }
}

/// A length without decimals.
pub(super) fn d0(value: f64) -> String {
    format!("{value:.0}")
}

/// A length with one decimal.
pub(super) fn d1(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_measurements::chart::{Lines, Scale};

    fn lines(scale: Scale) -> Lines {
        Lines {
            title: "A <chart>".into(),
            about: "about".into(),
            x: "users".into(),
            unit: " ms".into(),
            labels: vec!["1".into(), "10".into()],
            places: vec![0.0, 1.0],
            series: vec![
                (Side::Cache, vec![Some(0.5), Some(20.0)]),
                (Side::Database, vec![None, Some(21.0)]),
            ],
            scale,
        }
    }

    #[test]
    fn a_chart_is_safe_and_told_in_words() {
        let text = chart(&Chart::Lines(lines(Scale::Log))).expect("a chart").into_string();
        assert!(text.contains("A &lt;chart&gt;") && !text.contains("<chart>"));
        assert!(text.contains("Database alone, by users: 10: 21 ms."), "{text}");
    }

    #[test]
    fn charts_without_values_are_left_out() {
        let empty = Lines { series: vec![(Side::Cache, vec![None, None])], ..lines(Scale::Linear) };
        assert!(chart(&Chart::Lines(empty.clone())).is_none());
        assert!(charts(&[Chart::Lines(empty)]).is_none());
    }
}
