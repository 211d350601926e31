//! One load per key at a time in this process: the first task that misses loads, the others wait for its answer.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many finished flights are remembered, for tasks that missed just before one landed.
const REMEMBERED: usize = 256;

/// Who produced an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This task did the work.
    Leader,
    /// Another task did, and this one waited.
    Follower,
}

struct Flight<V> {
    id: u64,
    answer: watch::Receiver<Option<V>>,
}

struct Inner<V> {
    flights: HashMap<String, Flight<V>>,
    next: u64,
    // (hash of the key, number of the landing)
    landed: VecDeque<(u64, u64)>,
    landings: u64,
}

/// Flights by key.
pub struct SingleFlight<V> {
    inner: Arc<Mutex<Inner<V>>>,
    hasher: RandomState,
}

/// What a task does about a key: wait for an answer, or produce it.
enum Part<'a, V> {
    Wait(watch::Receiver<Option<V>>),
    Lead(Ticket<'a, V>, watch::Sender<Option<V>>),
}

/// The leader's view of its own flight.
pub struct Ticket<'a, V> {
    flights: &'a SingleFlight<V>,
    key: &'a str,
    id: u64,
    /// Whether a flight for this key landed after the caller had looked: then the answer may be in the cache already.
    pub look_again: bool,
}

/// The number of landings at some moment, taken before looking into the cache.
#[derive(Debug, Clone, Copy)]
pub struct Moment(u64);

impl<V: Clone> SingleFlight<V> {
    /// No flights.
    pub fn new() -> Self {
        let inner = Inner { flights: HashMap::new(), next: 0, landed: VecDeque::new(), landings: 0 };
        Self { inner: Arc::new(Mutex::new(inner)), hasher: RandomState::new() }
    }

    /// The present moment, for [`SingleFlight::run`].
    pub fn moment(&self) -> Moment {
        Moment(self.lock().landings)
    }

    /// Runs `work` unless another task already does so for `key`; then waits for that one's answer. When a leader
    /// is cancelled, one of its followers takes over.
    pub async fn run<'a, W, F>(&'a self, key: &'a str, since: Moment, work: W) -> (V, Role)
    where
        W: FnOnce(Ticket<'a, V>) -> F,
        F: Future<Output = V>,
    {
        loop {
            let mut waiting = match self.join_or_lead(key, since) {
                Part::Wait(waiting) => waiting,
                Part::Lead(ticket, answer) => {
                    let landing = Landing { flights: self, key, id: ticket.id };
                    let value = work(ticket).await;
                    // The flight leaves the table before its answer goes out, so that later callers look into the cache anew.
                    drop(landing);
                    answer.send_replace(Some(value.clone()));
                    return (value, Role::Leader);
                }
            };
            // An error means that the leader is gone without an answer: try again, perhaps as leader.
            if let Ok(answer) = waiting.wait_for(Option::is_some).await
                && let Some(value) = answer.clone()
            {
                return (value, Role::Follower);
            }
        }
    }

    /// Makes the present flight for `key` stale: later readers start a new one, and its leader is told not to store
    /// what it read. Called when the value is invalidated while somebody loads it.
    pub fn forget(&self, key: &str) {
        self.lock().flights.remove(key);
    }

    /// Whether somebody is loading `key` now.
    pub fn is_flying(&self, key: &str) -> bool {
        self.lock().flights.contains_key(key)
    }

    fn join_or_lead<'a>(&'a self, key: &'a str, since: Moment) -> Part<'a, V> {
        let mut inner = self.lock();
        if let Some(flight) = inner.flights.get(key) {
            return Part::Wait(flight.answer.clone());
        }
        let hash = self.hasher.hash_one(key);
        let look_again = inner.landed.iter().any(|(landed, at)| *landed == hash && *at > since.0)
            // There were more landings than it remembers, so the caller looks again to be safe.
            || inner.landings.saturating_sub(since.0) > REMEMBERED as u64;
        let id = inner.next;
        inner.next += 1;
        let (sender, answer) = watch::channel(None);
        inner.flights.insert(key.to_owned(), Flight { id, answer });
        Part::Lead(Ticket { flights: self, key, id, look_again }, sender)
    }

    fn lock(&self) -> MutexGuard<'_, Inner<V>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Clone> Default for SingleFlight<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: Clone> Ticket<'_, V> {
    /// The key that is being loaded.
    pub fn key(&self) -> &str {
        self.key
    }

    /// Whether nobody has forgotten this flight.
    pub fn is_current(&self) -> bool {
        self.flights.lock().flights.get(self.key).is_some_and(|flight| flight.id == self.id)
    }
}

/// Takes the flight out of the table, also when the leader is cancelled.
struct Landing<'a, V: Clone> {
    flights: &'a SingleFlight<V>,
    key: &'a str,
    id: u64,
}

impl<V: Clone> Drop for Landing<'_, V> {
    fn drop(&mut self) {
        let hash = self.flights.hasher.hash_one(self.key);
        let mut inner = self.flights.lock();
        if inner.flights.get(self.key).is_some_and(|flight| flight.id == self.id) {
            inner.flights.remove(self.key);
        }
        inner.landings += 1;
        let at = inner.landings;
        inner.landed.push_back((hash, at));
        if inner.landed.len() > REMEMBERED {
            inner.landed.pop_front();
        }
    }
}

#[cfg(test)]
#[path = "single_flight_tests.rs"]
mod tests;
