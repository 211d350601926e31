//! What a cache does after a write: it removes or replaces the key, and remembers what Redis did not confirm.

use crate::cache::aside::{Cache, Stored};
use crate::cache::breaker::State;
use crate::cache::counters::count;
use crate::engines::redis_side;

impl Cache {
    /// Removes `key` after the database has changed, and keeps a load that is under way from storing what it read
    /// before. Returns whether the cache confirmed it; otherwise the old value lives until
    /// [`Cache::settle`] succeeds or its TTL ends.
    pub async fn invalidate(&self, key: &str) -> bool {
        self.forget(key);
        let Some(permit) = self.breaker.allow() else {
            self.pending.add(key);
            return false;
        };
        let removed: Result<(), _> = self.redis.query(redis::cmd("DEL").arg(self.policy.stored(key))).await;
        // Again, for a load that read the old row and started between the two.
        self.forget(key);
        match &removed {
            Ok(()) => {
                permit.success();
                count(&self.counters.invalidated);
            }
            Err(e) => {
                self.judge(permit, e);
                self.pending.add(key);
            }
        }
        removed.is_ok()
    }

    /// Tries again what the cache did not confirm: keys whose value is old for all we know are removed as soon as
    /// Redis answers. Returns how many are still pending. Call it now and then.
    pub async fn settle(&self) -> usize {
        if self.breaker.state() != State::Closed {
            return self.pending.len();
        }
        let pending = self.pending.take();
        if pending.is_empty() {
            return 0;
        }
        let stored: Vec<String> = pending.iter().map(|key| self.policy.stored(key)).collect();
        let removed: Result<(), _> = self.redis.query(redis::cmd("DEL").arg(stored)).await;
        for key in &pending {
            if removed.is_ok() {
                self.forget(key);
            } else {
                self.pending.add(key);
            }
        }
        self.pending.len()
    }

    /// Stores a value that the caller has just written to the database (write-through). Returns whether the cache
    /// confirmed it.
    pub async fn replace(&self, key: &str, value: &[u8]) -> bool {
        self.forget(key);
        let stored =
            value.len() <= self.policy.max_value && self.store(key, Some(value)).await == Stored::Yes;
        // A load that read the old row meanwhile must not come after us.
        self.forget(key);
        if !stored {
            self.pending.add(key);
        }
        stored
    }

    /// Evicts `key` from the process's own tier and makes loads under way stale: somebody else has invalidated it.
    pub fn forget(&self, key: &str) {
        self.flights.forget(key);
        if let Some(local) = &self.local {
            local.evict(key);
        }
    }

    /// Does without the process's own tier from now on: messages of invalidation are lost.
    pub fn distrust_local(&self) {
        if let Some(local) = &self.local {
            local.set_deaf(true);
        }
    }

    /// Uses the process's own tier again, from empty: messages arrive.
    pub fn trust_local(&self) {
        if let Some(local) = &self.local {
            local.set_deaf(false);
        }
    }

    /// Removes what a load stored although its key was invalidated meanwhile: the removal may have come first.
    pub(crate) async fn take_back(&self, key: &str) {
        let removed: Result<(), _> = self.redis.query(redis::cmd("DEL").arg(self.policy.stored(key))).await;
        if removed.is_err() {
            self.pending.add(key);
        }
    }

    /// What an error means for the circuit: a node that only refuses this command is there. Where the circuit opens, the
    /// connection goes: a socket whose other end has vanished would fail every probe.
    pub(crate) fn judge(&self, permit: crate::cache::breaker::Permit<'_>, error: &redis::RedisError) {
        if !redis_side::is_outage(error) {
            permit.success();
        } else if permit.failure() {
            self.redis.reconnect();
        }
    }
}
