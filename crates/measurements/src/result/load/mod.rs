//! Rising numbers of users, or of arrivals a second, with and without the cache.

mod view;

use crate::cache::{Circuit, Counts};
use crate::chart::{Bar, Side};
use crate::failure::{Failure, Message};
use crate::noise::Noise;
use serde::{Deserialize, Serialize};

/// The result of `load`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Load {
    /// How it was run; the brief form does not know.
    #[serde(flatten)]
    pub run: Option<LoadRun>,
    /// A stage for each number of users.
    pub stages: Vec<Stage>,
    /// Latencies of the last stage, for a chart.
    #[serde(default, skip_serializing_if = "Histogram::is_empty")]
    pub histogram: Histogram,
    /// How far the figures can be trusted.
    pub noise: Noise,
    /// What ended it before all stages were done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// How a load test was run, and what its parts did meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadRun {
    /// The query's id.
    pub query: String,
    /// Zipf exponent of the keys.
    pub skew: f64,
    /// Share of requests that write.
    pub writes: f64,
    /// Mean thinking time of a user, milliseconds.
    pub think_ms: u64,
    /// Pooled database connections.
    pub connections: usize,
    /// What the cache did in all stages, warm-up included.
    pub counters: Counts,
    /// How often the circuit around the cache opened.
    pub circuit_openings: u64,
    /// Its state at the end.
    #[serde(default)]
    pub circuit: Circuit,
    /// How often the circuit around the database opened.
    #[serde(default)]
    pub database_circuit_openings: u64,
    /// Its state at the end.
    #[serde(default)]
    pub database_circuit: Circuit,
    /// The most memory that the demo had, in MB; 0 where the system does not tell.
    pub peak_memory_mb: f64,
}

/// How the latencies of both sides are spread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Histogram {
    /// With the cache.
    pub cache: Vec<Bar>,
    /// The database alone.
    pub database: Vec<Bar>,
}

/// One number of users, or one rate of arrivals.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stage {
    /// Concurrent users; 0 in the open loop.
    pub users: u32,
    /// Arrivals a second; the open loop only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// With the cache.
    pub cache: LoadSide,
    /// The database alone; missing where the run ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<LoadSide>,
    /// How many of the database's queries a request needs less with the cache, in percent of those without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_queries_saved_percent: Option<f64>,
}

/// One side of a stage. The brief forms leave figures out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadSide {
    /// Requests that were answered, writes included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// The same per second.
    pub requests_per_s: f64,
    /// Of the requests, those that wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<u64>,
    /// Median, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// 95th percentile, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    /// 99th percentile, milliseconds.
    pub p99_ms: f64,
    /// 99.9th percentile, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p999_ms: Option<f64>,
    /// The longest, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ms: Option<f64>,
    /// 99th percentile counted from when a request was sent, as most tools report it; the open loop only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_p99_ms: Option<f64>,
    /// Requests that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<u64>,
    /// The same by what they said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_messages: Vec<Message>,
    /// How far its repetitions lie apart, in percent of their middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_percent: Option<f64>,
    /// Answers past their TTL; only where the policy allows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<u64>,
    /// How long ago the oldest of them had been loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_max_ms: Option<f64>,
    /// Hits among lookups, those included that went past the cache, 0 to 1; the cache's side only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// SELECT statements, by the database's own counter; missing where that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_queries: Option<u64>,
    /// The same per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_queries_per_s: Option<f64>,
    /// Requests answered in each tenth of the time, all repetitions together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<u64>,
}

impl Histogram {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.cache.is_empty() && self.database.is_empty()
    }
}

impl LoadSide {
    /// What is drawn of it.
    fn drawn(&self) -> Self {
        Self {
            p50_ms: self.p50_ms,
            p95_ms: self.p95_ms,
            errors: self.errors,
            database_queries_per_s: self.database_queries_per_s,
            ..self.named()
        }
    }

    /// What its table must have.
    fn named(&self) -> Self {
        Self {
            requests_per_s: self.requests_per_s,
            p99_ms: self.p99_ms,
            hit_ratio: self.hit_ratio,
            ..Self::default()
        }
    }
}

impl Stage {
    /// How many users, or arrivals a second.
    pub fn asked(&self) -> u32 {
        self.rate.unwrap_or(self.users)
    }

    /// Both sides, the database first.
    fn both(&self) -> [(Side, Option<&LoadSide>); 2] {
        [(Side::Database, self.database.as_ref()), (Side::Cache, Some(&self.cache))]
    }
}

impl Load {
    /// The same test as briefly as it can be kept: first all that is drawn of it, then what its table must have.
    pub fn briefs(&self) -> [Self; 2] {
        [LoadSide::drawn, LoadSide::named].map(|brief: fn(&LoadSide) -> LoadSide| Self {
            run: None,
            stages: self
                .stages
                .iter()
                .map(|stage| Stage {
                    cache: brief(&stage.cache),
                    database: stage.database.as_ref().map(brief),
                    ..stage.clone()
                })
                .collect(),
            histogram: Histogram::default(),
            noise: self.noise.clone(),
            error: None,
        })
    }
}
