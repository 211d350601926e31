//! Who is the primary? Asked all the while, in a task of its own: a question to a primary that is going away takes seconds,
//! and the clock of the experiment must not stand still meanwhile.

use crate::cache::breaker::State;
use crate::commands::failover::users::FailoverUsers;
use crate::engines::redis_side::RedisSide;
use crate::measure::latency::{Recorder, round};
use recipe_walk_measurements::result::Event;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often it asks.
pub(crate) const LOOK: Duration = Duration::from_millis(50);
/// Events that are kept: a circuit that flaps must not fill the result.
const MOST_EVENTS: usize = 60;

/// What has been seen.
pub(crate) struct Seen {
    /// The primary answered the last question.
    pub(crate) reachable: bool,
    /// When another server was first asked and said that it is the primary.
    pub(crate) promoted: Option<Instant>,
    /// Ages of lost writes at that moment.
    pub(crate) lost: Recorder,
    pub(crate) events: Vec<Event>,
}

/// Asks, and keeps what it saw.
pub(crate) struct PrimaryWatch {
    redis: Arc<RedisSide>,
    users: Arc<FailoverUsers>,
    seen: Mutex<Seen>,
}

impl PrimaryWatch {
    pub(crate) fn new(redis: Arc<RedisSide>, users: Arc<FailoverUsers>) -> Arc<Self> {
        let seen = Seen { reachable: true, promoted: None, lost: Recorder::new(), events: Vec::new() };
        Arc::new(Self { redis, users, seen: Mutex::new(seen) })
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that something happened now.
    pub(crate) fn event(&self, what: impl Into<String>) {
        let at_s = round(self.users.begin.elapsed().as_secs_f64(), 2);
        let mut seen = self.seen();
        if seen.events.len() < MOST_EVENTS {
            seen.events.push(Event { at_s, what: what.into() });
        }
    }

    /// Asks until it is aborted.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut first = None;
        loop {
            // While the circuit is open, only its probe talks to Redis.
            if self.users.cache().circuit() != State::Open {
                self.ask(&mut first).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn ask(&self, first: &mut Option<String>) {
        let asked = Instant::now();
        let replication = self.redis.info("replication").await;
        let server = self.redis.info("server").await;
        let answers = replication.is_ok() && server.is_ok();
        if std::mem::replace(&mut self.seen().reachable, answers) != answers {
            self.event(if answers { "the primary answers" } else { "the primary does not answer" });
        }
        let (Ok(replication), Ok(server)) = (replication, server) else { return };
        if replication.get("role").is_some_and(|role| role != "master") {
            // The name leads to the new primary by now, or soon; this connection still ends at the old one.
            self.redis.reconnect();
            return;
        }
        let id = server.get("run_id").cloned().unwrap_or_default();
        let another = first.get_or_insert_with(|| id.clone()) != &id;
        if another && self.seen().promoted.is_none() {
            self.event("another server is the primary now");
            // An error here needs no care, for the next question finds the same.
            if let Ok(ages) = self.users.lost(asked).await {
                let mut seen = self.seen();
                seen.promoted = Some(asked);
                for age in ages {
                    seen.lost.record(age);
                }
            }
        }
    }
}
