//! Eviction under pressure, without CONFIG, which managed servers restrict: fill the memory and see what goes.
//!
//! It is done only where it is quick and harms nobody: the limit is near, the policy evicts, and all keys are the
//! demo's own. Otherwise the result says why not.

use crate::engines::redis_side::info_number;
use crate::error::Failure;
use crate::measure::latency::round;
use crate::measure::memory::mb;
use crate::session::Session;
use recipe_walk_measurements::result::Pressure;
use redis::FromRedisValue;
use std::time::{Duration, Instant};

/// At most this much is written.
const MOST_BYTES: u64 = 64 * 1_048_576;
/// At most this long.
const LONGEST: Duration = Duration::from_secs(5);
/// Values of this size; a page of JSON.
pub(crate) const VALUE: usize = 16 * 1024;
/// Values in a round trip.
const BATCH: u64 = 32;
/// Redis dates a key's last use in whole seconds (LRU_CLOCK_RESOLUTION). A fill is quicker than that, so without a
/// pause hot and cold keys would look equally old, and eviction would be a lottery.
pub(crate) const AGEING: Duration = Duration::from_millis(2_100);
/// Keys that are read all the time.
pub(crate) const HOT: u64 = 100;
/// Our keys go by themselves should this process be killed.
pub(crate) const KEY_TTL_MS: u64 = 60_000;

/// Runs the experiment, if it is worth it.
pub async fn run(session: &Session, prefix: &str, policy: &str) -> Result<Pressure, Failure> {
    let info = session.redis.info("memory").await?;
    let (used, max) = (info_number(&info, "used_memory"), info_number(&info, "maxmemory"));
    let not = |note: String| Ok(Pressure { note: Some(note), ..Pressure::default() });
    if max == 0 {
        return not("not reached: this server has no maxmemory, so it never evicts.".into());
    }
    if policy == "noeviction" {
        return not("not tried: under noeviction, a full server refuses writes instead of evicting.".into());
    }
    if max.saturating_sub(used) > MOST_BYTES * 3 / 4 {
        let mb = max / 1_048_576;
        return not(format!("not reached: maxmemory is {mb} MB and filling it is not worth the time."));
    }
    if foreign_keys(session).await? {
        return not(
            "not tried: this server holds keys of other programs, which would be evicted as well.".into()
        );
    }
    let mut pressure = fill(session, prefix, max.saturating_sub(used)).await?;
    let kept = remove(session, prefix, pressure.written_keys).await?;
    let cold = pressure.written_keys - HOT.min(pressure.written_keys);
    pressure.hot_kept_percent = Some(round(kept.0 as f64 * 100.0 / HOT as f64, 1));
    pressure.cold_kept_percent = Some(round(kept.1 as f64 * 100.0 / cold as f64, 1));
    if !pressure.reached {
        pressure.note = Some("not reached: nothing was evicted within 64 MB and 5 seconds.".into());
    }
    Ok(pressure)
}

/// Whether there is any key that does not begin with `rw:`, in this database or another.
pub(crate) async fn foreign_keys(session: &Session) -> Result<bool, Failure> {
    let redis = &session.redis;
    if session.redis.info("keyspace").await?.keys().any(|name| name.starts_with("db") && name != "db0") {
        return Ok(true);
    }
    let mut cursor = 0_u64;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("COUNT").arg(1_000);
        let (next, keys): (u64, Vec<Vec<u8>>) = redis.query(&scan).await.map_err(|e| redis.explain(&e))?;
        if keys.iter().any(|key| !key.starts_with(b"rw:")) {
            return Ok(true);
        }
        if next == 0 || session.stop.is_requested() {
            return Ok(false);
        }
        cursor = next;
    }
}

fn key(prefix: &str, n: u64) -> String {
    format!("{prefix}:fill:{n}")
}

async fn fill(session: &Session, prefix: &str, headroom: u64) -> Result<Pressure, Failure> {
    let redis = &session.redis;
    let evicted = async || Ok::<_, Failure>(info_number(&redis.info("stats").await?, "evicted_keys"));
    let before = evicted().await?;
    let value = vec![b'x'; VALUE];
    let begin = Instant::now();
    let mut result = Pressure::default();
    let (mut beyond, mut aged) = (0, false);
    while result.written_keys * (VALUE as u64) < MOST_BYTES
        && begin.elapsed() < LONGEST
        && !session.stop.is_requested()
        // Once it has begun, a quarter more than the hot keys must go, so that there is something to see.
        && beyond < 4 * HOT
    {
        // This is shortly before the memory is full.
        if !aged && result.written_keys * (VALUE as u64) >= headroom / 4 * 3 {
            aged = true;
            session.stop.or(tokio::time::sleep(AGEING)).await;
        }
        let mut pipe = redis::pipe();
        for n in result.written_keys..result.written_keys + BATCH {
            pipe.cmd("SET").arg(key(prefix, n)).arg(value.as_slice()).arg("PX").arg(KEY_TTL_MS).ignore();
        }
        // The first keys stay hot because they are read all the time.
        for n in 0..HOT.min(result.written_keys) {
            pipe.cmd("EXISTS").arg(key(prefix, n)).ignore();
            pipe.cmd("GETRANGE").arg(key(prefix, n)).arg(0).arg(0).ignore();
        }
        redis.pipeline::<()>(&pipe).await.map_err(|e| redis.explain(&e))?;
        result.written_keys += BATCH;
        result.evicted_keys = evicted().await?.saturating_sub(before);
        if result.evicted_keys > 0 {
            beyond += BATCH;
        }
        session.progress.report("eviction", result.written_keys * VALUE as u64, MOST_BYTES, "bytes written");
    }
    result.reached = result.evicted_keys > 0;
    result.written_mb = mb(result.written_keys * VALUE as u64);
    Ok(result)
}

/// Removes the keys and returns how many hot and cold ones were still there.
async fn remove(session: &Session, prefix: &str, written: u64) -> Result<(u64, u64), Failure> {
    let redis = &session.redis;
    let mut kept = (0, 0);
    for first in (0..written).step_by(BATCH as usize) {
        let mut pipe = redis::pipe();
        for n in first..first + BATCH {
            pipe.cmd("UNLINK").arg(key(prefix, n));
        }
        let removed: Vec<redis::Value> = redis.pipeline(&pipe).await.map_err(|e| redis.explain(&e))?;
        for (n, removed) in (first..).zip(removed) {
            let removed = u64::from_redis_value(removed).unwrap_or(0);
            if n < HOT { kept.0 += removed } else { kept.1 += removed }
        }
    }
    Ok(kept)
}
