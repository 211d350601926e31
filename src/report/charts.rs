//! Charts of results, drawn.

use super::{course, lines, reaches};
use maud::{Markup, html};
use recipe_walk_measurements::chart::Chart;

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

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_measurements::chart::{Lines, Scale, Side};

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
