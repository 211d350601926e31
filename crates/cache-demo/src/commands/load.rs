//! `load`: rising numbers of users, or of arrivals a second, with and without the cache.
//!
//! With users, the loop is closed: a user asks again when the last answer is there, after thinking, where asked to.
//! With arrivals, it is open, and latencies count from the moment a request was due, so that waiting is not hidden
//! (coordinated omission). Keys are Zipf-distributed. What the database had to do is counted by the database itself.

use crate::cache::aside::Cache;
use crate::cache::counters::Counts;
use crate::cache::policy::Policy;
use crate::engines::mysql_side::MysqlSide;
use crate::error::Failure;
use crate::measure::counted::Counted;
use crate::measure::latency::round;
use crate::measure::memory;
use crate::measure::noise;
use crate::random::Zipf;
use crate::session::Session;
use crate::shop::dataset::PRODUCT_COUNT;
use crate::shop::load_users::{Arrivals, LoadUsers, Tally, Workload};
use crate::shop::queries::Query;
use recipe_walk_measurements::result::{Histogram, Load, LoadRun, LoadSide, Stage};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// A repetition is at least so long.
const SHORTEST: Duration = Duration::from_millis(100);

/// What the repetitions of one side add up to.
#[derive(Default)]
struct Sum {
    tally: Tally,
    seconds: f64,
    database_queries: Counted,
    counts: Counts,
    rates: Vec<f64>,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Load, Failure> {
    session.require_data().await?;
    let tuning = &session.tuning;
    let query = Query::from_id(&tuning.query).unwrap_or(Query::Product);
    let observer = session.observer().await?;
    let cache = Arc::new(session.cache_with(Policy {
        ttl: tuning.ttl,
        keep: tuning.keep,
        revalidate: tuning.revalidate,
        ..Policy::default()
    }));
    let workload = Workload {
        mysql: session.mysql.clone(),
        query,
        zipf: Arc::new(Zipf::new(PRODUCT_COUNT, tuning.skew)),
        writes: tuning.writes,
        think: tuning.think,
        stop: session.stop.clone(),
    };
    clear(session, query).await?;
    let plan: Vec<Arrivals> = if tuning.rates.is_empty() {
        tuning.users.iter().map(|users| Arrivals::Users(*users)).collect()
    } else {
        tuning.rates.iter().map(|rate| Arrivals::Rate(*rate)).collect()
    };
    let (mut stages, mut repetitions, mut error) = (Vec::new(), Vec::new(), None);
    let mut histogram = Histogram::default();
    for arrivals in plan {
        let (mut with, mut without) = (Sum::default(), Sum::default());
        // The sides alternate, so that a disturbance hits both.
        'stage: for _ in 0..tuning.repeats {
            for (sum, cache) in [(&mut with, Some(&cache)), (&mut without, None)] {
                if let Err(failure) = side(session, &workload, cache, arrivals, &observer, sum).await {
                    error = Some(failure);
                    break 'stage;
                }
            }
        }
        repetitions.extend([with.rates.clone(), without.rates.clone()]);
        let spread =
            Histogram { cache: with.tally.recorder.ranges(), database: without.tally.recorder.ranges() };
        if let Some(stage) = stage(arrivals, with, without, cache.policy()) {
            stages.push(stage);
            histogram = spread;
        }
        if error.is_some() || session.stop.is_requested() {
            break;
        }
    }
    if let (Some(failure), true) = (&error, stages.is_empty()) {
        return Err(failure.clone());
    }
    // Slots of the cache's side only: its first stage fills the cache, which is no disturbance, so it is left out.
    let slots: Vec<&[u64]> = stages.iter().skip(1).map(|stage| stage.cache.slots.as_slice()).collect();
    let run = LoadRun {
        query: query.id().into(),
        skew: tuning.skew,
        writes: tuning.writes,
        think_ms: tuning.think.as_millis() as u64,
        connections: tuning.connections,
        counters: cache.counters().counts(),
        circuit_openings: cache.circuit_openings(),
        circuit: cache.circuit(),
        database_circuit_openings: cache.database_circuit_openings(),
        database_circuit: cache.database_circuit(),
        peak_memory_mb: memory::peak_mb(),
    };
    Ok(Load { run: Some(run), noise: noise::judge_load(&slots, &repetitions), histogram, stages, error })
}

/// Removes this query's keys, so that the first stage starts with a cold cache.
pub(crate) async fn clear(session: &Session, query: Query) -> Result<(), Failure> {
    for first in (1..=PRODUCT_COUNT).step_by(1_000) {
        let mut cmd = redis::cmd("UNLINK");
        for id in first..(first + 1_000).min(PRODUCT_COUNT + 1) {
            cmd.arg(session.stored(&query.key(id)));
        }
        session.redis.query::<()>(&cmd).await.map_err(|e| session.redis.explain(&e))?;
    }
    Ok(())
}

/// One repetition of one side. An interrupted warm-up adds nothing.
async fn side(
    session: &Session,
    workload: &Workload,
    cache: Option<&Arc<Cache>>,
    arrivals: Arrivals,
    observer: &MysqlSide,
    sum: &mut Sum,
) -> Result<(), Failure> {
    let name = if cache.is_some() { "with the cache" } else { "database alone" };
    let stage = match arrivals {
        Arrivals::Users(users) => format!("{users} users, {name}"),
        Arrivals::Rate(rate) => format!("{rate} arrivals/s, {name}"),
    };
    let time = (session.tuning.stage / session.tuning.repeats).max(SHORTEST);
    // Connections open and caches settle; a phase of its own, so that the counters below see none of it. Users who
    // think need a turn each.
    let warm_up = (time / 10).min(Duration::from_millis(300)).max(session.tuning.think.min(time));
    let load_users = LoadUsers::new(workload.clone(), cache.cloned(), warm_up);
    phase(session, &stage, &load_users, arrivals).await;
    if session.stop.is_requested() {
        return Ok(());
    }
    let counts = || cache.map_or_else(Counts::default, |cache| cache.counters().counts());
    let (selects, before) = (observer.selects().await?, counts());
    let load_users = LoadUsers::new(workload.clone(), cache.cloned(), time);
    let seconds = phase(session, &stage, &load_users, arrivals).await.as_secs_f64();
    let counted = observer.selects().await.map(|now| now.saturating_sub(selects));
    sum.counts = sum.counts.plus(&counts().since(&before));
    sum.seconds += seconds;
    let tally = std::mem::take(&mut *load_users.tally.lock().unwrap_or_else(PoisonError::into_inner));
    if let (0, Some(failure)) = (tally.done, tally.failures.usual()) {
        return Err(failure.clone());
    }
    sum.rates.push(tally.done as f64 / seconds);
    sum.tally.add(&tally);
    sum.database_queries.add(&counted);
    counted.map(|_| ())
}

/// None where not even the cache's side came to an answer.
fn stage(arrivals: Arrivals, with: Sum, without: Sum, policy: &Policy) -> Option<Stage> {
    let open = matches!(arrivals, Arrivals::Rate(_));
    let (users, rate) = match arrivals {
        Arrivals::Users(users) => (users, None),
        Arrivals::Rate(rate) => (0, Some(rate)),
    };
    let cache = (!with.rates.is_empty()).then(|| with.side(Some(policy), open))?;
    let database = (!without.rates.is_empty()).then(|| without.side(None, open));
    let database_queries_saved_percent = database.as_ref().and_then(|database| saved(&cache, database));
    Some(Stage { users, rate, cache, database, database_queries_saved_percent })
}

impl Sum {
    /// `policy` is the cache's; none for the database alone.
    fn side(self, policy: Option<&Policy>, open: bool) -> LoadSide {
        let summary = self.tally.recorder.summary();
        let lookups = self.counts.lookups();
        let stale = policy.is_some_and(|policy| !policy.afterlife().is_zero());
        LoadSide {
            requests: Some(self.tally.done),
            requests_per_s: round(self.tally.done as f64 / self.seconds, 1),
            writes: Some(self.tally.writes),
            p50_ms: Some(summary.p50_ms),
            p95_ms: Some(summary.p95_ms),
            p99_ms: summary.p99_ms,
            p999_ms: Some(summary.p999_ms),
            max_ms: Some(summary.max_ms),
            service_p99_ms: open.then(|| self.tally.service.summary().p99_ms),
            errors: Some(self.tally.failures.count()),
            error_messages: self.tally.failures.messages(),
            spread_percent: Some(round(noise::spread(&self.rates) * 100.0, 1)),
            stale: stale.then_some(self.tally.stale),
            stale_max_ms: stale.then(|| round(self.tally.oldest.as_secs_f64() * 1e3, 3)),
            hit_ratio: policy.map(|_| round(self.counts.hits as f64 / lookups as f64, 5)),
            database_queries: self.database_queries.known(),
            database_queries_per_s: self.database_queries.known().map(|n| round(n as f64 / self.seconds, 1)),
            slots: self.tally.slots.to_vec(),
        }
    }
}

/// Lets the load_users run for its time and waits for the last answers. Returns how long it really took.
pub(crate) async fn phase(
    session: &Session,
    stage: &str,
    load_users: &Arc<LoadUsers>,
    arrivals: Arrivals,
) -> Duration {
    let (begin, time) = (Instant::now(), load_users.time);
    let tasks: Vec<_> = match arrivals {
        Arrivals::Users(users) => {
            (0..users).map(|user| tokio::spawn(Arc::clone(load_users).user(user))).collect()
        }
        Arrivals::Rate(rate) => vec![tokio::spawn(Arc::clone(load_users).arrivals(rate))],
    };
    let total = time.as_millis() as u64;
    while begin.elapsed() < time && !session.stop.is_requested() {
        let now = begin.elapsed().as_millis() as u64;
        session.progress.report(stage, now.min(total), total, "milliseconds");
        if let Some(cache) = &load_users.cache {
            // Invalidations that Redis did not confirm while it was away.
            cache.settle().await;
        }
        tokio::time::sleep(Duration::from_millis(100).min(time.saturating_sub(begin.elapsed()))).await;
    }
    session.stop.join(tasks).await;
    session.progress.report(stage, total, total, "milliseconds");
    begin.elapsed()
}

/// Compares queries per request, because the side with the cache answers many more requests in the same time.
/// None where one side's queries are unknown, or the other's none.
fn saved(cache: &LoadSide, database: &LoadSide) -> Option<f64> {
    let per_request = |side: &LoadSide| Some(side.database_queries? as f64 / side.requests? as f64);
    let percent = 100.0 * (1.0 - per_request(cache)? / per_request(database)?);
    percent.is_finite().then(|| round(percent.max(0.0), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_compares_queries_per_request() {
        let side = |requests, database_queries: Option<u64>| {
            let tally = Tally { done: requests, ..Tally::default() };
            Sum { tally, database_queries: database_queries.into(), seconds: 1.0, ..Sum::default() }
                .side(None, false)
        };
        let saved = |cache: (u64, Option<u64>), database: (u64, Option<u64>)| {
            saved(&side(cache.0, cache.1), &side(database.0, database.1))
        };
        assert_eq!(saved((1000, Some(50)), (100, Some(100))), Some(95.0));
        assert_eq!(saved((10, Some(40)), (10, Some(10))), Some(0.0));
        assert_eq!(saved((0, Some(0)), (0, Some(0))), None);
        assert_eq!(saved((10, Some(1)), (10, None)), None, "a count that could not be read");
    }

    #[test]
    fn lookups_past_the_cache_are_no_hits() {
        let counts = Counts { hits: 60, misses: 10, bypassed: 30, ..Counts::default() };
        let sum = Sum { counts, seconds: 1.0, ..Sum::default() };
        assert_eq!(sum.side(Some(&Policy::default()), false).hit_ratio, Some(0.6));
    }
}
