//! Cache-aside: look into the cache, on a miss load once and store.
//!
//! What it promises: one load per key at a time in this process; TTLs spread by a jitter, so that keys stored
//! together do not expire together; absent things are remembered, briefly; a value that is being loaded while it is
//! invalidated is handed to those who wait but not stored; and when the cache is down or slow, answers come from the
//! database within a budget of concurrent loads. What it does not promise: between processes, a load that overlaps a
//! write can still store the old value; the TTL bounds how long that lasts.

use crate::breaker::{Breaker, State};
use crate::random::Random;
use crate::redis_side::RedisSide;
use crate::single_flight::{Role, SingleFlight, Ticket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Stored for a thing that is not in the database. No JSON document starts like this.
const ABSENT: &[u8] = b"\0absent";

/// The rules of a cache.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long a value lives, before jitter.
    pub ttl: Duration,
    /// How long an absence is remembered, before jitter.
    pub absent_ttl: Duration,
    /// Each TTL is up to this much shorter or longer.
    pub jitter_percent: u8,
    /// Larger values are served but not stored.
    pub max_value: usize,
    /// Concurrent loads while the cache cannot help.
    pub budget: usize,
    /// How long a load may wait for the budget before it is refused.
    pub patience: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            // The source document's TTL.
            ttl: Duration::from_mins(5),
            absent_ttl: Duration::from_secs(30),
            jitter_percent: 10,
            max_value: 512 * 1024,
            budget: 16,
            patience: Duration::from_secs(2),
        }
    }
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The cache had it.
    Hit,
    /// This task loaded it.
    Loaded,
    /// Another task was loading it already.
    Shared,
}

/// What the cache did, counted.
#[derive(Debug, Default)]
pub struct Counters {
    /// Answers from the cache, remembered absences included.
    pub hits: AtomicU64,
    /// Lookups that the cache answered with nothing.
    pub misses: AtomicU64,
    /// Loads from the database.
    pub loads: AtomicU64,
    /// Misses that waited for another task's load.
    pub shared: AtomicU64,
    /// Lookups that failed, timed out or were not tried while the circuit was open.
    pub bypassed: AtomicU64,
    /// Values that were loaded but could not be stored, or must not be.
    pub not_stored: AtomicU64,
    /// Loads refused because the budget was used up.
    pub refused: AtomicU64,
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Unavailable {
    /// The database failed.
    Database(Arc<mysql::Error>),
    /// The cache is down and as many loads as the database can bear are running.
    Busy,
    /// The answer could not be encoded.
    Encoding(String),
}

type Outcome = Result<Option<Arc<[u8]>>, Unavailable>;

/// A cache-aside cache of byte strings. Decoding is the caller's: hits and fresh loads are decoded the same way.
pub struct Cache {
    redis: Arc<RedisSide>,
    policy: Policy,
    flights: SingleFlight<Outcome>,
    breaker: Breaker,
    budget: Semaphore,
    jitter: Mutex<Random>,
    counters: Counters,
}

enum Looked {
    Found(Vec<u8>),
    Missing,
    Down,
}

impl Cache {
    /// A cache on `redis`. `seed` decides the jitter.
    pub fn new(redis: Arc<RedisSide>, policy: Policy, seed: u64) -> Self {
        Self {
            redis,
            flights: SingleFlight::new(),
            // Five failures in a row are no accident; after a second one request tries again.
            breaker: Breaker::new(5, Duration::from_secs(1)),
            budget: Semaphore::new(policy.budget.max(1)),
            jitter: Mutex::new(Random::new(seed)),
            counters: Counters::default(),
            policy,
        }
    }

    /// The value for `key` from the cache, or from `load`, which is stored then. None means that there is no such
    /// thing, which is remembered too.
    pub async fn get_or_load<L, F>(
        &self,
        key: &str,
        load: L,
    ) -> Result<(Option<Arc<[u8]>>, Source), Unavailable>
    where
        L: FnOnce() -> F,
        F: Future<Output = Result<Option<Vec<u8>>, Unavailable>>,
    {
        let since = self.flights.moment();
        let down = match self.look(key).await {
            Looked::Found(bytes) => {
                self.counters.hits.fetch_add(1, Ordering::Relaxed);
                return Ok((present(bytes), Source::Hit));
            }
            Looked::Missing => {
                self.counters.misses.fetch_add(1, Ordering::Relaxed);
                false
            }
            Looked::Down => {
                self.counters.bypassed.fetch_add(1, Ordering::Relaxed);
                true
            }
        };
        let flight = self.flights.run(key, since, |ticket| async move {
            // Somebody stored it between our look and now: look again instead of loading twice.
            if ticket.look_again
                && !down
                && let Looked::Found(bytes) = self.look(ticket.key()).await
            {
                return Ok(present(bytes));
            }
            self.load_and_store(&ticket, down, load).await
        });
        let (outcome, role) = flight.await;
        let source = match role {
            Role::Leader => Source::Loaded,
            Role::Follower => {
                self.counters.shared.fetch_add(1, Ordering::Relaxed);
                Source::Shared
            }
        };
        outcome.map(|value| (value, source))
    }

    /// Removes `key` after the database has changed, and keeps a load that is under way from storing what it read
    /// before. Returns whether the cache confirmed it; otherwise the old value lives until its TTL ends.
    pub async fn invalidate(&self, key: &str) -> bool {
        self.flights.forget(key);
        let Some(permit) = self.breaker.allow() else { return false };
        let removed: Result<(), _> = self.redis.query(redis::cmd("DEL").arg(key)).await;
        // Again, for a load that read the old row and started between the two.
        self.flights.forget(key);
        match removed {
            Ok(()) => {
                permit.success();
                true
            }
            Err(_) => {
                permit.failure();
                false
            }
        }
    }

    /// What it did so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The state of the circuit around Redis.
    pub fn circuit(&self) -> State {
        self.breaker.state()
    }

    /// How often the circuit opened.
    pub fn circuit_openings(&self) -> u64 {
        self.breaker.openings()
    }

    async fn look(&self, key: &str) -> Looked {
        let Some(permit) = self.breaker.allow() else { return Looked::Down };
        match self.redis.query::<Option<Vec<u8>>>(redis::cmd("GET").arg(key)).await {
            Ok(found) => {
                permit.success();
                found.map_or(Looked::Missing, Looked::Found)
            }
            Err(_) => {
                permit.failure();
                Looked::Down
            }
        }
    }

    async fn load_and_store<L, F>(&self, ticket: &Ticket<'_, Outcome>, down: bool, load: L) -> Outcome
    where
        L: FnOnce() -> F,
        F: Future<Output = Result<Option<Vec<u8>>, Unavailable>>,
    {
        // With the cache up, misses are few and the pool bounds them. Without it, everything is a miss, and a
        // database that is fine at a tenth of the load must not be run over.
        let _slot = if down {
            match tokio::time::timeout(self.policy.patience, self.budget.acquire()).await {
                Ok(Ok(slot)) => Some(slot),
                _ => {
                    self.counters.refused.fetch_add(1, Ordering::Relaxed);
                    return Err(Unavailable::Busy);
                }
            }
        } else {
            None
        };
        self.counters.loads.fetch_add(1, Ordering::Relaxed);
        let value = load().await?;
        let (bytes, ttl) = match &value {
            Some(bytes) => (bytes.as_slice(), self.policy.ttl),
            None => (ABSENT, self.policy.absent_ttl),
        };
        let stored = !down && bytes.len() <= self.policy.max_value && ticket.is_current() && {
            self.store(ticket.key(), bytes, ttl).await
        };
        if !stored {
            self.counters.not_stored.fetch_add(1, Ordering::Relaxed);
        } else if !ticket.is_current() {
            // Invalidated while the SET was on its way: the DEL may have come first.
            let _: Result<(), _> = self.redis.query(redis::cmd("DEL").arg(ticket.key())).await;
        }
        Ok(value.map(Arc::from))
    }

    async fn store(&self, key: &str, bytes: &[u8], ttl: Duration) -> bool {
        let Some(permit) = self.breaker.allow() else { return false };
        let ttl = self.jittered(ttl).as_millis() as u64;
        let stored: Result<(), _> =
            self.redis.query(redis::cmd("SET").arg(key).arg(bytes).arg("PX").arg(ttl.max(1))).await;
        match stored {
            Ok(()) => {
                permit.success();
                true
            }
            // The server answers: full, or a replica. Reading still works, so the circuit stays closed.
            Err(e) if !e.is_io_error() && !e.is_timeout() && !e.is_connection_dropped() => {
                permit.success();
                false
            }
            Err(_) => {
                permit.failure();
                false
            }
        }
    }

    fn jittered(&self, ttl: Duration) -> Duration {
        let spread = f64::from(self.policy.jitter_percent.min(100)) / 100.0;
        let unit = self.jitter.lock().unwrap_or_else(PoisonError::into_inner).unit();
        ttl.mul_f64(1.0 - spread + 2.0 * spread * unit)
    }
}

fn present(bytes: Vec<u8>) -> Option<Arc<[u8]>> {
    if bytes == ABSENT { None } else { Some(Arc::from(bytes)) }
}
