//! `failover`: load, while somebody else promotes the replica. What do users notice, what is stale, what is lost?

mod primary_watch;
mod users;

use crate::cache::breaker::State;
use crate::error::Failure;
use crate::measure::latency::round;
use crate::measure::noise;
use crate::session::{Session, run_prefix};
use crate::shop::shoppers::{Rule, Shoppers};
use primary_watch::{LOOK, PrimaryWatch};
use recipe_walk_measurements::result::Failover;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use users::FailoverUsers;

/// So long without anything degraded after the promotion, and it is over.
const CALM: Duration = Duration::from_secs(3);

/// Watches the circuit.
struct Watch {
    primary: Arc<PrimaryWatch>,
    circuit: State,
    openings: u64,
    open: Duration,
    last_look: Instant,
}

/// Runs the command. It ends three calm seconds after the promotion, or when the time is over.
pub async fn run(session: &Session) -> Result<Failover, Failure> {
    session.require_data().await?;
    let tuning = &session.tuning;
    let reader = if tuning.reader_share > 0.0 { session.reader().await? } else { None };
    let cache = Arc::new(session.cache());
    let shoppers = Shoppers::new(session, &run_prefix(), vec![Arc::clone(&cache)], Rule::Replace).await?;
    session.progress.report("warming", 0, 1, "all products are loaded once");
    shoppers.warm(session).await?;
    let users = Arc::new(FailoverUsers::new(shoppers, reader, tuning.reader_share));
    let over = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..tuning.users[0])
        .map(|number| tokio::spawn(Arc::clone(&users).user(number, Arc::clone(&over))))
        .collect();
    let primary = PrimaryWatch::new(Arc::clone(&session.redis), Arc::clone(&users));
    // Both wait for Redis, which the loop below must not do.
    let helpers = [
        tokio::spawn(Arc::clone(&primary).watch()),
        tokio::spawn(async move {
            loop {
                cache.settle().await;
                tokio::time::sleep(LOOK).await;
            }
        }),
    ];
    let mut watch = Watch {
        primary,
        circuit: State::Closed,
        openings: 0,
        open: Duration::ZERO,
        last_look: Instant::now(),
    };
    let total = tuning.stage.as_millis() as u64;
    while !session.stop.is_requested() && users.begin.elapsed() < tuning.stage {
        watch.look(&users);
        let (progress, done) = (&session.progress, users.begin.elapsed().as_millis() as u64);
        match watch.primary.seen().promoted {
            None => progress.ask("ready", "waiting", done, total, "ready: promote the replica now"),
            Some(_) => {
                progress.report("recovering", done, total, "the replica is promoted; watching what follows");
            }
        }
        if watch.is_over(&users) {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    over.store(true, Ordering::Relaxed);
    let seconds = users.begin.elapsed();
    session.stop.join(tasks).await;
    users.timeline.lock().unwrap_or_else(PoisonError::into_inner).end(seconds);
    helpers.iter().for_each(tokio::task::JoinHandle::abort);
    let result = watch.result(session, &users, seconds)?;
    // The keys go by themselves where Redis is away now.
    let _ = users.shoppers.shop.clear(&session.redis).await;
    session.progress.report("done", total, total, "done");
    Ok(result)
}

impl Watch {
    /// Looks at the circuit.
    fn look(&mut self, users: &FailoverUsers) {
        let (now, cache) = (Instant::now(), users.cache());
        if self.circuit != State::Closed {
            self.open += now - self.last_look;
        }
        self.last_look = now;
        let (circuit, openings) = (cache.circuit(), cache.circuit_openings());
        if circuit != self.circuit || openings != self.openings {
            self.primary.event(match circuit {
                State::Open => "the circuit around Redis opens: the database answers",
                State::HalfOpen => "the circuit is half-open: one request tries Redis",
                State::Closed => "the circuit closes: the cache answers again",
            });
            (self.circuit, self.openings) = (circuit, openings);
        }
    }

    fn is_over(&self, users: &FailoverUsers) -> bool {
        let (reachable, promoted) = {
            let seen = self.primary.seen();
            (seen.reachable, seen.promoted)
        };
        let Some(promoted) = promoted else { return false };
        let timeline = users.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        let last = timeline.last_degraded(users.begin.elapsed());
        let calm = last.map_or(promoted, |last| promoted.max(users.begin + last));
        self.circuit == State::Closed && reachable && calm.elapsed() >= CALM
    }

    fn result(
        &self,
        session: &Session,
        users: &FailoverUsers,
        seconds: Duration,
    ) -> Result<Failover, Failure> {
        let tally = users.shoppers.finish()?;
        let mut seen = self.primary.seen();
        let (reads, stale) = (tally.reads.summary(), tally.stale.summary());
        let timeline = users.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        Ok(Failover {
            promoted: seen.promoted.is_some(),
            promoted_at_s: seen.promoted.map(|at| round((at - users.begin).as_secs_f64(), 2)),
            seconds: round(seconds.as_secs_f64(), 1),
            users: session.tuning.users[0],
            requests: tally.reads.len() + tally.writes.len(),
            writes: tally.writes.len(),
            errors: tally.failures.count(),
            error_messages: tally.failures.messages(),
            degraded: timeline.degraded(),
            read_p50_ms: reads.p50_ms,
            read_p99_ms: reads.p99_ms,
            read_max_ms: reads.max_ms,
            without_cache: users.cache().counters().counts().bypassed,
            circuit_openings: users.cache().circuit_openings(),
            circuit: users.cache().circuit(),
            database_circuit_openings: users.cache().database_circuit_openings(),
            database_circuit: users.cache().database_circuit(),
            circuit_open_seconds: round(self.open.as_secs_f64(), 2),
            reader_reads: counted(&users.counted.reader_reads),
            reader_stale: counted(&users.counted.reader_stale),
            reader_fallbacks: counted(&users.counted.reader_fallbacks),
            stale_reads: stale.samples,
            stale_p50_ms: stale.p50_ms,
            stale_max_ms: stale.max_ms,
            lost_writes: seen.lost.len(),
            lost_oldest_ms: seen.lost.summary().max_ms,
            unconfirmed_writes: counted(&users.counted.unconfirmed),
            never_written: tally.never_written,
            events: std::mem::take(&mut seen.events),
            throughput: timeline.throughput(60),
            noise: noise::judge_load(&[], &[]),
        })
    }
}
