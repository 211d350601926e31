//! The cases of an experiment with shoppers, which take turns: A B A B, so that a disturbance hits all of them.

use crate::cache::aside::Cache;
use crate::cache::counters::Counts;
use crate::engines::mysql_side::MysqlSide;
use crate::error::Failure;
use crate::measure::counted::Counted;
use crate::measure::noise;
use crate::session::{Session, run_prefix};
use crate::shop::shoppers::{Rule, Shoppers, Tally};
use recipe_walk_measurements::result::Experiment;
use std::sync::Arc;
use std::time::Duration;

/// How often each case has its turn.
pub(crate) const TURNS: u32 = 2;

/// A case and what it added up to.
pub(crate) struct Case {
    name: String,
    cache: Arc<Cache>,
    rule: Rule,
    /// Of each turn, before it counts.
    warm_up: Duration,
    tally: Tally,
    counts: Counts,
    /// SELECT statements, by the database's own counter.
    selects: Counted,
    /// Median read of each turn, in milliseconds.
    medians: Vec<f64>,
}

impl Case {
    /// A case with a cache of its own.
    pub(crate) fn new(name: impl Into<String>, cache: Cache, rule: Rule, warm_up: Duration) -> Self {
        Self {
            name: name.into(),
            cache: Arc::new(cache),
            rule,
            warm_up,
            tally: Tally::default(),
            counts: Counts::default(),
            selects: Counted::default(),
            medians: Vec::new(),
        }
    }

    /// One turn, with keys of its own: the cases write to the same rows, so versions begin anew.
    async fn turn(&mut self, session: &Session, observer: &MysqlSide, time: Duration) -> Result<(), Failure> {
        let caches = vec![Arc::clone(&self.cache)];
        let shoppers = Arc::new(Shoppers::new(session, &run_prefix(), caches, self.rule.clone()).await?);
        let users = session.tuning.users[0];
        shoppers.run(session, &self.name, users, self.warm_up).await;
        drop(shoppers.finish()?);
        let (selects, counts) = (observer.selects().await?, self.cache.counters().counts());
        shoppers.run(session, &self.name, users, time).await;
        let selects = observer.selects().await.map(|now| now.saturating_sub(selects));
        self.counts = self.counts.plus(&self.cache.counters().counts().since(&counts));
        let tally = shoppers.finish()?;
        self.selects.add(&selects);
        self.medians.push(tally.reads.median_ms());
        self.tally.add(&tally);
        shoppers.shop.clear(&session.redis).await?;
        selects.map(|_| ())
    }
}

/// Lets all cases take their turns, `time` each in all, and puts their figures into the experiment. What ends it early is
/// noted there; an error is a failure before anything was measured.
pub(crate) async fn run(
    session: &Session,
    experiment: &mut Experiment,
    mut cases: Vec<Case>,
    time: Duration,
) -> Result<(), Failure> {
    let observer = session.observer().await?;
    let mut ended = None;
    'turns: for _ in 0..TURNS {
        for case in &mut cases {
            if session.stop.is_requested() {
                break 'turns;
            }
            if let Err(failure) = case.turn(session, &observer, time / TURNS).await {
                ended = Some(failure);
                break 'turns;
            }
        }
    }
    cases.retain(|case| !case.medians.is_empty());
    for case in &cases {
        experiment.case(case.name.clone(), &figures(&case.tally, &case.counts, case.selects.known()));
    }
    let slots: Vec<&[u64]> = cases.iter().map(|case| case.tally.slots.as_slice()).collect();
    let medians: Vec<Vec<f64>> = cases.iter().map(|case| case.medians.clone()).collect();
    experiment.noise = noise::judge_load(&slots, &medians);
    match ended {
        Some(failure) if cases.is_empty() => Err(failure),
        ended => {
            experiment.error = ended;
            Ok(())
        }
    }
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
