//! The options of the measurements, with their defaults.

use crate::command::Command;
use std::time::Duration;

/// The options of the measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// Seed of the data set.
    pub seed: u64,
    /// Interleaved repetitions of `compare`.
    pub rounds: u32,
    /// Time per query and side of `compare`, over all rounds.
    pub per_side: Duration,
    /// Users per stage of `load`; the first number is that of the experiments and of `failover`.
    pub users: Vec<u32>,
    /// Arrivals a second per stage of `load`, instead of users.
    pub rates: Vec<u32>,
    /// Mean time that a user of `load` thinks before asking again.
    pub think: Duration,
    /// Interleaved repetitions of each stage of `load`.
    pub repeats: u32,
    /// Time per stage and side of `load` in all repetitions, per case of an experiment, and at most of `failover`.
    pub stage: Duration,
    /// Zipf exponent.
    pub skew: f64,
    /// Share of requests that write, 0 to 1.
    pub writes: f64,
    /// The query that `load` runs.
    pub query: String,
    /// Pooled database connections.
    pub connections: usize,
    /// Share of reads that `failover` sends to the reader endpoint, 0 to 1.
    pub reader_share: f64,
    /// Waiters of `stampede`.
    pub waiters: u32,
    /// The version of the values' layout, which is part of every key.
    pub key_version: u32,
    /// How long values live in `load`.
    pub ttl: Duration,
    /// How long past its TTL `load` serves a value when the database has no answer.
    pub keep: Duration,
    /// How long past its TTL `load` serves a value while another task loads it anew.
    pub revalidate: Duration,
    /// Whether `eviction` may change `maxmemory` and its policy for a moment.
    pub may_configure: bool,
    /// The policies that `eviction` compares; whoever may not configure waits until somebody has set each of them.
    pub policies: Vec<String>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            seed: crate::shop::dataset::DEFAULT_SEED,
            rounds: 5,
            per_side: Duration::from_millis(900),
            users: vec![1, 10, 100, 1_000],
            rates: Vec::new(),
            think: Duration::ZERO,
            repeats: 2,
            stage: Duration::from_secs(2),
            skew: 0.99,
            writes: 0.0,
            query: "product".into(),
            connections: 16,
            reader_share: 0.5,
            waiters: 1_000,
            key_version: crate::cache::policy::LAYOUT,
            ttl: crate::cache::policy::Policy::default().ttl,
            keep: Duration::ZERO,
            revalidate: Duration::ZERO,
            may_configure: false,
            policies: Vec::new(),
        }
    }
}

impl Tuning {
    /// The defaults of a command.
    pub fn of(command: Command) -> Self {
        let base = Self::default();
        match command {
            // Long enough for a managed service, whose promotion takes a minute or more to begin.
            Command::Failover => {
                Self { users: vec![50], stage: Duration::from_mins(5), writes: 0.05, ..base }
            }
            Command::WriteThrough | Command::Invalidation | Command::TtlSweep => {
                Self { users: vec![20], writes: 0.02, ..base }
            }
            Command::Warming => Self { users: vec![50], ..base },
            _ => base,
        }
    }
}
