//! Cache-aside: look into the cache, on a miss load once and store.
//!
//! What it promises: one load per key at a time in this process; TTLs spread by a jitter, so that keys stored
//! together do not expire together; absent things are remembered, briefly; a value that is being loaded while it is
//! invalidated is handed to those who wait but not stored; when the cache is down or slow, answers come from the
//! database within a budget of concurrent loads; when the database is down, a value past its TTL is served with its
//! age, where the policy keeps it. Each engine has a circuit breaker. What it does not promise: between processes, a
//! load that overlaps a write can still store the old value; the TTL bounds how long that lasts.

use crate::cache::answer::{Loaded, Value};
pub use crate::cache::answer::{Source, Unavailable};
use crate::cache::breaker::{Breaker, State};
use crate::cache::counters::{Counters, count};
use crate::cache::entry::{self, Entry};
use crate::cache::local::{self, Local};
use crate::cache::lookups::Lookups;
use crate::cache::pending_removals::PendingRemovals;
use crate::cache::policy::Policy;
use crate::cache::single_flight::{Moment, Role, SingleFlight, Ticket};
use crate::engines::redis_side::RedisSide;
use crate::random::Random;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Failures in a row that are no accident.
const FAILURES: u32 = 5;
/// How long a circuit stays open before one request tries again.
const PAUSE: Duration = Duration::from_secs(1);

pub(crate) type Outcome = Result<Value, Unavailable>;

/// A cache-aside cache of byte strings. Decoding is the caller's: hits and fresh loads are decoded the same way.
pub struct Cache {
    pub(crate) redis: Arc<RedisSide>,
    lookups: Arc<Lookups>,
    pub(crate) policy: Policy,
    pub(crate) local: Option<Local>,
    pub(crate) flights: SingleFlight<Outcome>,
    pub(crate) breaker: Breaker,
    database: Breaker,
    budget: Semaphore,
    jitter: Mutex<Random>,
    /// Keys whose removal Redis did not confirm.
    pub(crate) pending: PendingRemovals,
    pub(crate) counters: Counters,
}

/// What became of a SET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// Confirmed.
    Yes,
    /// Refused, or not tried.
    No,
    /// No answer: it may have been carried out, or will be.
    Unknown,
}

enum Looked {
    Found(Entry),
    Missing,
    Down,
}

/// What a lookup that did not end with an answer leaves to its load.
struct Miss {
    since: Moment,
    kept: Option<local::Moment>,
    down: bool,
    /// What the cache has, past its TTL.
    old: Option<Entry>,
}

impl Cache {
    /// A cache on `redis`. `seed` decides the jitter.
    pub fn new(redis: Arc<RedisSide>, policy: Policy, seed: u64) -> Self {
        Self {
            lookups: Lookups::new(Arc::clone(&redis), policy.stored(""), policy.cache_limit),
            redis,
            local: None,
            flights: SingleFlight::new(),
            breaker: Breaker::new(FAILURES, PAUSE),
            database: Breaker::new(FAILURES, PAUSE),
            budget: Semaphore::new(policy.budget.max(1)),
            jitter: Mutex::new(Random::new(seed)),
            pending: PendingRemovals::default(),
            counters: Counters::default(),
            policy,
        }
    }

    /// With a tier of its own in front of Redis.
    #[must_use]
    pub fn with_local(self, local: Local) -> Self {
        Self { local: Some(local), ..self }
    }

    /// The value for `key` from the cache, or from `load`, which is stored then. None means that there is no such
    /// thing, which is remembered too.
    pub async fn get_or_load<L, F>(&self, key: &str, load: L) -> Result<(Value, Source), Unavailable>
    where
        L: FnOnce() -> F,
        F: Future<Output = Loaded>,
    {
        match self.first(key).await {
            Ok(answer) => Ok(answer),
            Err(miss) => self.finish(key, miss, load).await,
        }
    }

    /// Like [`Cache::get_or_load`], but a value that is only just past its TTL is served at once while another task
    /// loads it anew (stale-while-revalidate).
    pub async fn get_or_refresh<L, F>(
        self: &Arc<Self>,
        key: &str,
        load: L,
    ) -> Result<(Value, Source), Unavailable>
    where
        L: FnOnce() -> F + Send + 'static,
        F: Future<Output = Loaded> + Send + 'static,
    {
        let miss = match self.first(key).await {
            Ok(answer) => return Ok(answer),
            Err(miss) => miss,
        };
        let usable = |old: &&Entry| old.overdue <= self.policy.revalidate;
        let Some(old) = miss.old.as_ref().filter(usable).cloned() else {
            return self.finish(key, miss, load).await;
        };
        if !self.flights.is_flying(key) {
            let (cache, key) = (Arc::clone(self), key.to_owned());
            // Its error is counted, and shows to those who ask after the grace period.
            tokio::spawn(async move { cache.finish(&key, miss, load).await.map(|_| ()) });
        }
        Ok(self.stale(old))
    }

    /// Decodes an answer of [`Cache::get_or_load`] or [`Cache::get_or_refresh`]. What the cache has and nobody can decode
    /// is removed and loaded once.
    pub async fn decoded<T, E, D, L, F>(
        &self,
        key: &str,
        (value, source): (Value, Source),
        decode: D,
        load: L,
    ) -> Result<(Option<T>, Source), Unavailable>
    where
        E: std::fmt::Display,
        D: Fn(&[u8]) -> Result<T, E>,
        L: FnOnce() -> F,
        F: Future<Output = Loaded>,
    {
        let Some(bytes) = value else { return Ok((None, source)) };
        let e = match decode(&bytes) {
            Ok(decoded) => return Ok((Some(decoded), source)),
            Err(e) => e,
        };
        if matches!(source, Source::Loaded | Source::Shared | Source::Bypassed) {
            return Err(Unavailable::Encoding(e.to_string()));
        }
        count(&self.counters.undecodable);
        self.invalidate(key).await;
        // The load goes past the cache, which would only give back the value that it could not remove.
        let value = self.load(load).await?;
        let decoded = value.map(|bytes| decode(&bytes)).transpose();
        Ok((decoded.map_err(|e| Unavailable::Encoding(e.to_string()))?, Source::Loaded))
    }

    /// Its rules.
    pub fn policy(&self) -> &Policy {
        &self.policy
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

    /// The state of the circuit around the database.
    pub fn database_circuit(&self) -> State {
        self.database.state()
    }

    /// How often the database's circuit opened.
    pub fn database_circuit_openings(&self) -> u64 {
        self.database.openings()
    }

    /// Looks everywhere but in the database.
    async fn first(&self, key: &str) -> Result<(Value, Source), Miss> {
        if let Some(value) = self.local.as_ref().and_then(|local| local.get(key)) {
            count(&self.counters.local_hits);
            return Ok((value, Source::Local));
        }
        let since = self.flights.moment();
        let kept = self.local.as_ref().map(Local::moment);
        let (down, old) = match self.look(key).await {
            Looked::Found(entry) if entry.overdue.is_zero() => {
                count(&self.counters.hits);
                if entry.value.is_none() {
                    count(&self.counters.absent_hits);
                }
                self.keep(key, &entry.value, kept);
                return Ok((entry.value, Source::Hit));
            }
            Looked::Found(entry) => (false, Some(entry)),
            Looked::Missing => (false, None),
            Looked::Down => (true, None),
        };
        count(if down { &self.counters.bypassed } else { &self.counters.misses });
        Err(Miss { since, kept, down, old })
    }

    /// Loads, or waits for somebody who does.
    async fn finish<L, F>(&self, key: &str, miss: Miss, load: L) -> Result<(Value, Source), Unavailable>
    where
        L: FnOnce() -> F,
        F: Future<Output = Loaded>,
    {
        let down = miss.down;
        let flight = self.flights.run(key, miss.since, |ticket| async move {
            // Another task may have stored it since our look, and a second look is cheaper than loading twice.
            if ticket.look_again
                && !down
                && let Looked::Found(entry) = self.look(ticket.key()).await
                && entry.overdue.is_zero()
            {
                return Ok(entry.value);
            }
            self.load_and_store(&ticket, down, load).await
        });
        let (outcome, role) = flight.await;
        if role == Role::Follower {
            count(&self.counters.shared);
        }
        let source = match role {
            _ if down => Source::Bypassed,
            Role::Leader => Source::Loaded,
            Role::Follower => Source::Shared,
        };
        match (outcome, miss.old) {
            (Ok(value), _) => {
                self.keep(key, &value, miss.kept);
                Ok((value, source))
            }
            (Err(_), Some(old)) if old.overdue <= self.policy.keep => Ok(self.stale(old)),
            (Err(why), _) => Err(why),
        }
    }

    fn stale(&self, old: Entry) -> (Value, Source) {
        count(&self.counters.stale);
        (old.value, Source::Stale { age: old.age.unwrap_or_default() })
    }

    fn keep(&self, key: &str, value: &Value, moment: Option<local::Moment>) {
        if let (Some(local), Some(moment)) = (&self.local, moment) {
            local.put(key, value.clone(), moment);
        }
    }

    async fn look(&self, key: &str) -> Looked {
        let Some(permit) = self.breaker.allow() else { return Looked::Down };
        match self.lookups.get(key).await {
            Ok(found) => {
                permit.success();
                found.map_or(Looked::Missing, |bytes| Looked::Found(entry::decode(&bytes, self.now())))
            }
            Err(e) => {
                self.judge(permit, &e);
                Looked::Down
            }
        }
    }

    /// The clock is read only where dates matter.
    fn now(&self) -> u64 {
        if self.policy.afterlife().is_zero() { 0 } else { entry::now_ms() }
    }

    async fn load_and_store<L, F>(&self, ticket: &Ticket<'_, Outcome>, down: bool, load: L) -> Outcome
    where
        L: FnOnce() -> F,
        F: Future<Output = Loaded>,
    {
        // With the cache up, misses are few and the pool bounds them. Without it, everything is a miss, and a
        // database that is fine at a tenth of the load must not be run over.
        let _slot = if down {
            match tokio::time::timeout(self.policy.patience, self.budget.acquire()).await {
                Ok(Ok(slot)) => Some(slot),
                _ => {
                    count(&self.counters.refused);
                    return Err(Unavailable::Busy);
                }
            }
        } else {
            None
        };
        let value = self.load(load).await?;
        let large = value.as_ref().is_some_and(|bytes| bytes.len() > self.policy.max_value);
        if large {
            count(&self.counters.too_large);
        }
        let stored = if down || large || !ticket.is_current() {
            Stored::No
        } else {
            let stored = self.store(ticket.key(), value.as_deref()).await;
            if stored == Stored::Unknown {
                // It may still be carried out, after a removal that comes later.
                self.pending.add(ticket.key());
            } else if stored == Stored::Yes && !ticket.is_current() {
                // The key was invalidated while the SET was on its way, and the DEL may have come first.
                self.take_back(ticket.key()).await;
            }
            stored
        };
        if stored != Stored::Yes {
            count(&self.counters.not_stored);
        }
        Ok(value.map(Arc::from))
    }

    async fn load<L, F>(&self, load: L) -> Loaded
    where
        L: FnOnce() -> F,
        F: Future<Output = Loaded>,
    {
        let Some(permit) = self.database.allow() else {
            count(&self.counters.database_refused);
            return Err(Unavailable::Open);
        };
        count(&self.counters.loads);
        let limited = tokio::time::timeout(self.policy.load_limit, load()).await;
        let outcome = limited.unwrap_or(Err(Unavailable::Slow));
        if outcome.as_ref().is_err_and(Unavailable::is_outage) {
            permit.failure();
        } else {
            permit.success();
        }
        if outcome.is_err() {
            count(&self.counters.load_failures);
        }
        outcome
    }

    pub(crate) async fn store(&self, key: &str, value: Option<&[u8]>) -> Stored {
        let Some(permit) = self.breaker.allow() else { return Stored::No };
        let ttl = if value.is_some() { self.policy.ttl } else { self.policy.absent_ttl };
        let ttl = (self.jittered(ttl).as_millis() as u64).max(1);
        let afterlife = self.policy.afterlife().as_millis() as u64;
        let entry = entry::encode(value, (afterlife > 0).then(|| (entry::now_ms(), ttl)));
        let mut set = redis::cmd("SET");
        set.arg(self.policy.stored(key)).arg(entry.as_ref()).arg("PX").arg(ttl + afterlife);
        match self.redis.query::<()>(&set).await {
            Ok(()) => {
                permit.success();
                count(&self.counters.stored);
                Stored::Yes
            }
            // A full server or a replica can still be read, so the circuit stays closed.
            Err(e) => {
                let answered = e.code().is_some();
                self.judge(permit, &e);
                if answered { Stored::No } else { Stored::Unknown }
            }
        }
    }

    fn jittered(&self, ttl: Duration) -> Duration {
        let spread = f64::from(self.policy.jitter_percent.min(100)) / 100.0;
        let unit = self.jitter.lock().unwrap_or_else(PoisonError::into_inner).unit();
        ttl.mul_f64(1.0 - spread + 2.0 * spread * unit)
    }
}
