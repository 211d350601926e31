//! Charts as text: a latency histogram and throughput over time.

use crate::measure::latency::{Recorder, round};
use crate::measure::table::grouped;
use serde::Serialize;

/// Bars, lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Rows of a histogram, and the width of its longest bar.
const ROWS: usize = 10;
const WIDTH: u64 = 40;

/// One character a value, by its share of the largest.
pub fn sparkline(values: &[u64]) -> String {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    values
        .iter()
        .map(|value| {
            let step = (value * BARS.len() as u64).div_ceil(most).clamp(1, BARS.len() as u64);
            BARS[step as usize - 1]
        })
        .collect()
}

/// How many latencies lie in one range; the first begins at 0, the others where the one before ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// Its end, milliseconds.
    pub to_ms: f64,
    /// How many.
    pub count: u64,
}

/// Ranges of latencies, each wider than the last by the same factor; none for no latencies.
pub fn bars(recorder: &Recorder) -> Vec<Bar> {
    if recorder.is_empty() {
        return Vec::new();
    }
    let (low, high) = (recorder.quantile_ms(0.0).max(0.001), recorder.quantile_ms(1.0).max(0.002));
    let factor = (high / low).max(1.01).powf(1.0 / ROWS as f64);
    // The last edge is the largest value itself, whatever rounding has made of the others.
    let edges: Vec<f64> = (1..ROWS as i32).map(|row| low * factor.powi(row)).chain([f64::INFINITY]).collect();
    let mut below = 0;
    edges
        .into_iter()
        .map(|edge| {
            let upto = recorder.count_upto_ms(edge);
            let count = upto.saturating_sub(below);
            below = upto;
            Bar { to_ms: round(edge.min(high), 3), count }
        })
        .collect()
}

/// The ranges as bars.
pub fn histogram(bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let mut text = String::new();
    for Bar { to_ms: edge, count } in bars {
        let bar = "■".repeat((count * WIDTH).div_ceil(most) as usize);
        text += &format!("  to {edge:>9.3} ms  {:>10}  {bar}", grouped(*count));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn sparklines_show_shape() {
        assert_eq!(sparkline(&[0, 4, 8]), "▁▄█");
        assert_eq!(sparkline(&[0, 0]), "▁▁");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn a_histogram_counts_everything_once() {
        let mut recorder = Recorder::new();
        for us in [50, 60, 70, 80, 1_000, 50_000] {
            recorder.record(Duration::from_micros(us));
        }
        let bars = bars(&recorder);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), 6);
        let text = histogram(&bars);
        assert_eq!(text.lines().count(), ROWS);
        let total: u64 = text
            .lines()
            .filter_map(|line| line.split("ms").nth(1)?.split_whitespace().next()?.parse::<u64>().ok())
            .sum();
        assert_eq!(total, 6, "{text}");
        assert_eq!(histogram(&super::bars(&Recorder::new())), "");
    }
}
