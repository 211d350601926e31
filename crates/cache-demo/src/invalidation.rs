//! `invalidation`: the data changes in the database; who tells the caches, and for how long do readers see the old value?
//!
//! Two caches stand for two processes, each with a tier of its own in front of Redis. Nobody, the application, or
//! triggers in the database tell them.

use crate::cache::Cache;
use crate::crowd::SLOTS;
use crate::error::Failure;
use crate::experiment::Experiment;
use crate::listen::{Heard, Listener};
use crate::local::Local;
use crate::outbox::{self, Relay};
use crate::patterns::run_prefix;
use crate::policy::Policy;
use crate::session::Session;
use crate::shoppers::{Rule, Shoppers};
use crate::write_through::figures;
use std::sync::Arc;
use std::time::Duration;

/// Redis keeps a value so long, and a process's own tier too.
const TTL: Duration = Duration::from_secs(1);
/// Values in a process's own tier.
const LOCAL: usize = 1_000;
/// Processes.
const PROCESSES: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Teller {
    Nobody,
    Application,
    Triggers,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    session.require_data().await?;
    let mut experiment =
        Experiment::new("The data changes: who tells the caches, and how long is the old value seen?");
    let mut slots = Vec::new();
    for (name, teller) in [
        ("TTL only", Teller::Nobody),
        ("application publishes", Teller::Application),
        ("triggers and outbox", Teller::Triggers),
    ] {
        if session.stop.is_requested() {
            break;
        }
        if teller == Teller::Triggers && outbox::create(session).await?.is_none() {
            experiment.conclude(
                "Triggers were not tried: this account may not create them (privilege TRIGGER; with a binary log also log_bin_trust_function_creators = 1 in the parameter group).",
            );
            break;
        }
        let measured = case(session, &mut experiment, name, teller).await;
        if teller == Teller::Triggers {
            outbox::remove(session).await?;
        }
        slots.push(measured?);
    }
    if let Some(nobody) = experiment.value("stale_p99", 0) {
        let told = |case| match experiment.value("stale_p99", case) {
            Some(age) => format!("{age:.1} ms"),
            None => "never".to_owned(),
        };
        if experiment.columns.len() > 1 {
            let sentence = format!(
                "The old value was seen for up to {nobody:.0} ms (p99) with the TTL alone, {} when the application publishes{}.",
                told(1),
                if experiment.columns.len() > 2 {
                    format!(", {} with triggers", told(2))
                } else {
                    String::new()
                }
            );
            experiment.conclude(sentence);
        }
        experiment.conclude(
            "With the TTL alone, the TTLs of both tiers add up: 1 s in Redis and 1 s inside the process.",
        );
        experiment.conclude(
            "Triggers also see changes that bypass the application, and cost a row and a delete for each; the relay's own queries are counted.",
        );
    }
    let slots: Vec<&[u64]> = slots.iter().map(<[u64; SLOTS]>::as_slice).collect();
    experiment.judge_noise(&slots, &[]);
    Ok(experiment)
}

async fn case(
    session: &Session,
    experiment: &mut Experiment,
    name: &str,
    teller: Teller,
) -> Result<[u64; SLOTS], Failure> {
    let observer = session.observer().await?;
    let prefix = run_prefix();
    let channel = format!("{prefix}:changed");
    let policy = Policy { ttl: TTL, ..Policy::default() };
    let caches: Vec<Arc<Cache>> = (0..PROCESSES)
        .map(|_| Arc::new(session.cache_with(policy.clone()).with_local(Local::new(LOCAL, TTL))))
        .collect();
    let mut listeners = Vec::new();
    if teller != Teller::Nobody {
        for cache in &caches {
            listeners.push(listen(session, cache, &channel).await?);
        }
    }
    let rule = if teller == Teller::Application { Rule::Publish(channel.clone()) } else { Rule::Nothing };
    let shoppers = Arc::new(Shoppers::new(session, &prefix, caches.clone(), rule).await?);
    let relay = if teller == Teller::Triggers {
        Some(Relay::start(session.observer().await?, Arc::clone(&session.redis), prefix, channel))
    } else {
        None
    };
    let users = session.tuning.users[0];
    shoppers.run(session, name, users, session.tuning.stage / 4).await;
    drop(shoppers.finish()?);
    let counts =
        || caches.iter().fold(crate::counters::Counts::default(), |sum, c| sum.plus(&c.counters().counts()));
    let (selects, before) = (observer.selects().await?, counts());
    shoppers.run(session, name, users, session.tuning.stage).await;
    let selects = observer.selects().await?.saturating_sub(selects);
    let counts = counts().since(&before);
    let messages = match relay {
        Some(relay) => Some(relay.finish().await? as f64),
        None => None,
    };
    let tally = shoppers.finish()?;
    drop(listeners);
    shoppers.shop.clear(&session.redis).await?;
    let mut figures = figures(&tally, &counts, selects);
    let lookups = (counts.local_hits + counts.hits + counts.misses).max(1);
    figures.insert(
        4,
        (
            "local_percent",
            "of these, inside the process",
            "%",
            Some(counts.local_hits as f64 * 100.0 / lookups as f64),
        ),
    );
    figures.push(("messages", "outbox messages relayed", "", messages));
    experiment.case(name, &figures);
    Ok(tally.slots)
}

/// Lets a cache hear what others have changed.
pub async fn listen(session: &Session, cache: &Arc<Cache>, channel: &str) -> Result<Listener, Failure> {
    let cache = Arc::clone(cache);
    let on = move |heard: Heard<'_>| match heard {
        Heard::Message(key) => {
            if let Ok(key) = std::str::from_utf8(key) {
                cache.forget(key);
            }
        }
        Heard::Silence => cache.distrust_local(),
        Heard::Again => cache.trust_local(),
    };
    session.redis.listen(channel, on).await.map_err(|e| session.redis.explain(&e))
}
