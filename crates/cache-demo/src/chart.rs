//! Charts as text: a latency histogram and throughput over time.

use crate::measure::Recorder;
use crate::table::grouped;

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

/// A bar for each range of latencies, each range wider than the last by the same factor.
pub fn histogram(recorder: &Recorder) -> String {
    if recorder.is_empty() {
        return String::new();
    }
    let (low, high) = (recorder.quantile_ms(0.0).max(0.001), recorder.quantile_ms(1.0).max(0.002));
    let factor = (high / low).max(1.01).powf(1.0 / ROWS as f64);
    // The last edge is the largest value itself, whatever rounding has made of the others.
    let edges: Vec<f64> = (1..ROWS as i32).map(|row| low * factor.powi(row)).chain([f64::INFINITY]).collect();
    let mut counts = Vec::with_capacity(ROWS);
    let mut below = 0;
    for edge in &edges {
        let upto = recorder.count_upto_ms(*edge);
        counts.push(upto.saturating_sub(below));
        below = upto;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut text = String::new();
    for (edge, count) in edges.iter().zip(counts) {
        let bar = "■".repeat((count * WIDTH).div_ceil(most) as usize);
        let edge = edge.min(high);
        text += &format!("  to {edge:>9.3} ms  {:>10}  {bar}", grouped(count));
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
        let text = histogram(&recorder);
        assert_eq!(text.lines().count(), ROWS);
        let total: u64 = text
            .lines()
            .filter_map(|line| line.split("ms").nth(1)?.split_whitespace().next()?.parse::<u64>().ok())
            .sum();
        assert_eq!(total, 6, "{text}");
        assert_eq!(histogram(&Recorder::new()), "");
    }
}
