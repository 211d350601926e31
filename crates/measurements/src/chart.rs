//! Charts as data: what is on the axes, and what the marks say. Whoever shows one decides where a value lies on the paper.

use serde::{Deserialize, Serialize};

/// Who answered; whoever draws it gives each a colour and a mark of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// With the cache.
    Cache,
    /// The database alone.
    Database,
}

impl Side {
    /// What it is called in a legend.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "with the cache",
            Self::Database => "database alone",
        }
    }
}

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// From nothing up.
    Linear,
    /// By powers of ten.
    Log,
}

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Lines over some places on the horizontal axis.
    Lines(Lines),
    /// For each row where each side lies, and how far it reaches.
    Reaches(Reaches),
    /// One quantity over time.
    Course(Course),
}

/// Lines over some places on the horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// What it shows.
    pub title: String,
    /// What is on the axes.
    pub about: String,
    /// The horizontal axis' name.
    pub x: String,
    /// Unit of the values.
    pub unit: String,
    /// Labels of the places.
    pub labels: Vec<String>,
    /// Where the places are, 0 to 1.
    pub places: Vec<f64>,
    /// The lines, with a value for each place.
    pub series: Vec<(Side, Vec<Option<f64>>)>,
    /// How values become heights.
    pub scale: Scale,
}

/// For each row where each side lies, and how far it reaches; milliseconds on a logarithmic axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaches {
    /// What it shows.
    pub title: String,
    /// What marks and bands mean.
    pub about: String,
    /// The rows.
    pub rows: Vec<Reach>,
}

/// A row of [`Reaches`].
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// What it is.
    pub name: String,
    /// What stands at its end.
    pub note: String,
    /// The sides: from where to where, milliseconds, with words that say the same.
    pub sides: Vec<(Side, f64, f64, String)>,
}

/// One quantity over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// What it shows.
    pub title: String,
    /// What is on the axes.
    pub about: String,
    /// The chart in words.
    pub words: String,
    /// How long it took, seconds.
    pub seconds: f64,
    /// The values, at equal distances.
    pub values: Vec<f64>,
    /// What happened in between: when, in seconds, and what.
    pub event: Option<(f64, String)>,
}

/// How many latencies lie in one range; the first begins at 0, the others where the one before ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bar {
    /// Its end, milliseconds.
    pub to_ms: f64,
    /// How many.
    pub count: u64,
}

/// A histogram as lines of text: the range's end and its count, and a bar of at most `room` marks; no bars without a mark.
pub fn histogram(bars: &[Bar], room: usize, mark: Option<char>) -> String {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let lines = bars.iter().map(|bar| {
        let (to, count) = (crate::format::figure(bar.to_ms), crate::format::count(bar.count));
        let Some(mark) = mark else { return format!("  up to {to} ms: {count}") };
        let marks = bar.count.saturating_mul(room as u64).div_ceil(most) as usize;
        let drawn = String::from(mark).repeat(marks.min(room));
        format!("  up to {to:>6} ms  {count:>11}  {drawn}").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Places at equal distances, 0 to 1.
pub(crate) fn evenly(count: usize) -> Vec<f64> {
    (0..count).map(|n| n as f64 / (count.max(2) - 1) as f64).collect()
}

/// Places by the logarithm, where all are above nothing and rise; else evenly.
pub(crate) fn by_magnitude(values: &[f64]) -> Vec<f64> {
    let rising = values.windows(2).all(|pair| pair[0] < pair[1]);
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return Vec::new() };
    if !rising || *first <= 0.0 || values.len() < 2 {
        return evenly(values.len());
    }
    let (low, high) = (first.ln(), last.ln());
    values.iter().map(|v| (v.ln() - low) / (high - low)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_lie_by_their_magnitude() {
        let places = by_magnitude(&[1.0, 10.0, 100.0]);
        assert!((places[1] - 0.5).abs() < 1e-9 && (places[2] - 1.0).abs() < 1e-9, "{places:?}");
        assert_eq!(by_magnitude(&[0.0, 10.0, 100.0]), [0.0, 0.5, 1.0]);
        assert_eq!(by_magnitude(&[10.0]), [0.0]);
        assert!(by_magnitude(&[]).is_empty());
    }

    #[test]
    fn a_histogram_has_bars_or_only_words() {
        let bars = [Bar { to_ms: 0.512, count: 123_456 }, Bar { to_ms: 31.5, count: 7 }];
        let drawn = histogram(&bars, 40, Some('■'));
        let lines: Vec<&str> = drawn.lines().collect();
        assert!(lines[0].ends_with(&"■".repeat(40)) && lines[1].ends_with("7  ■"), "{drawn}");
        assert_eq!(histogram(&bars, 40, None), "  up to 0.512 ms: 123,456\n  up to 31.5 ms: 7");
        assert_eq!(histogram(&[], 40, None), "");
    }
}
