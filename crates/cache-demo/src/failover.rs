//! `failover`: load, while somebody else promotes the replica. What do users notice, what is stale, what is lost?

use crate::breaker::State;
use crate::chart;
use crate::error::Failure;
use crate::failover_users::FailoverUsers;
use crate::measure::{Recorder, round};
use crate::patterns::run_prefix;
use crate::report::Report;
use crate::session::Session;
use crate::shoppers::{Rule, Shoppers};
use crate::table::{grouped, ms};
use crate::timeline::Degraded;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How often the primary is asked who it is.
const LOOK: Duration = Duration::from_millis(50);
/// So long without anything degraded after the promotion, and it is over.
const CALM: Duration = Duration::from_secs(3);
/// Events that are kept: a circuit that flaps must not fill the result.
const MOST_EVENTS: usize = 60;

/// The result of `failover`.
#[derive(Debug, Clone, Serialize)]
pub struct Failover {
    /// Whether another server answered at the primary's address in the end.
    pub promoted: bool,
    /// When it was first seen, seconds from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promoted_at_s: Option<f64>,
    /// How long it all took.
    pub seconds: f64,
    /// Concurrent users.
    pub users: u32,
    /// Requests that were answered.
    pub requests: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Requests that failed.
    pub errors: u64,
    /// How long users or the database noticed something.
    pub degraded: Degraded,
    /// 50th and 99th percentile and maximum of reads, milliseconds.
    pub read_p50_ms: f64,
    /// 99th percentile of reads.
    pub read_p99_ms: f64,
    /// The longest read.
    pub read_max_ms: f64,
    /// Reads that the database answered because the cache could not be asked.
    pub without_cache: u64,
    /// How often the circuit around Redis opened.
    pub circuit_openings: u64,
    /// How long it was not closed.
    pub circuit_open_seconds: f64,
    /// Reads from the reader endpoint.
    pub reader_reads: u64,
    /// Of these, stale ones.
    pub reader_stale: u64,
    /// Of these, those that failed there and were answered otherwise.
    pub reader_fallbacks: u64,
    /// Answers older than what the database had confirmed when they were asked for.
    pub stale_reads: u64,
    /// Their age, median.
    pub stale_p50_ms: f64,
    /// The oldest.
    pub stale_max_ms: f64,
    /// Writes that the old primary confirmed and the new one does not have: replication is asynchronous.
    pub lost_writes: u64,
    /// How long the oldest of them had been confirmed.
    pub lost_oldest_ms: f64,
    /// Writes that the database took and Redis did not confirm; their keys were removed later.
    pub unconfirmed_writes: u64,
    /// Answers that nobody ever wrote; must be 0.
    pub never_written: u64,
    /// What happened when.
    pub events: Vec<Event>,
    /// Answers over time, in at most 60 equal spans.
    pub throughput: Vec<u64>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Seconds from the start.
    pub at_s: f64,
    /// What.
    pub what: String,
}

/// Watches the primary and the circuit.
struct Watch {
    begin: Instant,
    first: Option<String>,
    reachable: bool,
    circuit: State,
    openings: u64,
    open: Duration,
    last_look: Instant,
    bypassed: u64,
    promoted: Option<Instant>,
    lost: Recorder,
    events: Vec<Event>,
}

/// Runs the command. It ends three calm seconds after the promotion, or when the time is over.
pub async fn run(session: &Session) -> Result<Failover, Failure> {
    session.require_data().await?;
    let tuning = &session.tuning;
    let reader = if tuning.reader_share > 0.0 { session.reader().await? } else { None };
    let cache = Arc::new(session.cache());
    let shoppers = Shoppers::new(session, &run_prefix(), vec![Arc::clone(&cache)], Rule::Replace).await?;
    let users = Arc::new(FailoverUsers::new(shoppers, reader, tuning.reader_share));
    let over = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..tuning.users[0])
        .map(|number| tokio::spawn(Arc::clone(&users).user(number, Arc::clone(&over))))
        .collect();
    let mut watch = Watch {
        begin: users.begin,
        first: None,
        reachable: true,
        circuit: State::Closed,
        openings: 0,
        open: Duration::ZERO,
        last_look: Instant::now(),
        bypassed: 0,
        promoted: None,
        lost: Recorder::new(),
        events: Vec::new(),
    };
    let total = tuning.stage.as_millis() as u64;
    while !session.stop.is_requested() && users.begin.elapsed() < tuning.stage {
        watch.look(session, &users).await;
        cache.settle().await;
        let (stage, message) = match watch.promoted {
            None => ("waiting", "ready: promote the replica now"),
            Some(_) => ("recovering", "the replica is promoted; watching what follows"),
        };
        session.progress.report(stage, users.begin.elapsed().as_millis() as u64, total, message);
        if watch.is_over(&users) {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    over.store(true, Ordering::Relaxed);
    for task in tasks {
        // A user task does not panic; one that did would only be missing from the tally.
        let _ = task.await;
    }
    let seconds = users.begin.elapsed();
    let result = watch.result(session, &users, seconds)?;
    // The keys go by themselves where Redis is away now.
    let _ = users.shoppers.shop.clear(&session.redis).await;
    session.progress.report("done", total, total, "done");
    Ok(result)
}

impl Watch {
    /// Looks at the primary's address, the circuit and what went without the cache since the last look.
    async fn look(&mut self, session: &Session, users: &FailoverUsers) {
        let (now, cache) = (Instant::now(), users.cache());
        if self.circuit != State::Closed {
            self.open += now - self.last_look;
        }
        self.last_look = now;
        let (circuit, openings) = (cache.circuit(), cache.circuit_openings());
        if circuit != self.circuit || openings != self.openings {
            self.event(match circuit {
                State::Open => "the circuit around Redis opens: the database answers".to_owned(),
                State::HalfOpen => "the circuit is half-open: one request tries Redis".to_owned(),
                State::Closed => "the circuit closes: the cache answers again".to_owned(),
            });
            (self.circuit, self.openings) = (circuit, openings);
        }
        let bypassed = cache.counters().counts().bypassed;
        let new = bypassed.saturating_sub(self.bypassed);
        self.bypassed = bypassed;
        if new > 0 {
            users.slice(|slice| slice.without_cache += new);
        }
        self.identify(session, users).await;
    }

    async fn identify(&mut self, session: &Session, users: &FailoverUsers) {
        // While the circuit is open, only its probe talks to Redis.
        if self.circuit == State::Open {
            return;
        }
        let asked = Instant::now();
        let replication = session.redis.info("replication").await;
        let server = session.redis.info("server").await;
        let (Ok(replication), Ok(server)) = (replication, server) else {
            if std::mem::replace(&mut self.reachable, false) {
                self.event("the primary does not answer".to_owned());
            }
            return;
        };
        if !std::mem::replace(&mut self.reachable, true) {
            self.event("the primary answers".to_owned());
        }
        if replication.get("role").is_some_and(|role| role != "master") {
            // The name leads to the new primary by now, or soon; this connection still ends at the old one.
            session.redis.reconnect();
            return;
        }
        let id = server.get("run_id").cloned().unwrap_or_default();
        match &self.first {
            None => self.first = Some(id),
            Some(first) if *first != id && self.promoted.is_none() => {
                self.promoted = Some(asked);
                self.event("another server is the primary now".to_owned());
                match users.lost(asked).await {
                    Ok(ages) => ages.into_iter().for_each(|age| self.lost.record(age)),
                    Err(_) => self.promoted = None,
                }
            }
            Some(_) => {}
        }
    }

    fn is_over(&self, users: &FailoverUsers) -> bool {
        let Some(promoted) = self.promoted else { return false };
        let last = users.timeline.lock().unwrap_or_else(PoisonError::into_inner).last_degraded();
        let calm = last.map_or(promoted, |last| promoted.max(self.begin + last));
        self.circuit == State::Closed && self.reachable && calm.elapsed() >= CALM
    }

    fn event(&mut self, what: String) {
        if self.events.len() < MOST_EVENTS {
            self.events.push(Event { at_s: round(self.begin.elapsed().as_secs_f64(), 2), what });
        }
    }

    fn result(
        self,
        session: &Session,
        users: &FailoverUsers,
        seconds: Duration,
    ) -> Result<Failover, Failure> {
        let tally = users.shoppers.finish()?;
        let (reads, stale) = (tally.reads.summary(), tally.stale.summary());
        let timeline = users.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        Ok(Failover {
            promoted: self.promoted.is_some(),
            promoted_at_s: self.promoted.map(|at| round((at - self.begin).as_secs_f64(), 2)),
            seconds: round(seconds.as_secs_f64(), 1),
            users: session.tuning.users[0],
            requests: tally.reads.len() + tally.writes.len(),
            writes: tally.writes.len(),
            errors: tally.errors,
            degraded: timeline.degraded(),
            read_p50_ms: reads.p50_ms,
            read_p99_ms: reads.p99_ms,
            read_max_ms: reads.max_ms,
            without_cache: users.cache().counters().counts().bypassed,
            circuit_openings: users.cache().circuit_openings(),
            circuit_open_seconds: round(self.open.as_secs_f64(), 2),
            reader_reads: counted(&users.counted.reader_reads),
            reader_stale: counted(&users.counted.reader_stale),
            reader_fallbacks: counted(&users.counted.reader_fallbacks),
            stale_reads: stale.samples,
            stale_p50_ms: stale.p50_ms,
            stale_max_ms: stale.max_ms,
            lost_writes: self.lost.len(),
            lost_oldest_ms: self.lost.summary().max_ms,
            unconfirmed_writes: counted(&users.counted.unconfirmed),
            never_written: tally.never_written,
            events: self.events,
            throughput: timeline.throughput(60),
        })
    }
}

impl Report for Failover {
    fn text(&self) -> String {
        let d = &self.degraded;
        let mut text = match self.promoted_at_s {
            Some(at) => format!("Another server became the primary {at:.1} s after the start.\n"),
            None => "Nobody promoted the replica: this is an ordinary run.\n".to_owned(),
        };
        text += &format!(
            "Users      {} of them, {} requests, {} errors; reads p50 {} ms, p99 {} ms, at most {} ms\n",
            self.users,
            grouped(self.requests),
            grouped(self.errors),
            ms(self.read_p50_ms),
            ms(self.read_p99_ms),
            ms(self.read_max_ms)
        );
        text += &format!(
            "Degraded   {:.1} s, {:.1} s of them with errors; {} reads went past the cache\n",
            d.seconds,
            d.error_seconds,
            grouped(self.without_cache)
        );
        text += &format!(
            "Circuit    opened {} times, {:.1} s not closed\n",
            self.circuit_openings, self.circuit_open_seconds
        );
        text += &format!(
            "Reader     {} reads, {} stale, {} answered elsewhere\n",
            grouped(self.reader_reads),
            grouped(self.reader_stale),
            grouped(self.reader_fallbacks)
        );
        text += &format!(
            "Stale      {} reads, p50 {} ms, at most {} ms; never written: {}\n",
            grouped(self.stale_reads),
            ms(self.stale_p50_ms),
            ms(self.stale_max_ms),
            self.never_written
        );
        text += &format!(
            "Lost       {} writes that the old primary had confirmed, the oldest {} ms before; {} not confirmed at all\n",
            self.lost_writes,
            ms(self.lost_oldest_ms),
            self.unconfirmed_writes
        );
        text += &format!("Over time  {}\n", chart::sparkline(&self.throughput));
        for event in &self.events {
            text += &format!("  {:>7.2} s  {}\n", event.at_s, event.what);
        }
        text
    }
}
