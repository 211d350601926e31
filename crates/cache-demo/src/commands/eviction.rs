//! `eviction`: a scan of keys that nobody reads again fills the memory; which policy keeps the hot keys?
//!
//! A managed service forbids CONFIG and takes its policy from a parameter group. There, `--policies` waits until somebody
//! has set each of them; without it the effective policy is shown alone. On a server of one's own, `--may-configure` sets
//! them itself, and restores the settings.

use crate::commands::fill_memory::{AGEING, HOT, KEY_TTL_MS, VALUE, foreign_keys};
use crate::commands::interleave::TURNS;
use crate::engines::redis_side::info_number;
use crate::error::Failure;
use crate::measure::memory::mb;
use crate::measure::noise;
use crate::session::{Session, run_prefix};
use recipe_walk_measurements::result::Experiment;
use std::time::{Duration, Instant};

/// Room that is given to the keys where we may configure.
const ROOM: u64 = 8 * 1_048_576;
/// More room than this is not worth filling.
const MOST_ROOM: u64 = 48 * 1_048_576;
/// Reads of each hot key before the scan: LFU counts them, logarithmically.
const READS: u64 = 100;
/// Commands in a round trip.
const BATCH: u64 = 32;
/// The policies that are compared where nobody names others.
const POLICIES: [&str; 2] = ["allkeys-lru", "allkeys-lfu"];
/// How long somebody else may take to set a policy: a managed service takes a minute or two.
const PATIENCE: Duration = Duration::from_mins(5);

/// A policy and what its turns saw.
struct Case {
    policy: String,
    turns: Vec<Turn>,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    let mut experiment =
        Experiment::new("A scan of keys that nobody reads again fills the memory: do the hot keys survive?");
    let memory = session.redis.info("memory").await?;
    let effective = memory.get("maxmemory_policy").cloned().unwrap_or_default();
    let (used, max) = (info_number(&memory, "used_memory"), info_number(&memory, "maxmemory"));
    if foreign_keys(session).await? {
        experiment
            .conclude("Not tried: this server holds keys of other programs, which would be evicted as well.");
        return Ok(experiment);
    }
    let named = &session.tuning.policies;
    if session.tuning.may_configure {
        let restore = [("maxmemory", max.to_string()), ("maxmemory-policy", effective.clone())];
        if configure(session, &[("maxmemory", (used + ROOM).to_string())]).await? {
            let policies = if named.is_empty() { POLICIES.map(str::to_owned).into() } else { named.clone() };
            let ended = compare(session, &mut experiment, policies, true).await;
            // The policy is restored after a failure too; a failure to restore is the more urgent one.
            let restored = configure(session, &restore).await;
            return experiment.ended(restored.err().or(ended));
        }
        experiment.conclude(
            "This server forbids CONFIG, as managed ones do; there the policy comes from the parameter group.",
        );
    }
    let room = max.saturating_sub(used);
    if max == 0 || room > MOST_ROOM || effective == "noeviction" {
        experiment.conclude(format!(
            "Not tried: maxmemory is {} and the policy {effective}; the experiment needs a policy that evicts and at most 48 MB of room.",
            if max == 0 { "not limited".to_owned() } else { format!("{:.0} MB", mb(max)) }
        ));
        return Ok(experiment);
    }
    let policies = if named.is_empty() { vec![effective] } else { named.clone() };
    let ended = compare(session, &mut experiment, policies, false).await;
    experiment.ended(ended)
}

/// Runs all turns and shows them. Answers what ended them early.
async fn compare(
    session: &Session,
    experiment: &mut Experiment,
    policies: Vec<String>,
    ours: bool,
) -> Option<Failure> {
    let mut cases: Vec<Case> =
        policies.into_iter().map(|policy| Case { policy, turns: Vec::new() }).collect();
    let ended = turns(session, &mut cases, ours).await.err();
    cases.retain(|case| !case.turns.is_empty());
    for case in &cases {
        show(experiment, case);
    }
    let kept: Vec<String> = (0..cases.len())
        .filter_map(|case| Some((&cases[case].policy, experiment.value("hot_kept", case)?)))
        .map(|(policy, kept)| format!("{policy} kept {kept:.0} %"))
        .collect();
    if kept.len() > 1 {
        experiment.conclude(format!(
            "Of the hot keys, {}. LRU asks who was used last, LFU who is used often.",
            kept.join(", ")
        ));
    }
    let kept = |case: &Case| case.turns.iter().map(|turn| (HOT + turn.hot_kept) as f64).collect();
    experiment.noise = noise::judge_load(&[], &cases.iter().map(kept).collect::<Vec<_>>());
    ended
}

/// Each policy has its turns: A B A B where we set it, A A B B where somebody else has to.
async fn turns(session: &Session, cases: &mut [Case], ours: bool) -> Result<(), Failure> {
    let (cases_in, each) = if ours { (TURNS, 1) } else { (1, TURNS) };
    for _ in 0..cases_in {
        for case in &mut *cases {
            if ours {
                configure(session, &[("maxmemory-policy", case.policy.clone())]).await?;
            } else {
                wait_for(session, &case.policy).await?;
            }
            for _ in 0..each {
                if session.stop.is_requested() {
                    return Ok(());
                }
                let memory = session.redis.info("memory").await?;
                let free =
                    info_number(&memory, "maxmemory").saturating_sub(info_number(&memory, "used_memory"));
                let room = if ours { ROOM } else { free };
                let seen = turn(session, &case.policy, room).await?;
                // A scan that was cut short says nothing about who survives one.
                if !session.stop.is_requested() {
                    case.turns.push(seen);
                }
            }
        }
    }
    Ok(())
}

/// Waits until the server runs under this policy.
async fn wait_for(session: &Session, policy: &str) -> Result<(), Failure> {
    let (begin, total) = (Instant::now(), PATIENCE.as_millis() as u64);
    while !session.stop.is_requested() {
        let memory = session.redis.info("memory").await?;
        let effective = memory.get("maxmemory_policy").map_or("", String::as_str);
        if effective == policy {
            return Ok(());
        }
        if begin.elapsed() > PATIENCE {
            return Err(Failure::measurement(
                format!("The server still runs under {effective}."),
                format!("Nobody has set {policy} within five minutes."),
                "Set maxmemory-policy in its parameter group, or let the demo do it with --may-configure.",
            ));
        }
        let waited = begin.elapsed().as_millis() as u64;
        let message = format!("waiting for {policy}: set it now");
        session.progress.ask("waiting", policy, waited, total, &message);
        session.stop.or(tokio::time::sleep(Duration::from_millis(200))).await;
    }
    Ok(())
}

/// Adds a policy with the means of its turns.
fn show(experiment: &mut Experiment, Case { policy, turns }: &Case) {
    let mean = |figure: fn(&Turn) -> u64| {
        Some(turns.iter().map(|turn| figure(turn) as f64).sum::<f64>() / turns.len() as f64)
    };
    let percent = |part: Option<f64>, all: Option<f64>| Some(part? * 100.0 / all?.max(1.0));
    let scanned = mean(|turn| turn.scanned);
    experiment.case(
        policy.as_str(),
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
    let evicted = async || Ok::<_, Failure>(info_number(&redis.info("stats").await?, "evicted_keys"));
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
    // The scan takes twice the room, so that everything of before is up for eviction.
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
