//! `stampede`: many readers ask for a key that has just expired, with and without single-flight.

use crate::cache::aside::{Cache, Unavailable};
use crate::engines::mysql_side::MysqlSide;
use crate::engines::redis_side::RedisSide;
use crate::error::Failure;
use crate::measure::latency::{Recorder, median};
use crate::measure::noise;
use crate::session::run_prefix;
use crate::session::{Session, explain_unavailable, load_encoded};
use crate::shop::dataset::product_of_rank;
use crate::shop::queries::Query;
use recipe_walk_measurements::result::Experiment;
use std::sync::Arc;
use std::time::Instant;

/// Interleaved repetitions.
const ROUNDS: u32 = 5;
/// The TTL of the side without single-flight; our keys go by themselves should this process be killed.
const TTL_S: u32 = 60;

#[derive(Default)]
struct Side {
    queries: Vec<f64>,
    millis: Vec<f64>,
    latencies: Recorder,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    session.require_data().await?;
    let observer = session.observer().await?;
    let cache = Arc::new(session.cache());
    let prefix = run_prefix();
    let waiters = session.tuning.waiters;
    // Connections are opened before anything counts.
    session.mysql.ask(|conn| Query::ProductPage.ask(conn, 1)).await?;
    let mut sides = [Side::default(), Side::default()];
    let mut ended = None;
    'rounds: for round in 0..ROUNDS {
        for (place, side) in sides.iter_mut().enumerate() {
            if session.stop.is_requested() {
                break 'rounds;
            }
            session.progress.report("stampede", u64::from(round), u64::from(ROUNDS), "readers wait");
            let id = product_of_rank(round * 2 + place as u32);
            let key = format!("{prefix}:product-page:{id}");
            let cache = (place == 1).then_some(&cache);
            if let Err(failure) = side.round(session, &observer, cache, &key, id).await {
                ended = Some(failure);
                break 'rounds;
            }
        }
    }
    session.progress.report("stampede", 1, 1, "done");
    let mut experiment = Experiment::new(
        "A hot key has expired and a thousand readers ask for it: what reaches the database?",
    );
    for (name, side) in ["every reader loads", "single-flight"].into_iter().zip(&sides) {
        if side.queries.is_empty() {
            break;
        }
        let summary = side.latencies.summary();
        let most = side.queries.iter().copied().fold(0.0, f64::max);
        experiment.case(
            name,
            &[
                ("waiters", "readers", "", Some(f64::from(waiters))),
                ("database_queries", "database queries, median", "", Some(median(&side.queries))),
                ("database_queries_max", "database queries, at most", "", Some(most)),
                ("all_answered", "until all are answered, median", "ms", Some(median(&side.millis))),
                ("wait_p50", "a reader waits, p50", "ms", Some(summary.p50_ms)),
                ("wait_p99", "a reader waits, p99", "ms", Some(summary.p99_ms)),
            ],
        );
    }
    if let (Some(without), Some(with)) =
        (experiment.value("database_queries", 0), experiment.value("database_queries_max", 1))
    {
        experiment.conclude(format!("{without:.0} queries became {with:.0}, by the database's own counter."));
    }
    experiment.noise = noise::judge_load(&[], &sides.map(|side| side.millis));
    experiment.ended(ended)
}

impl Side {
    /// One cold key, asked for by all at once. A round that fails adds nothing.
    async fn round(
        &mut self,
        session: &Session,
        observer: &MysqlSide,
        cache: Option<&Arc<Cache>>,
        key: &str,
        id: u32,
    ) -> Result<(), Failure> {
        let selects = observer.selects().await?;
        let begin = Instant::now();
        let latencies = wait_together(session, cache, key, id, session.tuning.waiters).await?;
        let millis = begin.elapsed().as_secs_f64() * 1e3;
        self.queries.push(observer.selects().await?.saturating_sub(selects) as f64);
        self.millis.push(millis);
        self.latencies.add(&latencies);
        let gone: Result<(), _> = session.redis.query(redis::cmd("UNLINK").arg(session.stored(key))).await;
        gone.map_err(|e| session.redis.explain(&e))
    }
}

/// All ask at once. Without a cache object, each does what the source document's function does.
async fn wait_together(
    session: &Session,
    cache: Option<&Arc<Cache>>,
    key: &str,
    id: u32,
    waiters: u32,
) -> Result<Recorder, Failure> {
    let tasks: Vec<_> = (0..waiters)
        .map(|_| {
            let (mysql, redis, key) = (session.mysql.clone(), Arc::clone(&session.redis), key.to_owned());
            let stored = session.stored(key.as_str());
            let cache = cache.cloned();
            tokio::spawn(async move {
                let begin = Instant::now();
                let answer = match cache {
                    Some(cache) => cache
                        .get_or_load(&key, || load_encoded(&mysql, Query::ProductPage, id))
                        .await
                        .map(|_| ()),
                    None => alone(&redis, &mysql, &stored, id).await,
                };
                (answer, begin.elapsed())
            })
        })
        .collect();
    let mut latencies = Recorder::new();
    for task in tasks {
        let (answer, latency) =
            task.await.map_err(|e| Failure::measurement(format!("A reader stopped: {e}."), "", ""))?;
        answer.map_err(|why| explain_unavailable(&session.mysql, &why))?;
        latencies.record(latency);
    }
    Ok(latencies)
}

async fn alone(redis: &RedisSide, mysql: &MysqlSide, key: &str, id: u32) -> Result<(), Unavailable> {
    let found: Result<Option<Vec<u8>>, _> = redis.query(redis::cmd("GET").arg(key)).await;
    if matches!(found, Ok(Some(_))) {
        return Ok(());
    }
    let value = load_encoded(mysql, Query::ProductPage, id).await?.unwrap_or_default();
    // A cache that does not take it is no error of the reader.
    let _: Result<(), _> = redis.query(redis::cmd("SETEX").arg(key).arg(TTL_S).arg(value)).await;
    Ok(())
}
