//! `warming`: a cache that starts empty, and one that was filled from a list of hot keys before the shop opened.

use crate::cache::aside::Cache;
use crate::cache::counters::Counts;
use crate::commands::interleave::TURNS;
use crate::commands::load::{clear, phase};
use crate::engines::mysql_side::MysqlSide;
use crate::error::Failure;
use crate::measure::counted::Counted;
use crate::measure::latency::median;
use crate::measure::noise;
use crate::random::Zipf;
use crate::session::{Session, explain_unavailable, load_encoded};
use crate::shop::dataset::{PRODUCT_COUNT, product_of_rank};
use crate::shop::load_users::{Arrivals, LoadUsers, Tally, Workload};
use crate::shop::queries::Query;
use recipe_walk_measurements::result::Experiment;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Keys of the list: the hottest fifth.
const HOT: u32 = 2_000;
/// Arrivals a second when the shop opens. A fixed rate, so that both cases get the same requests.
const RATE: u32 = 2_000;

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    session.require_data().await?;
    let observer = session.observer().await?;
    let mut experiment = Experiment::new("The shop opens: empty cache, or the hot keys loaded before?");
    let mut sides = [Side::default(), Side::default()];
    let mut ended = None;
    'turns: for _ in 0..TURNS {
        for (side, warm) in sides.iter_mut().zip([false, true]) {
            if session.stop.is_requested() {
                break 'turns;
            }
            if let Err(failure) = side.turn(session, &observer, warm).await {
                ended = Some(failure);
                break 'turns;
            }
        }
    }
    for (side, name) in sides.iter().zip(["cold", "warmed"]).filter(|(side, _)| !side.medians.is_empty()) {
        let summary = side.tally.recorder.summary();
        let lookups = side.counts.lookups().max(1);
        experiment.case(
            name,
            &[
                ("warm_up", "warming took, median", "ms", (name == "warmed").then(|| median(&side.warm_ups))),
                (
                    "warm_up_queries",
                    "database queries of one warming",
                    "",
                    Some(median(&side.warm_up_queries)),
                ),
                ("requests", "requests", "", Some(side.tally.done as f64)),
                ("errors", "errors", "", Some(side.tally.failures.count() as f64)),
                ("hit_percent", "hits", "%", Some(side.counts.hits as f64 * 100.0 / lookups as f64)),
                ("database_queries", "database queries", "", side.selects.known().map(|n| n as f64)),
                ("p50", "p50", "ms", Some(summary.p50_ms)),
                ("p95", "p95", "ms", Some(summary.p95_ms)),
                ("p99", "p99", "ms", Some(summary.p99_ms)),
                ("p999", "p99.9", "ms", Some(summary.p999_ms)),
            ],
        );
    }
    if let (None, Err(failure)) = (&ended, clear(session, Query::ProductPage).await) {
        ended = Some(failure);
    }
    if let (Some(cold), Some(warm)) =
        (experiment.value("database_queries", 0), experiment.value("database_queries", 1))
    {
        experiment.conclude(format!(
            "While customers wait: {cold:.0} database queries became {warm:.0}. The others ran before, at a pace of our choice."
        ));
    }
    // Medians of one turn are of a cache that fills: the same in each turn, unless something disturbs.
    let slots: Vec<&[u64]> = sides.iter().map(|side| side.tally.slots.as_slice()).collect();
    experiment.noise = noise::judge_load(&slots, &sides.each_ref().map(|side| side.medians.clone()));
    experiment.ended(ended)
}

/// What the turns of one case add up to.
#[derive(Default)]
struct Side {
    tally: Tally,
    counts: Counts,
    selects: Counted,
    warm_ups: Vec<f64>,
    warm_up_queries: Vec<f64>,
    medians: Vec<f64>,
}

impl Side {
    /// The shop opens with an empty cache, and closes after a while.
    async fn turn(&mut self, session: &Session, observer: &MysqlSide, warm: bool) -> Result<(), Failure> {
        clear(session, Query::ProductPage).await?;
        let cache = Arc::new(session.cache());
        let (selects, begin) = (observer.selects().await?, Instant::now());
        if warm {
            fill(session, &cache).await?;
            self.warm_ups.push(begin.elapsed().as_secs_f64() * 1e3);
        }
        self.warm_up_queries.push(observer.selects().await?.saturating_sub(selects) as f64);
        let workload = Workload {
            mysql: session.mysql.clone(),
            query: Query::ProductPage,
            zipf: Arc::new(Zipf::new(PRODUCT_COUNT, session.tuning.skew)),
            writes: 0.0,
            think: Duration::ZERO,
            stop: session.stop.clone(),
        };
        let (selects, counts) = (observer.selects().await?, cache.counters().counts());
        let load_users = LoadUsers::new(workload, Some(Arc::clone(&cache)), session.tuning.stage / TURNS);
        let name = if warm { "warmed" } else { "cold" };
        phase(session, name, &load_users, Arrivals::Rate(RATE)).await;
        let selects = observer.selects().await.map(|now| now.saturating_sub(selects));
        self.counts = self.counts.plus(&cache.counters().counts().since(&counts));
        let tally = std::mem::take(&mut *load_users.tally.lock().unwrap_or_else(PoisonError::into_inner));
        if let (0, Some(failure)) = (tally.done, tally.failures.usual()) {
            return Err(failure.clone());
        }
        self.medians.push(tally.recorder.median_ms());
        self.tally.add(&tally);
        self.selects.add(&selects);
        selects.map(|_| ())
    }
}

/// Loads the list, hottest first, with as many loads at a time as half of the pool: customers may be there already.
async fn fill(session: &Session, cache: &Arc<Cache>) -> Result<(), Failure> {
    let next = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..(session.tuning.connections / 2).max(1))
        .map(|_| {
            let (next, cache, mysql) = (Arc::clone(&next), Arc::clone(cache), session.mysql.clone());
            let stop = session.stop.clone();
            tokio::spawn(async move {
                loop {
                    let rank = next.fetch_add(1, Ordering::Relaxed);
                    if rank >= HOT || stop.is_requested() {
                        return Ok(());
                    }
                    let (query, id) = (Query::ProductPage, product_of_rank(rank));
                    cache.get_or_load(&query.key(id), || load_encoded(&mysql, query, id)).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        session.progress.report("warming", u64::from(next.load(Ordering::Relaxed)), u64::from(HOT), "keys");
        let loaded =
            task.await.map_err(|e| Failure::measurement(format!("A loader stopped: {e}."), "", ""))?;
        loaded.map_err(|why| explain_unavailable(&session.mysql, &why))?;
    }
    Ok(())
}
