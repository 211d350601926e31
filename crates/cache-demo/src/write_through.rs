//! `write-through`: what a write does to its key: remove it, so that the next reader loads it, or replace the value.

use crate::counters::Counts;
use crate::error::Failure;
use crate::experiment::Experiment;
use crate::session::Session;
use crate::shoppers::{Rule, Tally};
use crate::turns::{self, Case};

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    session.require_data().await?;
    let mut experiment = Experiment::new(
        "After a write: remove the cached value (cache-aside), or replace it (write-through)?",
    );
    // Filled before it counts: the cold start is another experiment's.
    let warm_up = session.tuning.stage / 4;
    let cases = [("cache-aside", Rule::Invalidate), ("write-through", Rule::Replace)]
        .map(|(name, rule)| Case::new(name, session.cache(), rule, warm_up));
    turns::run(session, &mut experiment, cases.into(), session.tuning.stage).await?;
    if let (Some(aside), Some(through)) = (experiment.value("misses", 0), experiment.value("misses", 1)) {
        experiment.conclude(format!(
            "Replacing spared the readers {:.0} of {aside:.0} misses: a written key is still there for the next one.",
            (aside - through).max(0.0)
        ));
        experiment.conclude(
            "It also stores what nobody may read, and two writers can store in another order than the database: the demo writes one at a time for each key.",
        );
    }
    Ok(experiment)
}

/// The figures that experiments with shoppers have in common.
pub(crate) fn figures(
    tally: &Tally,
    counts: &Counts,
    database_queries: Option<u64>,
) -> Vec<(&'static str, &'static str, &'static str, Option<f64>)> {
    let (reads, writes, stale) = (tally.reads.summary(), tally.writes.summary(), tally.stale.summary());
    let percent = |part: u64, all: u64| (all > 0).then(|| part as f64 * 100.0 / all as f64);
    let some = |value: f64| Some(value);
    let hits = counts.hits + counts.local_hits;
    vec![
        ("reads", "reads", "", some(reads.samples as f64)),
        ("writes", "writes", "", some(writes.samples as f64)),
        ("errors", "errors", "", some(tally.failures.count() as f64)),
        ("hit_percent", "hits", "%", percent(hits, counts.lookups())),
        ("misses", "misses", "", some(counts.misses as f64)),
        ("bypassed", "past the cache", "", some(counts.bypassed as f64)),
        ("database_queries", "database queries", "", database_queries.map(|n| n as f64)),
        ("read_p50", "read p50", "ms", some(reads.p50_ms)),
        ("read_p99", "read p99", "ms", some(reads.p99_ms)),
        ("write_p50", "write p50", "ms", (writes.samples > 0).then_some(writes.p50_ms)),
        ("stale_reads", "stale reads", "", some(stale.samples as f64)),
        ("stale_percent", "of all reads", "%", percent(stale.samples, reads.samples)),
        ("stale_p50", "stale for, p50", "ms", (stale.samples > 0).then_some(stale.p50_ms)),
        ("stale_p99", "stale for, p99", "ms", (stale.samples > 0).then_some(stale.p99_ms)),
        ("stale_max", "stale for, at most", "ms", (stale.samples > 0).then_some(stale.max_ms)),
        ("never_written", "values never written", "", some(tally.never_written as f64)),
    ]
}
