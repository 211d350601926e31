//! The cases of an experiment with shoppers, which take turns: A B A B, so that a disturbance hits all of them.

use crate::cache::Cache;
use crate::counted::Counted;
use crate::counters::Counts;
use crate::error::Failure;
use crate::experiment::Experiment;
use crate::mysql_side::MysqlSide;
use crate::patterns::run_prefix;
use crate::session::Session;
use crate::shoppers::{Rule, Shoppers, Tally};
use crate::write_through::figures;
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
    experiment.judge_noise(&slots, &medians);
    match ended {
        Some(failure) if cases.is_empty() => Err(failure),
        ended => {
            experiment.error = ended;
            Ok(())
        }
    }
}
