//! The rules of a cache.

use std::time::Duration;

/// The version of the values' layout today; see [`Policy::version`].
pub const LAYOUT: u32 = 1;

/// How long values live, what may be stored, and what is allowed while an engine is down.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The version of the values' layout. The cache puts it before every key, so that values of another layout are never
    /// met; they go with their TTL.
    pub version: u32,
    /// How long a value lives, before jitter.
    pub ttl: Duration,
    /// How long an absence is remembered, before jitter.
    pub absent_ttl: Duration,
    /// Each TTL is up to this much shorter or longer.
    pub jitter_percent: u8,
    /// Stale-while-revalidate: so long after its TTL a value is still served at once, while one task loads it anew.
    pub revalidate: Duration,
    /// Stale-if-error: so long after its TTL a value is served, with its age, when the database has no answer.
    pub keep: Duration,
    /// How long Redis may take to answer a lookup; slower ones are counted as failures, and the database answers.
    pub cache_limit: Duration,
    /// Larger values are served but not stored.
    pub max_value: usize,
    /// Concurrent loads while the cache cannot help.
    pub budget: usize,
    /// How long a load may wait for the budget before it is refused.
    pub patience: Duration,
    /// How long a load may take.
    pub load_limit: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: LAYOUT,
            // The source document's TTL.
            ttl: Duration::from_mins(5),
            absent_ttl: Duration::from_secs(30),
            jitter_percent: 10,
            revalidate: Duration::ZERO,
            keep: Duration::ZERO,
            // Thousands of users who share a connection wait for each other: half a second is too little.
            cache_limit: Duration::from_secs(1),
            max_value: 512 * 1024,
            budget: 16,
            patience: Duration::from_secs(2),
            load_limit: Duration::from_secs(10),
        }
    }
}

impl Policy {
    /// The name of a key in Redis, `rw:v1:product:42`.
    pub fn stored(&self, key: &str) -> String {
        stored(self.version, key)
    }

    /// How long values stay in Redis after their TTL; zero means that they need no date.
    pub fn afterlife(&self) -> Duration {
        self.revalidate.max(self.keep)
    }
}

/// The name of a key in Redis under a version.
pub fn stored(version: u32, key: &str) -> String {
    format!("rw:v{version}:{key}")
}
