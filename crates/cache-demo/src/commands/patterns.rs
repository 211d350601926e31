//! `patterns`: TTL and expiry, the hit ratio by the server's own counters, memory, and eviction.

use crate::commands::fill_memory;
use crate::engines::redis_side::info_number;
use crate::error::Failure;
use crate::measure::latency::round;
use crate::measure::memory::mb;
use crate::random::{Random, Zipf};
use crate::session::{Session, explain_unavailable, load_encoded, run_prefix};
use crate::shop::dataset::{PRODUCT_COUNT, product_of_rank};
use crate::shop::queries::Query;
use recipe_walk_measurements::result::{HitRatio, Memory, Patterns, Ttl};
use std::time::Duration;

/// The TTL of the demonstration: long enough to be seen alive, short enough to wait for.
const TTL: Duration = Duration::from_secs(1);
/// Keys for measuring the jitter, and requests for the hit ratio.
const JITTER_KEYS: usize = 200;
const REQUESTS: u64 = 4_000;

/// Runs the command. Its keys carry a prefix of this run and are removed, also after an interruption.
pub async fn run(session: &Session) -> Result<Patterns, Failure> {
    session.require_data().await?;
    let prefix = run_prefix();
    session.progress.report("ttl", 0, 4, "a value that lives for a second");
    let ttl = ttl(session, &prefix).await?;
    let mut patterns =
        Patterns { ttl, hit_ratio: None, memory: None, policy: None, eviction: None, error: None };
    // The first of them is not lost with what fails after it.
    patterns.error = others(&mut patterns, session, &prefix).await.err();
    session.progress.report("done", 4, 4, "done");
    Ok(patterns)
}

/// All that comes after the first.
async fn others(patterns: &mut Patterns, session: &Session, prefix: &str) -> Result<(), Failure> {
    if !session.stop.is_requested() {
        session.progress.report("hit ratio", 1, 4, "Zipf keys from a cold start");
        patterns.hit_ratio = Some(hit_ratio(session, prefix).await?);
    }
    session.progress.report("memory", 2, 4, "what the server uses");
    let (memory, policy) = memory(session).await?;
    (patterns.memory, patterns.policy) = (Some(memory), Some(policy.clone()));
    if !session.stop.is_requested() {
        session.progress.report("eviction", 3, 4, "filling the memory, if it is small");
        patterns.eviction = Some(fill_memory::run(session, &session.stored(prefix), &policy).await?);
    }
    Ok(())
}

/// What the server uses, and its effective policy.
async fn memory(session: &Session) -> Result<(Memory, String), Failure> {
    let info = session.redis.info("memory").await?;
    let stats = session.redis.info("stats").await?;
    let keys: u64 =
        session.redis.query(&redis::cmd("DBSIZE")).await.map_err(|e| session.redis.explain(&e))?;
    let memory = Memory {
        used_mb: mb(info_number(&info, "used_memory")),
        max_mb: mb(info_number(&info, "maxmemory")),
        keys,
        evicted_total: info_number(&stats, "evicted_keys"),
    };
    Ok((memory, info.get("maxmemory_policy").cloned().unwrap_or_default()))
}

async fn ttl(session: &Session, prefix: &str) -> Result<Ttl, Failure> {
    let redis = &session.redis;
    let fail = |e| redis.explain(&e);
    let key = session.stored(&format!("{prefix}:ttl"));
    let mut set = redis::cmd("SET");
    set.arg(&key).arg("{\"name\":\"John Doe\"}").arg("PX").arg(TTL.as_millis() as u64);
    redis.query::<()>(&set).await.map_err(fail)?;
    let exists = async || redis.query::<bool>(redis::cmd("EXISTS").arg(&key)).await.map_err(fail);
    let seen_fresh = exists().await?;
    // Many values go through the cache itself at once: they are stored together and must not expire together.
    let cache = session.cache();
    let keys: Vec<String> = (0..JITTER_KEYS).map(|n| format!("{prefix}:jitter:{n}")).collect();
    for key in &keys {
        let stored = cache.get_or_load(key, || async { Ok(Some(b"1".to_vec())) }).await;
        stored.map_err(|why| explain_unavailable(&session.mysql, &why))?;
    }
    let mut pipe = redis::pipe();
    let keys: Vec<String> = keys.iter().map(|key| session.stored(key)).collect();
    for key in &keys {
        pipe.cmd("PTTL").arg(key);
    }
    let left: Vec<i64> = redis.pipeline(&pipe).await.map_err(fail)?;
    redis.query::<()>(redis::cmd("UNLINK").arg(&keys)).await.map_err(fail)?;
    // A margin: the server's clock and ours tick apart, and replicas answer a little late.
    session.stop.or(tokio::time::sleep(TTL + Duration::from_millis(100))).await;
    let seen_expired = !exists().await?;
    if !seen_expired {
        redis.query::<()>(redis::cmd("UNLINK").arg(&key)).await.map_err(fail)?;
    }
    let seconds = |ms: Option<&i64>| round(*ms.unwrap_or(&0) as f64 / 1e3, 1);
    Ok(Ttl {
        ttl_s: TTL.as_secs_f64(),
        seen_fresh,
        seen_expired,
        jitter_percent: crate::cache::policy::Policy::default().jitter_percent,
        shortest_s: seconds(left.iter().min()),
        longest_s: seconds(left.iter().max()),
    })
}

async fn hit_ratio(session: &Session, prefix: &str) -> Result<HitRatio, Failure> {
    let counters = async || {
        let stats = session.redis.info("stats").await?;
        Ok::<_, Failure>((info_number(&stats, "keyspace_hits"), info_number(&stats, "keyspace_misses")))
    };
    let cache = session.cache();
    let zipf = Zipf::new(PRODUCT_COUNT, session.tuning.skew);
    let mut random = Random::new(session.tuning.seed);
    let mut used = std::collections::BTreeSet::new();
    let before = counters().await?;
    for n in 0..REQUESTS {
        if session.stop.is_requested() {
            break;
        }
        session.progress.report("hit ratio", n, REQUESTS, "requests");
        let id = product_of_rank(zipf.sample(&mut random));
        let key = format!("{prefix}:product:{id}");
        let answer = cache.get_or_load(&key, || load_encoded(&session.mysql, Query::Product, id)).await;
        answer.map_err(|why| explain_unavailable(&session.mysql, &why))?;
        used.insert(session.stored(&key));
    }
    let after = counters().await?;
    for keys in used.into_iter().collect::<Vec<_>>().chunks(1_000) {
        session
            .redis
            .query::<()>(redis::cmd("UNLINK").arg(keys))
            .await
            .map_err(|e| session.redis.explain(&e))?;
    }
    let (hits, misses) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
    let ratio = |hits: u64, misses: u64| round(hits as f64 / (hits + misses) as f64, 4);
    Ok(HitRatio {
        hits,
        misses,
        from_server_counters: ratio(hits, misses),
        lifetime: ratio(after.0, after.1),
    })
}
