//! `eviction`: a scan of keys that nobody reads again fills the memory; which policy keeps the hot keys?
//!
//! A managed service forbids CONFIG and takes its policy from a parameter group, so there the effective policy is shown
//! alone. On a server of one's own, `--may-configure` compares LRU and LFU and restores the settings.

use crate::check::number;
use crate::error::Failure;
use crate::eviction::{AGEING, HOT, KEY_TTL_MS, VALUE, foreign_keys};
use crate::experiment::Experiment;
use crate::patterns::{mb, run_prefix};
use crate::session::Session;
use crate::turns::TURNS;

/// Room that is given to the keys where we may configure.
const ROOM: u64 = 8 * 1_048_576;
/// More room than this is not worth filling.
const MOST_ROOM: u64 = 48 * 1_048_576;
/// Reads of each hot key before the scan: LFU counts them, logarithmically.
const READS: u64 = 100;
/// Commands in a round trip.
const BATCH: u64 = 32;
/// The policies that are compared.
const POLICIES: [&str; 2] = ["allkeys-lru", "allkeys-lfu"];

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    let mut experiment =
        Experiment::new("A scan of keys that nobody reads again fills the memory: do the hot keys survive?");
    let memory = session.redis.info("memory").await?;
    let policy = memory.get("maxmemory_policy").cloned().unwrap_or_default();
    let (used, max) = (number(&memory, "used_memory"), number(&memory, "maxmemory"));
    if foreign_keys(session).await? {
        experiment
            .conclude("Not tried: this server holds keys of other programs, which would be evicted as well.");
        return Ok(experiment);
    }
    if session.tuning.may_configure {
        let restore = vec![("maxmemory", max.to_string()), ("maxmemory-policy", policy)];
        if configure(session, &[("maxmemory", (used + ROOM).to_string())]).await? {
            let measured = compare(session, &mut experiment).await;
            // Also after a failure; the failure of restoring is the more urgent one.
            configure(session, &restore).await?;
            measured?;
            return Ok(experiment);
        }
        experiment.conclude(
            "This server forbids CONFIG, as managed ones do; there the policy comes from the parameter group. The effective one is shown alone.",
        );
    }
    let policy = memory.get("maxmemory_policy").cloned().unwrap_or_default();
    let room = max.saturating_sub(used);
    if max == 0 || room > MOST_ROOM || policy == "noeviction" {
        experiment.conclude(format!(
            "Not tried: maxmemory is {} and the policy {policy}; the experiment needs a policy that evicts and at most 48 MB of room.",
            if max == 0 { "not limited".to_owned() } else { format!("{:.0} MB", mb(max)) }
        ));
        return Ok(experiment);
    }
    let seen = turn(session, &policy, room).await?;
    show(&mut experiment, &policy, &[seen]);
    experiment.judge_noise(&[], &[]);
    Ok(experiment)
}

async fn compare(session: &Session, experiment: &mut Experiment) -> Result<(), Failure> {
    let mut cases = POLICIES.map(|policy| (policy, Vec::new()));
    for _ in 0..TURNS {
        for (policy, turns) in &mut cases {
            if session.stop.is_requested() {
                break;
            }
            configure(session, &[("maxmemory-policy", (*policy).to_owned())]).await?;
            turns.push(turn(session, policy, ROOM).await?);
        }
    }
    for (policy, turns) in &cases {
        show(experiment, policy, turns);
    }
    let kept = |case| experiment.value("hot_kept", case);
    if let (Some(lru), Some(lfu)) = (kept(0), kept(1)) {
        experiment.conclude(format!(
            "LRU kept {lru:.0} % of the hot keys, LFU {lfu:.0} %: LRU asks who was used last, LFU who is used often."
        ));
    }
    let kept = |turns: &Vec<Turn>| turns.iter().map(|turn| 1.0 + turn.hot_kept as f64).collect();
    experiment.judge_noise(&[], &cases.each_ref().map(|(_, turns)| kept(turns)));
    Ok(())
}

/// Adds a policy with the means of its turns.
fn show(experiment: &mut Experiment, policy: &str, turns: &[Turn]) {
    if turns.is_empty() {
        return;
    }
    let mean = |figure: fn(&Turn) -> u64| {
        Some(turns.iter().map(|turn| figure(turn) as f64).sum::<f64>() / turns.len() as f64)
    };
    let percent = |part: Option<f64>, all: Option<f64>| Some(part? * 100.0 / all?.max(1.0));
    let scanned = mean(|turn| turn.scanned);
    experiment.case(
        policy,
        &[
            ("hot_keys", "hot keys, read 100 times each", "", Some(HOT as f64)),
            ("scanned", "keys written once by the scan", "", scanned),
            ("evicted", "keys evicted", "", mean(|turn| turn.evicted)),
            ("hot_kept", "hot keys left", "%", percent(mean(|turn| turn.hot_kept), Some(HOT as f64))),
            ("scan_kept", "scanned keys left", "%", percent(mean(|turn| turn.scan_kept), scanned)),
        ],
    );
}

/// What became of the keys of one scan.
struct Turn {
    scanned: u64,
    evicted: u64,
    hot_kept: u64,
    scan_kept: u64,
}

/// Returns whether the server allows it.
async fn configure(session: &Session, settings: &[(&str, String)]) -> Result<bool, Failure> {
    for (name, value) in settings {
        let set: Result<(), redis::RedisError> =
            session.redis.query(redis::cmd("CONFIG").arg("SET").arg(name).arg(value)).await;
        match set {
            Ok(()) => {}
            // "unknown command" where it is renamed or removed, NOPERM where an ACL forbids it.
            Err(e) if e.code() == Some("NOPERM") || e.to_string().contains("unknown command") => {
                return Ok(false);
            }
            Err(e) => return Err(session.redis.explain(&e)),
        }
    }
    Ok(true)
}

async fn turn(session: &Session, policy: &str, room: u64) -> Result<Turn, Failure> {
    let redis = &session.redis;
    let prefix = session.stored(&run_prefix());
    let key = |kind: &str, n: u64| format!("{prefix}:{kind}:{n}");
    let value = vec![b'x'; VALUE];
    let evicted = async || Ok::<_, Failure>(number(&redis.info("stats").await?, "evicted_keys"));
    let before = evicted().await?;
    session.progress.report(policy, 0, 3, "writing and reading hot keys");
    let mut pipe = redis::pipe();
    for n in 0..HOT {
        pipe.cmd("SET").arg(key("hot", n)).arg(value.as_slice()).arg("PX").arg(KEY_TTL_MS).ignore();
    }
    redis.pipeline::<()>(&pipe).await.map_err(|e| redis.explain(&e))?;
    let mut pipe = redis::pipe();
    for n in 0..HOT {
        pipe.cmd("GETRANGE").arg(key("hot", n)).arg(0).arg(0).ignore();
    }
    for _ in 0..READS {
        redis.pipeline::<()>(&pipe).await.map_err(|e| redis.explain(&e))?;
    }
    session.stop.or(tokio::time::sleep(AGEING)).await;
    // Twice the room, so that everything of before is up for eviction.
    let scanned = 2 * room / VALUE as u64;
    for first in (0..scanned).step_by(BATCH as usize) {
        if session.stop.is_requested() {
            break;
        }
        session.progress.report(policy, first, scanned, "scanning");
        let mut pipe = redis::pipe();
        for n in first..first + BATCH {
            pipe.cmd("SET").arg(key("scan", n)).arg(value.as_slice()).arg("PX").arg(KEY_TTL_MS).ignore();
        }
        redis.pipeline::<()>(&pipe).await.map_err(|e| redis.explain(&e))?;
    }
    let evicted = evicted().await?.saturating_sub(before);
    let mut left = Vec::new();
    for (kind, count) in [("hot", HOT), ("scan", scanned + BATCH)] {
        let mut sum = 0;
        for first in (0..count).step_by(256) {
            let mut unlink = redis::cmd("UNLINK");
            for n in first..(first + 256).min(count) {
                unlink.arg(key(kind, n));
            }
            sum += redis.query::<u64>(&unlink).await.map_err(|e| redis.explain(&e))?;
        }
        left.push(sum);
    }
    Ok(Turn { scanned, evicted, hot_kept: left[0], scan_kept: left[1] })
}
