//! TTL, hit ratio, memory, eviction.

use crate::failure::Failure;
use crate::format::{count, figure, percent};
use crate::table::{Table, yes};
use serde::{Deserialize, Serialize};

/// The result of `patterns`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Patterns {
    /// Expiry.
    pub ttl: Ttl,
    /// Hits and misses; missing where the run was interrupted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<HitRatio>,
    /// Memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// The effective eviction policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Eviction under pressure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eviction: Option<Pressure>,
    /// What ended it before all of it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// A value that expires, and how TTLs are spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ttl {
    /// The TTL that was set.
    pub ttl_s: f64,
    /// The value was there at first.
    pub seen_fresh: bool,
    /// It was gone afterwards.
    pub seen_expired: bool,
    /// The policy's jitter.
    pub jitter_percent: u8,
    /// The shortest TTL of values that were stored together.
    pub shortest_s: f64,
    /// The longest.
    pub longest_s: f64,
}

/// Hits and misses by the server's own counters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HitRatio {
    /// Hits of this experiment.
    pub hits: u64,
    /// Misses of this experiment.
    pub misses: u64,
    /// Their ratio, 0 to 1.
    pub from_server_counters: f64,
    /// The same since the server started.
    pub lifetime: f64,
}

/// Memory of the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Memory {
    /// Used, in MB.
    pub used_mb: f64,
    /// The limit, in MB; 0 for none.
    pub max_mb: f64,
    /// Keys in the first database.
    pub keys: u64,
    /// Keys evicted since the server started.
    pub evicted_total: u64,
}

/// What happened when the memory was filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pressure {
    /// Whether the memory was filled until keys were evicted.
    pub reached: bool,
    /// Values written.
    pub written_keys: u64,
    /// Megabytes written.
    pub written_mb: f64,
    /// `evicted_keys` of this experiment, by the server.
    pub evicted_keys: u64,
    /// Of the keys that were read all the time, how many are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hot_kept_percent: Option<f64>,
    /// Of those that were only written, how many are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold_kept_percent: Option<f64>,
    /// Why it was not tried or not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Pressure {
    fn words(&self) -> String {
        if let Some(note) = &self.note {
            return note.clone();
        }
        let kept = [
            (self.hot_kept_percent, "of the keys read all the time are left"),
            (self.cold_kept_percent, "of those only written"),
        ];
        let kept = kept.iter().filter_map(|(kept, words)| Some(format!("; {:.0}% {words}", (*kept)?)));
        format!(
            "{} values written ({} MB), {} keys evicted{}",
            count(self.written_keys),
            figure(self.written_mb),
            count(self.evicted_keys),
            kept.collect::<String>()
        )
    }
}

impl Patterns {
    /// A row for each pattern that was seen.
    pub fn table(&self) -> Table {
        let mut table = Table::new(&["Pattern", "Measured"]);
        let ttl = &self.ttl;
        table.row([
            "Time to live".to_owned(),
            format!(
                "{} s, jitter {}%; seen fresh: {}, seen expired: {}",
                crate::format::figure_or_count(ttl.ttl_s),
                ttl.jitter_percent,
                yes(ttl.seen_fresh),
                yes(ttl.seen_expired)
            ),
        ]);
        if let Some(ratio) = &self.hit_ratio {
            table.row(["Hit ratio".to_owned(), percent(ratio.from_server_counters * 100.0)]);
        }
        if let Some(memory) = &self.memory {
            let words = format!("{} MB of {} MB", figure(memory.used_mb), figure(memory.max_mb));
            table.row(["Memory".to_owned(), words]);
        }
        if let Some(policy) = &self.policy {
            table.row(["Eviction policy".to_owned(), policy.clone()]);
        }
        if let Some(pressure) = &self.eviction {
            table.row(["Under pressure".to_owned(), pressure.words()]);
        }
        table
    }
}
