//! Whether a server can be the cache: it holds all keys itself, and it takes writes.

use crate::engines::redis_side::RedisSide;
use crate::engines::refusal;
use crate::error::Failure;
use redis::Cmd;

/// Refuses a Sentinel, and a node of a cluster that has only a part of the keys.
pub(crate) async fn require_all_keys(side: &RedisSide) -> Result<(), Failure> {
    let Some(info) = ask(side, &redis::cmd("INFO")).await? else { return Ok(()) };
    let place = side.place();
    let mode = value(&info, "redis_mode").or_else(|| value(&info, "server_mode"));
    if mode == Some("sentinel") {
        return Err(refusal::sentinel(&place));
    }
    if value(&info, "cluster_enabled") != Some("1") {
        return Ok(());
    }
    let Some(cluster) = ask(side, redis::cmd("CLUSTER").arg("INFO")).await? else { return Ok(()) };
    if value(&cluster, "cluster_state") != Some("ok") {
        return Err(refusal::cluster_down(&place));
    }
    // A replica in a cluster answers for no key at all.
    match (value(&cluster, "cluster_size"), value(&info, "role")) {
        (Some("1"), Some("master")) => Ok(()),
        (Some("1"), _) => Err(refusal::moved("MOVED", &place)),
        (nodes, _) => Err(refusal::cluster(&place, nodes.unwrap_or("several"))),
    }
}

/// Whether the server keeps what it is given under this name. The cache counts what Redis refuses and goes on; asked past
/// it, Redis says why. A full server is a result of a measurement, and none of these.
pub(crate) async fn require_writes(side: &RedisSide, key: &str) -> Result<(), Failure> {
    let mut set = redis::cmd("SET");
    set.arg(key).arg("").arg("PX").arg(1);
    for cmd in [&set, redis::cmd("GET").arg(key)] {
        match side.query::<redis::Value>(cmd).await {
            Err(e) if e.code() != Some("OOM") => return Err(side.explain(&e)),
            _ => {}
        }
    }
    Ok(())
}

/// A command's text; none where this user may not ask.
async fn ask(side: &RedisSide, cmd: &Cmd) -> Result<Option<String>, Failure> {
    match side.query(cmd).await {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.code() == Some("NOPERM") => Ok(None),
        Err(e) => Err(side.explain(&e)),
    }
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
}
