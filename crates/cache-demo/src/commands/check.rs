//! `check`: reach both engines and show what answers.

use crate::engines::redis_side::{RedisSide, info_number};
use crate::error::Failure;
use crate::measure::latency::{median, round};
use crate::session::Session;
use mysql::prelude::Queryable;
use recipe_walk_measurements::result::{Check, MysqlState, RedisState};
use std::collections::HashMap;
use std::time::Instant;

/// Round trips for `ping_ms`, which is their median.
const PINGS: usize = 20;

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
    let tls = match session.mysql.tls_version().await? {
        // This side's session is encrypted and verified, or there would be none.
        None if session.config.mysql.tls => Some("TLS, ended before the server".into()),
        told => told,
    };
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
