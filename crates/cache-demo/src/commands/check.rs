//! `check`: reach both engines and show what answers.

use crate::engines::redis_side::{RedisSide, info_number};
use crate::error::Failure;
use crate::measure::latency::{median, round};
use crate::measure::report::Report;
use crate::measure::table::ms;
use crate::session::Session;
use mysql::prelude::Queryable;
use serde::Serialize;
use std::collections::HashMap;
use std::time::Instant;

/// Round trips for `ping_ms`, which is their median.
const PINGS: usize = 20;

/// The result of `check`.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// The cache.
    pub redis: RedisState,
    /// The database.
    pub mysql: MysqlState,
}

/// What Redis says about itself.
#[derive(Debug, Clone, Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_role: Option<String>,
}

/// What MySQL says about itself.
#[derive(Debug, Clone, Serialize)]
pub struct MysqlState {
    /// `MariaDB` or `MySQL`.
    pub server: String,
    /// Its version.
    pub version: String,
    /// `TLSv1.3`, or nothing.
    pub tls: Option<String>,
    /// Median of twenty round trips.
    pub ping_ms: f64,
    /// The schema.
    pub database: String,
}

/// Runs the command.
pub async fn run(session: &Session) -> Result<Check, Failure> {
    session.progress.report("check", 0, 2, "Redis");
    let redis = redis(session).await?;
    session.progress.report("check", 1, 2, "MySQL");
    let mysql = mysql(session).await?;
    session.progress.report("check", 2, 2, "done");
    Ok(Check { redis, mysql })
}

async fn redis(session: &Session) -> Result<RedisState, Failure> {
    let side = &session.redis;
    let server = side.info("server").await?;
    let replication = side.info("replication").await?;
    let memory = side.info("memory").await?;
    let mut pings = Vec::with_capacity(PINGS);
    for _ in 0..PINGS {
        let begin = Instant::now();
        side.query::<()>(&redis::cmd("PING")).await.map_err(|e| side.explain(&e))?;
        pings.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let reader_role = match session.reader().await? {
        Some(reader) => Some(role(&reader).await?),
        None => None,
    };
    let text = |map: &HashMap<String, String>, name: &str| map.get(name).cloned().unwrap_or_default();
    // Valkey keeps `redis_version` for old clients and adds its own.
    let valkey = server.get("valkey_version");
    Ok(RedisState {
        server: if valkey.is_some() { "valkey" } else { "redis" }.into(),
        version: valkey.cloned().unwrap_or_else(|| text(&server, "redis_version")),
        tls: side.tls_version().map(str::to_owned),
        role: text(&replication, "role"),
        connected_replicas: info_number(&replication, "connected_slaves"),
        maxmemory_policy: text(&memory, "maxmemory_policy"),
        maxmemory: info_number(&memory, "maxmemory"),
        ping_ms: round(median(&pings), 3),
        reader_role,
    })
}

async fn role(side: &RedisSide) -> Result<String, Failure> {
    Ok(side.info("replication").await?.remove("role").unwrap_or_default())
}

async fn mysql(session: &Session) -> Result<MysqlState, Failure> {
    let tls = session.mysql.tls_version().await?;
    let (version, pings) = session
        .mysql
        .ask(|conn| {
            let version: Option<String> = conn.query_first("SELECT VERSION()")?;
            let mut pings = Vec::with_capacity(PINGS);
            for _ in 0..PINGS {
                let begin = Instant::now();
                conn.ping()?;
                pings.push(begin.elapsed().as_secs_f64() * 1e3);
            }
            Ok((version.unwrap_or_default(), pings))
        })
        .await?;
    let server = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
    Ok(MysqlState {
        server: server.into(),
        version,
        tls,
        ping_ms: round(median(&pings), 3),
        database: session.mysql.database().to_owned(),
    })
}

impl Report for Check {
    fn text(&self) -> String {
        let tls = |tls: &Option<String>| tls.clone().unwrap_or_else(|| "no TLS".into());
        let (r, m) = (&self.redis, &self.mysql);
        let reader = r.reader_role.as_ref().map(|role| format!("; reader is a {role}")).unwrap_or_default();
        format!(
            "Redis  {} {}, {}, {} with {} replica(s){reader}\n       policy {}, maxmemory {} MB, ping {} ms\n\
             MySQL  {} {}, {}, database {}, ping {} ms\n",
            r.server,
            r.version,
            tls(&r.tls),
            r.role,
            r.connected_replicas,
            r.maxmemory_policy,
            r.maxmemory / 1_048_576,
            ms(r.ping_ms),
            m.server,
            m.version,
            tls(&m.tls),
            m.database,
            ms(m.ping_ms),
        )
    }
}
