//! `invalidation`: the data changes in the database; who tells the caches, and for how long do readers see the old value?
//!
//! Two caches stand for two processes, each with a tier of its own in front of Redis. Nobody, the application, or
//! triggers in the database tell them.

use crate::cache::aside::Cache;
use crate::cache::counters::Counts;
use crate::cache::local::Local;
use crate::cache::policy::Policy;
use crate::commands::interleave::{TURNS, figures};
use crate::engines::listen::{Heard, Listener};
use crate::error::Failure;
use crate::measure::counted::Counted;
use crate::measure::noise;
use crate::session::{Session, run_prefix};
use crate::shop::outbox::{self, Keys, Relay};
use crate::shop::shoppers::{Rule, Shoppers, Tally};
use recipe_walk_measurements::result::Experiment;
use std::sync::Arc;
use std::sync::atomic::Ordering;
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

/// A case and what its turns add up to.
struct Case {
    name: &'static str,
    teller: Teller,
    tally: Tally,
    counts: Counts,
    /// SELECT statements, by the database's own counter.
    selects: Counted,
    /// Median read of each turn, in milliseconds.
    medians: Vec<f64>,
    messages: u64,
    retries: u64,
    renewals: u64,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Experiment, Failure> {
    session.require_data().await?;
    let mut experiment =
        Experiment::new("The data changes: who tells the caches, and how long is the old value seen?");
    let mut cases: Vec<Case> = [
        ("TTL only", Teller::Nobody),
        ("application publishes", Teller::Application),
        ("triggers and outbox", Teller::Triggers),
    ]
    .map(|(name, teller)| Case::new(name, teller))
    .into();
    let (mut ended, mut refused) = (None, false);
    'turns: for _ in 0..TURNS {
        for case in &mut cases {
            if refused && case.teller == Teller::Triggers {
                continue;
            }
            if session.stop.is_requested() {
                break 'turns;
            }
            match case.told_turn(session).await {
                Ok(took_place) => refused |= !took_place,
                Err(failure) => {
                    ended = Some(failure);
                    break 'turns;
                }
            }
        }
    }
    if refused {
        experiment.conclude(
            "Triggers were not tried: this account may not create them (privilege TRIGGER; with a binary log also log_bin_trust_function_creators = 1 in the parameter group).",
        );
    }
    cases.retain(|case| !case.medians.is_empty());
    for case in &cases {
        experiment.case(case.name, &case.figures());
    }
    conclude(&mut experiment);
    let slots: Vec<&[u64]> = cases.iter().map(|case| case.tally.slots.as_slice()).collect();
    let medians: Vec<Vec<f64>> = cases.iter().map(|case| case.medians.clone()).collect();
    experiment.noise = noise::judge_load(&slots, &medians);
    experiment.ended(ended)
}

fn conclude(experiment: &mut Experiment) {
    let Some(nobody) = experiment.value("stale_p99", 0) else { return };
    let told = |case| match experiment.value("stale_p99", case) {
        Some(age) => format!("{age:.1} ms"),
        None => "never".to_owned(),
    };
    let cases = experiment.columns.len();
    if cases > 1 {
        let triggers = if cases > 2 { format!(", {} with triggers", told(2)) } else { String::new() };
        experiment.conclude(format!(
            "The old value was seen for up to {nobody:.0} ms (p99) with the TTL alone, {} when the application publishes{triggers}.",
            told(1),
        ));
    }
    experiment.conclude(
        "With the TTL alone, the TTLs of both tiers add up: 1 s in Redis and 1 s inside the process.",
    );
    experiment.conclude(
        "Triggers also see changes that bypass the application, and cost a row and a delete for each; the relay's own queries are counted.",
    );
}

impl Case {
    fn new(name: &'static str, teller: Teller) -> Self {
        Self {
            name,
            teller,
            tally: Tally::default(),
            counts: Counts::default(),
            selects: Counted::default(),
            medians: Vec::new(),
            messages: 0,
            retries: 0,
            renewals: 0,
        }
    }

    /// One turn, with triggers for as long as it needs them. Answers whether it took place: an account may not be allowed
    /// to create triggers.
    async fn told_turn(&mut self, session: &Session) -> Result<bool, Failure> {
        if self.teller != Teller::Triggers {
            return self.turn(session).await.map(|()| true);
        }
        if outbox::create(session).await?.is_none() {
            return Ok(false);
        }
        let measured = self.turn(session).await;
        outbox::remove(session).await?;
        measured.map(|()| true)
    }

    /// One turn, with caches and keys of its own.
    async fn turn(&mut self, session: &Session) -> Result<(), Failure> {
        let observer = session.observer().await?;
        let prefix = run_prefix();
        let channel = format!("{prefix}:changed");
        let stored = session.stored(&prefix);
        let policy = Policy { ttl: TTL, ..Policy::default() };
        let caches: Vec<Arc<Cache>> = (0..PROCESSES)
            .map(|_| Arc::new(session.cache_with(policy.clone()).with_local(Local::new(LOCAL, TTL))))
            .collect();
        let mut listeners = Vec::new();
        if self.teller != Teller::Nobody {
            for cache in &caches {
                listeners.push(listen(session, cache, &channel).await?);
            }
        }
        let rule =
            if self.teller == Teller::Application { Rule::Publish(channel.clone()) } else { Rule::Nothing };
        let shoppers = Arc::new(Shoppers::new(session, &prefix, caches.clone(), rule).await?);
        let relay = if self.teller == Teller::Triggers {
            Some(Relay::start(
                session.observer().await?,
                Arc::clone(&session.redis),
                Keys { prefix, stored },
                channel,
            ))
        } else {
            None
        };
        // The time is long enough for values to grow as old as the TTL lets them.
        let time = (session.tuning.stage / TURNS).max(TTL.mul_f64(1.5));
        let users = session.tuning.users[0];
        shoppers.run(session, self.name, users, time / 4).await;
        drop(shoppers.finish()?);
        let counts = || caches.iter().fold(Counts::default(), |sum, c| sum.plus(&c.counters().counts()));
        let (selects, before) = (observer.selects().await?, counts());
        shoppers.run(session, self.name, users, time).await;
        let selects = observer.selects().await.map(|now| now.saturating_sub(selects));
        self.counts = self.counts.plus(&counts().since(&before));
        if let Some(relay) = relay {
            let relayed = relay.finish().await?;
            self.messages += relayed.messages.load(Ordering::Relaxed);
            self.retries += relayed.retries.load(Ordering::Relaxed);
        }
        let tally = shoppers.finish()?;
        self.renewals += listeners.iter().map(Listener::renewals).sum::<u64>();
        drop(listeners);
        self.selects.add(&selects);
        self.medians.push(tally.reads.median_ms());
        self.tally.add(&tally);
        shoppers.shop.clear(&session.redis).await?;
        selects.map(|_| ())
    }

    fn figures(&self) -> Vec<(&'static str, &'static str, &'static str, Option<f64>)> {
        let mut figures = figures(&self.tally, &self.counts, self.selects.known());
        let local = self.counts.local_hits as f64 * 100.0 / self.counts.lookups().max(1) as f64;
        figures.insert(4, ("local_percent", "of these, inside the process", "%", Some(local)));
        let triggers = self.teller == Teller::Triggers;
        let told = self.teller != Teller::Nobody;
        figures.extend([
            ("messages", "outbox messages relayed", "", triggers.then_some(self.messages as f64)),
            ("relay_retries", "rounds of the relay repeated", "", triggers.then_some(self.retries as f64)),
            ("renewals", "subscriptions renewed", "", told.then_some(self.renewals as f64)),
        ]);
        figures
    }
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
