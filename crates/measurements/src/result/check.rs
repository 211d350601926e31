//! Both engines answer.

use crate::format::figure;
use crate::table::{Table, text};
use serde::{Deserialize, Serialize};

/// The result of `check`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// The cache.
    pub redis: RedisState,
    /// The database.
    pub mysql: MysqlState,
}

/// What Redis says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RedisState {
    /// `redis` or `valkey`.
    pub server: String,
    /// Its version.
    pub version: String,
    /// `TLSv1.3`, or nothing.
    pub tls: Option<String>,
    /// `master` or `slave`, in the server's own words.
    pub role: String,
    /// Replicas that are connected now.
    pub connected_replicas: u64,
    /// The effective policy, from INFO.
    pub maxmemory_policy: String,
    /// Bytes, 0 for no limit.
    pub maxmemory: u64,
    /// Median of twenty round trips.
    pub ping_ms: f64,
    /// The role behind the reader endpoint, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader_role: Option<String>,
}

/// What MySQL says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MysqlState {
    /// `MariaDB` or `MySQL`.
    pub server: String,
    /// Its version.
    pub version: String,
    /// `TLSv1.3`, nothing, or that a proxy ends it before the server.
    pub tls: Option<String>,
    /// Median of twenty round trips.
    pub ping_ms: f64,
    /// The schema.
    pub database: String,
}

impl Check {
    /// A row for each engine.
    pub fn table(&self) -> Table {
        let mut table = Table::new(&["Engine", "Version", "TLS", "Round trip>", "More"]);
        let (redis, mysql) = (&self.redis, &self.mysql);
        table.row([
            redis.server.clone(),
            redis.version.clone(),
            text(redis.tls.as_deref()),
            format!("{} ms", figure(redis.ping_ms)),
            format!("{} replica(s), {}", redis.connected_replicas, redis.maxmemory_policy),
        ]);
        table.row([
            mysql.server.clone(),
            mysql.version.clone(),
            text(mysql.tls.as_deref()),
            format!("{} ms", figure(mysql.ping_ms)),
            format!("database {}", mysql.database),
        ]);
        table
    }
}
