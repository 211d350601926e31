//! A promotion under load: what do users notice, what is stale, what is lost?

use crate::cache::Circuit;
use crate::chart::{Chart, Course};
use crate::failure::Message;
use crate::format::{figure_or_count, short, with_unit};
use crate::noise::Noise;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// The result of `failover`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failover {
    /// Whether another server answered at the primary's address in the end.
    pub promoted: bool,
    /// When it was first seen, seconds from the start.
    pub promoted_at_s: Option<f64>,
    /// How long it all took.
    pub seconds: f64,
    /// Concurrent users.
    pub users: u32,
    /// Requests that were answered.
    pub requests: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Requests that failed.
    pub errors: u64,
    /// The same by what they said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_messages: Vec<Message>,
    /// How long users or the database noticed something.
    pub degraded: Degraded,
    /// Median of reads, milliseconds.
    pub read_p50_ms: f64,
    /// 99th percentile of reads.
    pub read_p99_ms: f64,
    /// The longest read.
    pub read_max_ms: f64,
    /// Reads that the database answered because the cache could not be asked.
    pub without_cache: u64,
    /// How often the circuit around the cache opened.
    pub circuit_openings: u64,
    /// Its state at the end.
    #[serde(default)]
    pub circuit: Circuit,
    /// How often the circuit around the database opened.
    #[serde(default)]
    pub database_circuit_openings: u64,
    /// Its state at the end.
    #[serde(default)]
    pub database_circuit: Circuit,
    /// How long the cache's circuit was not closed.
    pub circuit_open_seconds: f64,
    /// Reads from the reader endpoint.
    pub reader_reads: u64,
    /// Of these, stale ones.
    pub reader_stale: u64,
    /// Of these, those that failed there and were answered otherwise.
    pub reader_fallbacks: u64,
    /// Answers older than what the database had confirmed when they were asked for.
    pub stale_reads: u64,
    /// Their age, median.
    pub stale_p50_ms: f64,
    /// The oldest.
    pub stale_max_ms: f64,
    /// Writes that the old primary confirmed and the new one does not have: replication is asynchronous.
    pub lost_writes: u64,
    /// How long the oldest of them had been confirmed.
    pub lost_oldest_ms: f64,
    /// Writes that the database took and the cache did not confirm; their keys were removed later.
    pub unconfirmed_writes: u64,
    /// Answers that nobody ever wrote; must be 0.
    pub never_written: u64,
    /// What happened when.
    pub events: Vec<Event>,
    /// Answers over time, in at most 60 equal spans.
    pub throughput: Vec<u64>,
    /// Whether the machine was busy; what is uneven here is the failover itself.
    #[serde(default)]
    pub noise: Noise,
}

/// How long something was wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Degraded {
    /// Seconds in which a user saw an error, waited long, was answered without the cache, or nothing was answered.
    pub seconds: f64,
    /// Of these, seconds in which a user saw an error.
    pub error_seconds: f64,
    /// Seconds from the first to the last of them.
    pub span_seconds: f64,
    /// When the first began, seconds from the start; none where there was none.
    pub first_s: Option<f64>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// Seconds from the start.
    pub at_s: f64,
    /// What.
    pub what: String,
}

impl Failover {
    /// What users noticed.
    pub fn table(&self) -> Table {
        let mut table = Table::new(&["What users noticed", "Measured>"]);
        let counted = |count: u64| with_unit(count as f64, "");
        table.row(["requests", &counted(self.requests)]);
        table.row(["errors", &counted(self.errors)]);
        table.row(["seconds of degraded service", &figure_or_count(self.degraded.seconds)]);
        table.row(["answered without the cache", &counted(self.without_cache)]);
        table.row(["circuit breaker opened", &counted(self.circuit_openings)]);
        table.row(["slowest read", &with_unit(self.read_max_ms, "ms")]);
        table.row(["stale reads", &counted(self.stale_reads)]);
        table.row(["oldest of them", &with_unit(self.stale_max_ms, "ms")]);
        table.row(["lost writes", &counted(self.lost_writes)]);
        table.row(["values that nobody wrote", &counted(self.never_written)]);
        table
    }

    /// Requests a second while the replica was promoted; nothing where it was over at once.
    pub fn chart(&self) -> Option<Chart> {
        if self.throughput.len() < 3 {
            return None;
        }
        let seconds = self.seconds.max(1.0);
        let slot = seconds / self.throughput.len() as f64;
        let values: Vec<f64> = self.throughput.iter().map(|count| *count as f64 / slot).collect();
        let least = values.iter().copied().fold(f64::MAX, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        let between = format!("Between {} and {} requests a second. ", short(least), short(most));
        let promoted = self.promoted_at_s;
        let promoted = promoted.map(|at| format!("The replica was promoted after {} seconds.", short(at)));
        Some(Chart::Course(Course {
            title: "What users noticed of the failover".into(),
            about: "Requests answered a second; the dashed line: the replica is the primary now".into(),
            words: between + &promoted.unwrap_or_default(),
            seconds,
            values,
            event: self.promoted_at_s.map(|at| (at, "promoted".into())),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_marks_the_promotion() {
        let failover = Failover {
            seconds: 4.0,
            promoted_at_s: Some(2.5),
            throughput: vec![10, 20, 0, 30],
            ..Failover::default()
        };
        let Some(Chart::Course(course)) = failover.chart() else { panic!("a course") };
        assert_eq!(course.event, Some((2.5, "promoted".into())));
        assert_eq!(
            course.words,
            "Between 0 and 30 requests a second. The replica was promoted after 2.5 seconds."
        );
        assert_eq!(Failover::default().chart(), None);
    }
}
