//! What a service did over time, in slices of a tenth of a second, and how long it was degraded.

use recipe_walk_measurements::result::Degraded;
use std::time::Duration;

/// The length of a slice.
pub const SLICE: Duration = Duration::from_millis(100);
/// A request that takes so long is not served well, whatever its answer.
pub const SLOW: Duration = Duration::from_millis(250);
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
    /// A request that failed, went without the cache or took [`SLOW`] was on its way.
    pub troubled: bool,
}

/// How one request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// Answered as it should be.
    Well,
    /// Answered without the cache, or by a cache that did not take the write.
    WithoutCache,
    /// Not answered.
    Wrong,
}

impl Slice {
    /// Whether anybody noticed anything. Where nothing at all was answered, everybody was waiting.
    pub fn is_degraded(&self) -> bool {
        self.troubled || self.answered == 0
    }
}

/// Slices since the beginning.
#[derive(Debug, Default)]
pub struct Timeline {
    slices: Vec<Slice>,
}

impl Timeline {
    /// Counts a request that was asked and ended at these times since the start. What went wrong, went wrong in every
    /// slice between the two: its user waited all the while.
    pub fn count(&mut self, asked: Duration, ended: Duration, went: Went) {
        let (first, last) = (place(asked), place(ended));
        if self.slices.len() <= last {
            self.slices.resize(last + 1, Slice::default());
        }
        let slice = &mut self.slices[last];
        slice.answered += u64::from(went != Went::Wrong);
        slice.errors += u64::from(went == Went::Wrong);
        slice.without_cache += u64::from(went == Went::WithoutCache);
        if went != Went::Well || ended.saturating_sub(asked) >= SLOW {
            self.slices[first..=last].iter_mut().for_each(|slice| slice.troubled = true);
        }
    }

    /// Ends at this time since the start: slices without any request are there, and the last one, which may be too short
    /// for one, is not.
    pub fn end(&mut self, at: Duration) {
        self.slices.resize(place(at), Slice::default());
    }

    /// All slices.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// When the last degraded slice before `now` ended.
    pub fn last_degraded(&self, now: Duration) -> Option<Duration> {
        let present = place(now);
        // Slices that nobody has reached yet are silence.
        if present > self.slices.len() {
            return Some(SLICE * present as u32);
        }
        let past = &self.slices[..present.min(self.slices.len())];
        past.iter().rposition(Slice::is_degraded).map(|place| SLICE * (place as u32 + 1))
    }

    /// How long something was wrong.
    pub fn degraded(&self) -> Degraded {
        let seconds = |slices: usize| crate::measure::latency::round(slices as f64 * SLICE.as_secs_f64(), 1);
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

fn place(since_start: Duration) -> usize {
    ((since_start.as_millis() / SLICE.as_millis()) as usize).min(MOST - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Five seconds with an answer in each slice.
    fn calm() -> Timeline {
        let mut timeline = Timeline::default();
        for tenth in 0..50 {
            timeline.count(ms(tenth * 100), ms(tenth * 100 + 5), Went::Well);
        }
        timeline.end(ms(5_000));
        timeline
    }

    #[test]
    fn degraded_time_is_counted_in_slices() {
        let mut timeline = calm();
        assert_eq!(timeline.degraded(), Degraded::default());
        timeline.count(ms(1_040), ms(1_050), Went::Wrong);
        timeline.count(ms(1_480), ms(1_490), Went::WithoutCache);
        let degraded = timeline.degraded();
        assert_eq!((degraded.seconds, degraded.error_seconds), (0.2, 0.1));
        assert_eq!((degraded.span_seconds, degraded.first_s), (0.5, Some(1.0)));
        assert_eq!(timeline.last_degraded(ms(3_000)), Some(ms(1_500)));
        assert_eq!(timeline.throughput(5), [10, 11, 10, 10, 10]);
    }

    #[test]
    fn whoever_waits_is_degraded_from_asking_to_the_end() {
        // A second of waiting for an answer that went past the cache.
        let mut timeline = calm();
        timeline.count(ms(1_050), ms(2_010), Went::WithoutCache);
        assert!((timeline.degraded().seconds - 1.1).abs() < 1e-9, "{:?}", timeline.degraded());
        // A right answer that came late, and one that did not.
        let mut timeline = calm();
        timeline.count(ms(1_000), ms(1_249), Went::Well);
        assert!(timeline.degraded().seconds.abs() < 1e-9);
        timeline.count(ms(1_000), ms(1_250), Went::Well);
        assert!((timeline.degraded().seconds - 0.3).abs() < 1e-9, "{:?}", timeline.degraded());
    }

    #[test]
    fn silence_is_degraded() {
        let mut timeline = Timeline::default();
        timeline.count(ms(0), ms(10), Went::Well);
        timeline.count(ms(500), ms(510), Went::Well);
        timeline.end(ms(850));
        // 100 to 500, and 600 to 800.
        assert!((timeline.degraded().seconds - 0.6).abs() < 1e-9, "{:?}", timeline.degraded());
        let mut timeline = Timeline::default();
        timeline.count(ms(0), ms(10), Went::Well);
        assert_eq!(timeline.last_degraded(ms(50)), None, "the present slice may still get its answer");
        assert_eq!(timeline.last_degraded(ms(250)), Some(ms(200)));
    }

    #[test]
    fn long_runs_have_a_bounded_number_of_slices() {
        let mut timeline = Timeline::default();
        timeline.count(ms(0), Duration::from_secs(1_000_000), Went::Well);
        assert_eq!(timeline.slices().len(), MOST);
        assert!(timeline.throughput(60).len() <= 60);
    }
}
