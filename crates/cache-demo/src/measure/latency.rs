//! Latencies: recorded into a histogram, reported in milliseconds with three decimals.

use hdrhistogram::Histogram;
use recipe_walk_measurements::Latencies;
use recipe_walk_measurements::chart::Bar;
use std::time::Duration;

/// From a microsecond (smaller is recorded as that) to ten minutes, three significant digits, in nanoseconds.
const LOWEST: u64 = 1_000;
const HIGHEST: u64 = 600_000_000_000;

/// Ranges of a histogram.
const RANGES: usize = 10;

/// Collects latencies in constant memory, about 100 KB; one for a whole stage, not one for each user.
#[derive(Debug, Clone)]
pub struct Recorder {
    histogram: Histogram<u32>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder {
    /// Nothing recorded yet.
    pub fn new() -> Self {
        // The bounds are constants that the library accepts (low >= 1, high >= 2 low, digits <= 5).
        let histogram = Histogram::new_with_bounds(LOWEST, HIGHEST, 3);
        Self { histogram: histogram.unwrap_or_else(|_| unreachable!("the bounds are valid")) }
    }

    /// Records one latency; longer than ten minutes counts as ten minutes.
    pub fn record(&mut self, latency: Duration) {
        self.histogram.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Adds all of `other`.
    pub fn add(&mut self, other: &Self) {
        // Equal bounds always add.
        let _ = self.histogram.add(&other.histogram);
    }

    /// How many latencies.
    pub fn len(&self) -> u64 {
        self.histogram.len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.histogram.is_empty()
    }

    /// Median in milliseconds, not rounded.
    pub fn median_ms(&self) -> f64 {
        self.quantile_ms(0.5)
    }

    /// The percentiles, rounded to microseconds.
    pub fn summary(&self) -> Latencies {
        Latencies {
            samples: self.len(),
            p50_ms: round(self.quantile_ms(0.50), 3),
            p95_ms: round(self.quantile_ms(0.95), 3),
            p99_ms: round(self.quantile_ms(0.99), 3),
            p999_ms: round(self.quantile_ms(0.999), 3),
            max_ms: round(self.quantile_ms(1.0), 3),
        }
    }

    /// How many latencies are at most `ms` milliseconds.
    pub fn count_upto_ms(&self, ms: f64) -> u64 {
        if ms.is_infinite() {
            return self.len();
        }
        let nanos = (ms * 1e6) as u64;
        self.histogram
            .iter_recorded()
            .take_while(|value| value.value_iterated_to() <= nanos)
            .map(|v| v.count_at_value())
            .map(u64::from)
            .sum()
    }

    /// Ranges of latencies, each wider than the last by the same factor; none for no latencies.
    pub fn ranges(&self) -> Vec<Bar> {
        if self.is_empty() {
            return Vec::new();
        }
        let (low, high) = (self.quantile_ms(0.0).max(0.001), self.quantile_ms(1.0).max(0.002));
        let factor = (high / low).max(1.01).powf(1.0 / RANGES as f64);
        // The last edge is the largest value itself, whatever rounding has made of the others.
        let edges: Vec<f64> =
            (1..RANGES as i32).map(|row| low * factor.powi(row)).chain([f64::INFINITY]).collect();
        let mut below = 0;
        edges
            .into_iter()
            .map(|edge| {
                let upto = self.count_upto_ms(edge);
                let count = upto.saturating_sub(below);
                below = upto;
                Bar { to_ms: round(edge.min(high), 3), count }
            })
            .collect()
    }

    /// A quantile (0 to 1) in milliseconds, not rounded.
    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        self.histogram.value_at_quantile(quantile) as f64 / 1e6
    }
}

/// Rounds to `digits` decimals; what is not a number becomes 0, which JSON can carry.
pub fn round(value: f64, digits: u32) -> f64 {
    let scale = 10_f64.powi(digits as i32);
    let rounded = (value * scale).round() / scale;
    if rounded.is_finite() { rounded } else { 0.0 }
}

/// The middle value; 0 of nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => 0.0,
        (n, middle) if n % 2 == 1 => sorted[middle],
        (_, middle) => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_within_a_thousandth() {
        let mut recorder = Recorder::new();
        for us in 1..=10_000 {
            recorder.record(Duration::from_micros(us));
        }
        let summary = recorder.summary();
        assert_eq!(summary.samples, 10_000);
        for (got, wanted) in [(summary.p50_ms, 5.0), (summary.p95_ms, 9.5), (summary.p99_ms, 9.9)] {
            assert!((got - wanted).abs() <= wanted / 1000.0 + 0.001, "{got} {wanted}");
        }
    }

    #[test]
    fn extremes_are_kept_in_bounds() {
        let mut recorder = Recorder::new();
        recorder.record(Duration::ZERO);
        recorder.record(Duration::from_secs(10_000));
        assert_eq!(recorder.len(), 2);
        assert!(recorder.summary().p99_ms > 590_000.0);
        assert!(Recorder::new().summary().p50_ms.abs() < f64::EPSILON);
    }

    #[test]
    fn ranges_count_everything_once() {
        let mut recorder = Recorder::new();
        for us in [50, 60, 70, 80, 1_000, 50_000] {
            recorder.record(Duration::from_micros(us));
        }
        let ranges = recorder.ranges();
        assert_eq!((ranges.len(), ranges.iter().map(|bar| bar.count).sum::<u64>()), (RANGES, 6));
        assert!(Recorder::new().ranges().is_empty());
    }

    #[test]
    fn median_of_even_counts_lies_between_the_middle_two() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
        assert!(round(f64::NAN, 3).abs() < f64::EPSILON);
    }
}
