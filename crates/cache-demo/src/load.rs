//! `load`: rising numbers of users, with and without the cache.
//!
//! Closed loop: a user asks again as soon as the last answer is there. Keys are Zipf-distributed. The queries that
//! the database had to run are counted by the database itself.

use crate::cache::{Cache, Unavailable};
use crate::dataset::{PRODUCT_COUNT, product_of_rank};
use crate::error::Failure;
use crate::measure::{Recorder, round};
use crate::mysql_side::MysqlSide;
use crate::queries::Query;
use crate::random::{Random, Zipf};
use crate::report::Report;
use crate::session::{Session, load_encoded};
use crate::stop::Stop;
use crate::table::{Table, grouped, ms};
use mysql::prelude::Queryable;
use serde::Serialize;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The result of `load`.
#[derive(Debug, Clone, Serialize)]
pub struct Load {
    /// The query's [`Query::id`].
    pub query: &'static str,
    /// Zipf exponent of the keys.
    pub skew: f64,
    /// Share of requests that write.
    pub writes: f64,
    /// Pooled database connections.
    pub connections: usize,
    /// A stage for each number of users.
    pub stages: Vec<Stage>,
}

/// One number of users.
#[derive(Debug, Clone, Serialize)]
pub struct Stage {
    /// Concurrent users.
    pub users: u32,
    /// With the cache.
    pub cache: Side,
    /// The database alone.
    pub database: Side,
    /// How many of the database's queries a request needs less with the cache, in percent of those without.
    pub database_queries_saved_percent: f64,
}

/// One side of a stage.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// Requests that were answered, writes included.
    pub requests: u64,
    /// The same per second.
    pub requests_per_s: f64,
    /// Median, milliseconds.
    pub p50_ms: f64,
    /// 95th percentile, milliseconds.
    pub p95_ms: f64,
    /// 99th percentile, milliseconds.
    pub p99_ms: f64,
    /// Requests that failed.
    pub errors: u64,
    /// Hits among lookups; the cache's side only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// SELECT statements, by the database's own counter.
    pub database_queries: u64,
}

#[derive(Default)]
struct Tally {
    recorder: Recorder,
    errors: u64,
    done: u64,
    // The newest error, for the case that everything fails.
    last: Option<Failure>,
}

/// What all users of a phase share.
struct Crowd {
    mysql: MysqlSide,
    /// None for the database alone.
    cache: Option<Arc<Cache>>,
    query: Query,
    zipf: Arc<Zipf>,
    writes: f64,
    stop: Stop,
    tally: Mutex<Tally>,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Load, Failure> {
    session.require_data().await?;
    let tuning = &session.tuning;
    let query = Query::from_id(&tuning.query).unwrap_or(Query::Product);
    let observer = session.observer().await?;
    let zipf = Arc::new(Zipf::new(PRODUCT_COUNT, tuning.skew));
    let cache = Arc::new(session.cache());
    clear(session, query).await?;
    let mut stages = Vec::new();
    for users in &tuning.users {
        let mut sides = Vec::new();
        for cache in [Some(Arc::clone(&cache)), None] {
            let name = if cache.is_some() { "with the cache" } else { "database alone" };
            let stage = format!("{users} users, {name}");
            let crowd = || {
                Arc::new(Crowd {
                    mysql: session.mysql.clone(),
                    cache: cache.clone(),
                    query,
                    zipf: Arc::clone(&zipf),
                    writes: tuning.writes,
                    stop: session.stop.clone(),
                    tally: Mutex::default(),
                })
            };
            // Connections open and caches settle; a phase of its own, so that the counters below see none of it.
            phase(session, &stage, &crowd(), *users, (tuning.stage / 10).min(Duration::from_millis(300)))
                .await;
            if session.stop.is_requested() {
                break;
            }
            sides.push(measured(session, &stage, &crowd(), *users, &observer).await?);
        }
        let (Some(database), Some(cache)) = (sides.pop(), sides.pop()) else { break };
        let database_queries_saved_percent = saved(&cache, &database);
        stages.push(Stage { users: *users, cache, database, database_queries_saved_percent });
        if session.stop.is_requested() {
            break;
        }
    }
    let (skew, writes) = (tuning.skew, tuning.writes);
    Ok(Load { query: query.id(), skew, writes, connections: tuning.connections, stages })
}

/// Removes this query's keys, so that the first stage starts with a cold cache.
async fn clear(session: &Session, query: Query) -> Result<(), Failure> {
    for first in (1..=PRODUCT_COUNT).step_by(1_000) {
        let mut cmd = redis::cmd("UNLINK");
        for id in first..(first + 1_000).min(PRODUCT_COUNT + 1) {
            cmd.arg(query.key(id));
        }
        session.redis.query::<()>(&cmd).await.map_err(|e| session.redis.explain(&e))?;
    }
    Ok(())
}

async fn measured(
    session: &Session,
    stage: &str,
    crowd: &Arc<Crowd>,
    users: u32,
    observer: &MysqlSide,
) -> Result<Side, Failure> {
    let lookups = || {
        crowd.cache.as_ref().map_or((0, 0), |cache| {
            let counters = cache.counters();
            (counters.hits.load(Ordering::Relaxed), counters.misses.load(Ordering::Relaxed))
        })
    };
    let (selects, (hits, misses)) = (observer.selects().await?, lookups());
    let seconds = phase(session, stage, crowd, users, session.tuning.stage).await.as_secs_f64();
    let database_queries = observer.selects().await?.saturating_sub(selects);
    let (hits, misses) = (lookups().0 - hits, lookups().1 - misses);
    let tally = std::mem::take(&mut *crowd.tally.lock().unwrap_or_else(PoisonError::into_inner));
    if tally.done == 0
        && let Some(failure) = tally.last
    {
        return Err(failure);
    }
    let summary = tally.recorder.summary();
    Ok(Side {
        requests: tally.done,
        requests_per_s: round(tally.done as f64 / seconds, 1),
        p50_ms: summary.p50_ms,
        p95_ms: summary.p95_ms,
        p99_ms: summary.p99_ms,
        errors: tally.errors,
        hit_ratio: crowd.cache.is_some().then(|| round(hits as f64 / (hits + misses) as f64, 5)),
        database_queries,
    })
}

/// Lets all users run for `time` and waits for their last answers. Returns how long it really took.
async fn phase(session: &Session, stage: &str, crowd: &Arc<Crowd>, users: u32, time: Duration) -> Duration {
    let begin = Instant::now();
    let deadline = begin + time;
    let tasks: Vec<_> = (0..users)
        .map(|user| {
            let crowd = Arc::clone(crowd);
            tokio::spawn(async move { crowd.user(u64::from(user), deadline).await })
        })
        .collect();
    let total = time.as_millis() as u64;
    while begin.elapsed() < time && !session.stop.is_requested() {
        let now = begin.elapsed().as_millis() as u64;
        session.progress.report(stage, now.min(total), total, "milliseconds");
        tokio::time::sleep(Duration::from_millis(100).min(time.saturating_sub(begin.elapsed()))).await;
    }
    for task in tasks {
        // A user task does not panic; one that did would only be missing from the tally.
        let _ = task.await;
    }
    session.progress.report(stage, total, total, "milliseconds");
    begin.elapsed()
}

impl Crowd {
    async fn user(&self, number: u64, deadline: Instant) {
        let mut random = Random::new(number.wrapping_mul(0x9E37_79B9) ^ 0x0075_7365_7273);
        let mut turns = 0_u32;
        while Instant::now() < deadline && !self.stop.is_requested() {
            let product = product_of_rank(self.zipf.sample(&mut random));
            let write = self.writes > 0.0 && random.unit() < self.writes;
            let start = Instant::now();
            let result = if write { self.write(product).await } else { self.read(product).await };
            let latency = start.elapsed();
            let failed = result.is_err();
            self.count(result, latency);
            if failed {
                // An error can be immediate: without a pause, a dead server would be asked a million times.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            turns += 1;
            // Answers that are ready at once never yield; the other users and the clock must get their turn.
            if turns.is_multiple_of(64) {
                tokio::task::yield_now().await;
            }
        }
    }

    fn count(&self, result: Result<(), Failure>, latency: Duration) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(()) => {
                tally.done += 1;
                tally.recorder.record(latency);
            }
            Err(failure) => {
                tally.errors += 1;
                tally.last = Some(failure);
            }
        }
    }

    async fn read(&self, product: u32) -> Result<(), Failure> {
        let (query, id) = (self.query, self.query.parameter(product));
        let Some(cache) = &self.cache else {
            let answer = self.mysql.run(move |conn| query.ask(conn, id)).await;
            std::hint::black_box(answer.map_err(|e| self.mysql.explain(&e))?);
            return Ok(());
        };
        let key = query.key(id);
        let answer = cache.get_or_load(&key, || load_encoded(&self.mysql, query, id)).await;
        let (bytes, _) = answer.map_err(|why| self.explain(&why))?;
        let decoded = bytes.map(|bytes| query.decode(&bytes)).transpose();
        std::hint::black_box(decoded).map(|_| ()).map_err(|e| {
            Failure::measurement(
                format!("{key} holds something that is not ours: {e}."),
                "",
                "Use a Redis of your own.",
            )
        })
    }

    async fn write(&self, product: u32) -> Result<(), Failure> {
        let sold = self.mysql.run(move |conn| {
            conn.exec_drop("UPDATE products SET stock = stock - 1 WHERE id = ?", (product,))
        });
        sold.await.map_err(|e| self.mysql.explain(&e))?;
        if let Some(cache) = &self.cache {
            cache.invalidate(&self.query.key(self.query.parameter(product))).await;
        }
        Ok(())
    }

    fn explain(&self, why: &Unavailable) -> Failure {
        crate::session::explain_unavailable(&self.mysql, why)
    }
}

/// Compares queries per request, because the side with the cache answers many more requests in the same time.
fn saved(cache: &Side, database: &Side) -> f64 {
    let per_request = |side: &Side| side.database_queries as f64 / side.requests as f64;
    let percent = 100.0 * (1.0 - per_request(cache) / per_request(database));
    round(percent.max(0.0), 2)
}

impl Report for Load {
    fn text(&self) -> String {
        let mut table = Table::new(&[
            "users",
            "cache req/s",
            "p50 ms",
            "p99 ms",
            "hits %",
            "db req/s",
            "p50 ms",
            "p99 ms",
            "saved %",
        ]);
        let mut errors = String::new();
        for stage in &self.stages {
            let (c, d) = (&stage.cache, &stage.database);
            table.row(vec![
                stage.users.to_string(),
                grouped(c.requests_per_s as u64),
                ms(c.p50_ms),
                ms(c.p99_ms),
                format!("{:.1}", c.hit_ratio.unwrap_or(0.0) * 100.0),
                grouped(d.requests_per_s as u64),
                ms(d.p50_ms),
                ms(d.p99_ms),
                format!("{:.1}", stage.database_queries_saved_percent),
            ]);
            if c.errors + d.errors > 0 {
                errors += &format!(
                    "Errors at {} users: {} with the cache, {} without.\n",
                    stage.users, c.errors, d.errors
                );
            }
        }
        format!(
            "{}{errors}Query {}, Zipf {}, {} % writes, {} pooled database connections on both sides.\n\
             Saved: the database's own count of queries per request, with against without the cache.\n",
            table.render(),
            self.query,
            self.skew,
            self.writes * 100.0,
            self.connections
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_compares_queries_per_request() {
        let side = |requests, database_queries| Side {
            requests,
            requests_per_s: 0.0,
            p50_ms: 0.0,
            p95_ms: 0.0,
            p99_ms: 0.0,
            errors: 0,
            hit_ratio: None,
            database_queries,
        };
        assert!((saved(&side(1000, 50), &side(100, 100)) - 95.0).abs() < 0.001);
        assert!(saved(&side(0, 0), &side(0, 0)).abs() < 0.001);
        assert!(saved(&side(10, 40), &side(10, 10)).abs() < 0.001);
    }
}
