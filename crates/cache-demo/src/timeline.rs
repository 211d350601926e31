//! What a service did over time, in slices of a tenth of a second, and how long it was degraded.

use serde::Serialize;
use std::time::Duration;

/// The length of a slice.
pub const SLICE: Duration = Duration::from_millis(100);
/// Slices that are kept: an hour.
const MOST: usize = 36_000;

/// One slice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slice {
    /// Requests answered.
    pub answered: u64,
    /// Requests that failed: users saw an error.
    pub errors: u64,
    /// Answered, but without the cache or by a cache that did not take the write.
    pub without_cache: u64,
}

impl Slice {
    /// Whether anybody noticed anything.
    pub fn is_degraded(&self) -> bool {
        self.errors > 0 || self.without_cache > 0
    }
}

/// Slices since the beginning.
#[derive(Debug, Default)]
pub struct Timeline {
    slices: Vec<Slice>,
}

/// How long something was wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Degraded {
    /// Seconds with at least one request that failed or went without the cache.
    pub seconds: f64,
    /// Of these, seconds in which a user saw an error.
    pub error_seconds: f64,
    /// Seconds from the first to the last of them.
    pub span_seconds: f64,
    /// When the first began, seconds from the start; none where there was none.
    pub first_s: Option<f64>,
}

impl Timeline {
    /// The slice of a moment, counted from the start.
    pub fn at(&mut self, since_start: Duration) -> &mut Slice {
        let place = ((since_start.as_millis() / SLICE.as_millis()) as usize).min(MOST - 1);
        if self.slices.len() <= place {
            self.slices.resize(place + 1, Slice::default());
        }
        &mut self.slices[place]
    }

    /// All slices.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// When the last request failed or went without the cache.
    pub fn last_degraded(&self) -> Option<Duration> {
        self.slices.iter().rposition(Slice::is_degraded).map(|place| SLICE * (place as u32 + 1))
    }

    /// How long something was wrong.
    pub fn degraded(&self) -> Degraded {
        let seconds = |slices: usize| crate::measure::round(slices as f64 * SLICE.as_secs_f64(), 1);
        let first = self.slices.iter().position(Slice::is_degraded);
        let last = self.slices.iter().rposition(Slice::is_degraded);
        Degraded {
            seconds: seconds(self.slices.iter().filter(|slice| slice.is_degraded()).count()),
            error_seconds: seconds(self.slices.iter().filter(|slice| slice.errors > 0).count()),
            span_seconds: first.zip(last).map_or(0.0, |(first, last)| seconds(last - first + 1)),
            first_s: first.map(seconds),
        }
    }

    /// Answers in each of at most `columns` equal spans, for a chart.
    pub fn throughput(&self, columns: usize) -> Vec<u64> {
        let width = self.slices.len().div_ceil(columns.max(1)).max(1);
        self.slices.chunks(width).map(|slices| slices.iter().map(|slice| slice.answered).sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degraded_time_is_counted_in_slices() {
        let mut timeline = Timeline::default();
        for tenth in 0..50 {
            timeline.at(SLICE * tenth).answered += 10;
        }
        assert_eq!(timeline.degraded(), Degraded::default());
        timeline.at(Duration::from_millis(1_050)).errors += 1;
        timeline.at(Duration::from_millis(1_490)).without_cache += 1;
        let degraded = timeline.degraded();
        assert_eq!((degraded.seconds, degraded.error_seconds), (0.2, 0.1));
        assert_eq!((degraded.span_seconds, degraded.first_s), (0.5, Some(1.0)));
        assert_eq!(timeline.last_degraded(), Some(Duration::from_millis(1_500)));
        assert_eq!(timeline.throughput(5), [100; 5]);
    }

    #[test]
    fn it_is_bounded() {
        let mut timeline = Timeline::default();
        timeline.at(Duration::from_secs(1_000_000)).answered += 1;
        assert_eq!(timeline.slices().len(), MOST);
        assert!(timeline.throughput(60).len() <= 60);
    }
}
