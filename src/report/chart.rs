//! Small charts as SVG that a style sheet colours: the same drawing is light, dark and printed, which a charting library
//! with colours of its own does not give. Every mark has its figure as a title, every chart a description in words.

use super::short;
use std::fmt::{self, Display, Write as _};

/// The drawing's width: that of a phone, so that its text stays readable there.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 250.0;
/// Room for the axis on the left, for end figures on the right, above, and for the labels below.
const LEFT: f64 = 50.0;
const RIGHT: f64 = 46.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 40.0;

/// Text in a place where HTML would be understood.
pub(super) struct Safe<'a>(pub(super) &'a str);

impl Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Who answered: decides colour, dashes and the form of the marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// With the cache: a solid line with round marks.
    Cache,
    /// The database alone: a dashed line with square marks.
    Database,
}

impl Who {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Database => "database",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cache => "with the cache",
            Self::Database => "database alone",
        }
    }

    /// A mark at a place.
    pub(super) fn mark(self, x: f64, y: f64, title: &str) -> String {
        let title = Safe(title);
        match self {
            Self::Cache => {
                format!(
                    r#"<circle class="mark" cx="{x:.1}" cy="{y:.1}" r="5"><title>{title}</title></circle>"#
                )
            }
            Self::Database => format!(
                r#"<rect class="mark" x="{:.1}" y="{:.1}" width="9.5" height="9.5"><title>{title}</title></rect>"#,
                x - 4.75,
                y - 4.75
            ),
        }
    }
}

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// From nothing up.
    Linear,
    /// By powers of ten.
    Log,
}

/// Lines over some places on the horizontal axis.
pub(super) struct Lines<'a> {
    /// What it shows.
    pub(super) title: &'a str,
    /// What is on the axes, in small letters under the title.
    pub(super) about: &'a str,
    /// The horizontal axis' name.
    pub(super) x: &'a str,
    /// Unit of the values, with a space in front where one belongs.
    pub(super) unit: &'a str,
    /// Labels of the places.
    pub(super) labels: Vec<String>,
    /// Where the places are, 0 to 1.
    pub(super) places: Vec<f64>,
    /// The lines.
    pub(super) series: Vec<(Who, Vec<Option<f64>>)>,
    /// How values become heights.
    pub(super) scale: Scale,
}

/// The axis of values.
pub(super) struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
    /// Values with a line and a label.
    pub(super) ticks: Vec<f64>,
}

impl Axis {
    /// An axis that has room for all values, with round figures on it.
    pub(super) fn new(values: impl Iterator<Item = f64>, scale: Scale) -> Self {
        let fit = |v: &f64| v.is_finite() && (scale == Scale::Linear || *v > 0.0);
        let (low, high) =
            values.filter(fit).fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low > high { (1.0, 1.0) } else { (low, high) };
        match scale {
            Scale::Linear => {
                let step = round_step(high.max(f64::MIN_POSITIVE) / 4.0);
                let count = (high / step - 1e-9).ceil().max(1.0);
                let ticks = (0..=count as u32).map(|n| f64::from(n) * step).collect();
                Self { low: 0.0, high: count * step, scale, ticks }
            }
            Scale::Log => {
                let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
                let last = last.max(first + 1);
                // More than five lines are too many; every second power of ten is enough then.
                let step = if last - first > 5 { 2 } else { 1 };
                let ticks = (first..=last).step_by(step).map(|p| 10_f64.powi(p)).collect();
                Self { low: 10_f64.powi(first), high: 10_f64.powi(last), scale, ticks }
            }
        }
    }

    /// The value's place on the axis, 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value / self.high).clamp(0.0, 1.0),
            Scale::Log => {
                let (low, high) = (self.low.log10(), self.high.log10());
                ((value.max(self.low).log10() - low) / (high - low)).clamp(0.0, 1.0)
            }
        }
    }
}

/// 1, 2 or 5 times a power of ten, not smaller than the value.
fn round_step(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * power >= value * 0.999).unwrap_or(10.0);
    factor * power
}

impl Lines<'_> {
    /// The figure; nothing where there is no value.
    pub(super) fn figure(&self) -> String {
        let values = || self.series.iter().flat_map(|(_, v)| v.iter().copied().flatten());
        if values().next().is_none() {
            return String::new();
        }
        let axis = Axis::new(values(), self.scale);
        let bottom = HEIGHT - BOTTOM;
        let x = |place: f64| LEFT + 12.0 + place * (WIDTH - LEFT - RIGHT - 24.0);
        let y = |value: f64| bottom - axis.place(value) * (bottom - TOP);
        let mut svg = String::new();
        for tick in &axis.ticks {
            let (at, label) = (y(*tick), short(*tick));
            let _ = write!(
                svg,
                r#"<line class="grid" x1="{LEFT}" x2="{:.0}" y1="{at:.1}" y2="{at:.1}"/><text x="{:.0}" y="{:.1}" text-anchor="end">{label}</text>"#,
                WIDTH - RIGHT,
                LEFT - 7.0,
                at + 4.0
            );
        }
        let mut free = f64::MIN;
        for (label, place) in self.labels.iter().zip(&self.places) {
            let at = x(*place);
            // Labels that would lie on one another are left out; the marks' titles have them all.
            let half = label.chars().count() as f64 * 3.4;
            if at - half > free {
                let _ = write!(
                    svg,
                    r#"<text x="{at:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                    bottom + 18.0,
                    Safe(label)
                );
                free = at + half + 4.0;
            }
        }
        let _ = write!(
            svg,
            r#"<line class="axis" x1="{LEFT}" x2="{:.0}" y1="{bottom}" y2="{bottom}"/><text x="{:.0}" y="{:.0}" text-anchor="middle">{}</text>"#,
            WIDTH - RIGHT,
            f64::midpoint(LEFT, WIDTH - RIGHT),
            HEIGHT - 5.0,
            Safe(self.x)
        );
        let ends = self.ends(&y);
        for ((who, values), end) in self.series.iter().zip(ends) {
            let points: Vec<(usize, f64, f64, f64)> = values
                .iter()
                .enumerate()
                .filter_map(|(n, v)| v.map(|v| (n, x(self.places[n]), y(v), v)))
                .collect();
            let path =
                points.iter().map(|(_, x, y, _)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
            let _ = write!(svg, r#"<g class="{}"><polyline class="line" points="{path}"/>"#, who.class());
            for (n, x, y, value) in &points {
                let title =
                    format!("{} {}, {}: {}{}", self.labels[*n], self.x, who.name(), short(*value), self.unit);
                svg += &who.mark(*x, *y, &title);
            }
            if let (Some((_, x, _, value)), Some(y)) = (points.last(), end) {
                let _ = write!(
                    svg,
                    r#"<text class="end" x="{:.1}" y="{:.1}">{}</text>"#,
                    x + 10.0,
                    y + 4.0,
                    short(*value)
                );
            }
            svg += "</g>";
        }
        figure(self.title, self.about, &self.words(), HEIGHT, &svg, self.series.iter().map(|(who, _)| *who))
    }

    /// Heights of the end figures, moved apart where they would lie on one another.
    fn ends(&self, y: &dyn Fn(f64) -> f64) -> Vec<Option<f64>> {
        let last = |v: &Vec<Option<f64>>| v.iter().rev().copied().flatten().next().map(y);
        let mut ends: Vec<Option<f64>> = self.series.iter().map(|(_, v)| last(v)).collect();
        if let [Some(a), Some(b)] = &mut ends[..]
            && (*a - *b).abs() < 15.0
        {
            let middle = f64::midpoint(*a, *b);
            let up = if *a <= *b { -7.5 } else { 7.5 };
            (*a, *b) = (middle + up, middle - up);
        }
        ends
    }

    /// The chart in words: what a screen reader says.
    fn words(&self) -> String {
        let mut out = String::new();
        for (who, values) in &self.series {
            let list: Vec<String> = self
                .labels
                .iter()
                .zip(values)
                .filter_map(|(label, v)| v.map(|v| format!("{label}: {}{}", short(v), self.unit)))
                .collect();
            let _ = write!(out, "{}, by {}: {}. ", capital(who.name()), self.x, list.join("; "));
        }
        out.trim_end().to_owned()
    }
}

/// The text with its first letter as a capital.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A drawing with its caption, its words and its legend.
pub(super) fn figure(
    title: &str,
    about: &str,
    words: &str,
    height: f64,
    svg: &str,
    legend: impl Iterator<Item = Who>,
) -> String {
    let entries: Vec<String> = legend
        .map(|who| {
            format!(
                r#"<li class="{}"><svg viewBox="0 0 26 12" aria-hidden="true"><line class="line" x1="1" x2="25" y1="6" y2="6"/>{}</svg>{}</li>"#,
                who.class(),
                who.mark(13.0, 6.0, ""),
                capital(who.name())
            )
        })
        .collect();
    let legend = if entries.is_empty() {
        String::new()
    } else {
        format!(r#"<ul class="legend">{}</ul>"#, entries.concat())
    };
    format!(
        r#"<figure><figcaption>{}<span>{}</span></figcaption><svg viewBox="0 0 {WIDTH} {height:.0}" role="img" aria-label="{}">{svg}</svg>{legend}</figure>"#,
        Safe(title),
        Safe(about),
        Safe(&format!("{title}. {words}"))
    )
}

/// Width of every drawing.
pub(super) const fn width() -> f64 {
    WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(scale: Scale) -> Lines<'static> {
        Lines {
            title: "A <chart>",
            about: "about",
            x: "users",
            unit: " ms",
            labels: vec!["1".into(), "10".into()],
            places: vec![0.0, 1.0],
            series: vec![(Who::Cache, vec![Some(0.5), Some(20.0)]), (Who::Database, vec![None, Some(21.0)])],
            scale,
        }
    }

    #[test]
    fn axes_have_round_figures_and_room_for_everything() {
        let axis = Axis::new([260_604.0].into_iter(), Scale::Linear);
        assert_eq!(axis.ticks, [0.0, 100_000.0, 200_000.0, 300_000.0]);
        assert!((0.86..0.88).contains(&axis.place(260_604.0)));
        let axis = Axis::new([0.04, 44.0].into_iter(), Scale::Log);
        assert_eq!(axis.ticks, [0.01, 0.1, 1.0, 10.0, 100.0]);
        assert_eq!(Axis::new(std::iter::empty(), Scale::Log).ticks.len(), 2);
        assert!(Axis::new([0.0].into_iter(), Scale::Linear).place(0.0).abs() < 1e-9);
    }

    #[test]
    fn a_chart_is_safe_told_in_words_and_keeps_its_end_figures_apart() {
        let text = lines(Scale::Log).figure();
        assert!(text.contains("A &lt;chart&gt;") && !text.contains("<chart>"));
        assert!(text.contains("Database alone, by users: 10: 21 ms."), "{text}");
        let ends = lines(Scale::Log).ends(&|v| v);
        assert!((ends[0].unwrap_or_default() - ends[1].unwrap_or_default()).abs() >= 14.9);
        let empty = Lines { series: vec![(Who::Cache, vec![None, None])], ..lines(Scale::Linear) };
        assert_eq!(empty.figure(), "");
    }
}
