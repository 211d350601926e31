//! The tier in front of Redis, inside the process: a bounded map whose entries live for a moment.
//!
//! It answers without a round trip and is therefore the first to be stale: somebody must evict from it when data
//! changes, and its short TTL bounds what a lost message can do.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A value, or a remembered absence.
type Value = Option<Arc<[u8]>>;

struct Inner {
    entries: HashMap<String, (Instant, Value)>,
    /// Keys in the order of their first arrival; may name keys that are gone.
    order: VecDeque<String>,
    evictions: u64,
    /// Nobody tells us what changes: nothing is kept.
    deaf: bool,
}

/// A small map of recent answers.
pub struct Local {
    inner: Mutex<Inner>,
    capacity: usize,
    ttl: Duration,
}

/// The number of evictions at some moment, taken before looking elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Moment(u64);

impl Local {
    /// At most `capacity` values, each for `ttl`.
    pub fn new(capacity: usize, ttl: Duration) -> Self {
        let inner = Inner { entries: HashMap::new(), order: VecDeque::new(), evictions: 0, deaf: false };
        Self { inner: Mutex::new(inner), capacity: capacity.max(1), ttl }
    }

    /// The value, unless it is too old.
    pub fn get(&self, key: &str) -> Option<Value> {
        let inner = self.lock();
        let (until, value) = inner.entries.get(key)?;
        (Instant::now() < *until).then(|| value.clone())
    }

    /// The present moment, for [`Local::put`].
    pub fn moment(&self) -> Moment {
        Moment(self.lock().evictions)
    }

    /// Keeps a value, unless anything was evicted since `moment`: it may have been read before the change that the
    /// eviction announced.
    pub fn put(&self, key: &str, value: Value, moment: Moment) {
        let mut inner = self.lock();
        if inner.evictions != moment.0 || inner.deaf {
            return;
        }
        let until = Instant::now() + self.ttl;
        if inner.entries.insert(key.to_owned(), (until, value)).is_none() {
            inner.order.push_back(key.to_owned());
        }
        while inner.entries.len() > self.capacity || inner.order.len() > 2 * self.capacity {
            let Some(oldest) = inner.order.pop_front() else { break };
            inner.entries.remove(&oldest);
        }
    }

    /// Removes a value because it has changed elsewhere.
    pub fn evict(&self, key: &str) {
        let mut inner = self.lock();
        inner.evictions += 1;
        inner.entries.remove(key);
    }

    /// Removes everything and, while `deaf`, keeps nothing: messages are lost.
    pub fn set_deaf(&self, deaf: bool) {
        let mut inner = self.lock();
        inner.deaf = deaf;
        // Also when it hears again: what is on its way was read before.
        inner.evictions += 1;
        inner.entries.clear();
        inner.order.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "it stands for what a load brings")]
    fn value(byte: u8) -> Value {
        Value::Some(Arc::from([byte]))
    }

    #[tokio::test(start_paused = true)]
    async fn values_live_for_a_moment_and_leave_when_evicted() {
        let local = Local::new(2, Duration::from_secs(1));
        local.put("a", value(1), local.moment());
        assert_eq!(local.get("a"), Some(value(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(local.get("a"), None);
        local.put("a", value(2), local.moment());
        local.evict("a");
        assert_eq!(local.get("a"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_read_before_an_eviction_is_not_kept() {
        let local = Local::new(2, Duration::from_secs(1));
        let before = local.moment();
        local.evict("a");
        local.put("a", value(1), before);
        assert_eq!(local.get("a"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn tier_that_hears_no_removals_keeps_nothing() {
        let local = Local::new(2, Duration::from_secs(1));
        local.put("a", value(1), local.moment());
        local.set_deaf(true);
        assert_eq!(local.get("a"), None);
        let during = local.moment();
        local.put("a", value(1), during);
        assert_eq!(local.get("a"), None);
        local.set_deaf(false);
        local.put("a", value(1), during);
        assert_eq!(local.get("a"), None, "read while messages were lost");
        local.put("a", value(2), local.moment());
        assert_eq!(local.get("a"), Some(value(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn full_tier_drops_its_oldest_values() {
        let local = Local::new(3, Duration::from_secs(1));
        for n in 0..10 {
            local.put(&n.to_string(), value(n), local.moment());
            local.evict(&(n / 2).to_string());
        }
        let inner = local.lock();
        assert!(inner.entries.len() <= 3 && inner.order.len() <= 6);
    }
}
