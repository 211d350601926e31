//! The life of a replication group: creating, available, deleting; and starting again after a crash.

use std::sync::Arc;

use super::failover;
use super::note::note;
use crate::engines::EngineError;
use crate::server::ctx::Ctx;
use crate::services::elasticache::state::ReplicationGroup;
use crate::services::operation::Later;
use crate::services::shared::life::{self, Living};
use crate::services::shared::status::Status;

const GROUP: &str = "replication-group";
const CLUSTER: &str = "cache-cluster";

fn find(ctx: &Ctx, id: &str) -> Option<ReplicationGroup> {
    ctx.read(|world| world.elasticache.group(id).ok().cloned())
}

/// Starts the life of a new replication group.
pub(crate) fn start(ctx: &Arc<Ctx>, id: &str) {
    let (background, id) = (Arc::clone(ctx), id.to_owned());
    ctx.spawn(async move { create(&background, &id).await });
}

async fn create(ctx: &Arc<Ctx>, id: &str) {
    let Some(group) = find(ctx, id) else { return };
    let started = if group.doomed {
        ctx.until(group.due).await;
        Err(format!("There is not enough capacity for nodes of type {}.", group.node_type))
    } else {
        start_engines(ctx, &group).await.map_err(|error| error.to_string())
    };
    match started {
        Ok(served_by) => {
            ctx.until(group.due).await;
            note(ctx, |state, now| {
                let Ok(group) = state.group_mut(id) else { return };
                group.status = Status::Available;
                let members = group.members.clone();
                for member in members {
                    let id = &member.cluster_id;
                    let added = format!("Added cache node 0001 in availability zone {}", member.zone);
                    state.events.add(now, CLUSTER, id, added);
                    state.events.add(now, CLUSTER, id, "Cache cluster created");
                }
                state.events.add(now, GROUP, id, format!("Replication group {id} created"));
                state.events.add(now, GROUP, id, served_by);
            });
            failover::watch_all(ctx, id);
        }
        Err(error) => {
            tracing::error!(%error, group = id, "a cache did not start");
            if let Some(engines) = &ctx.engines {
                let _ = engines.stop_cache(&group.layout, false).await;
            }
            note(ctx, |state, now| {
                if let Ok(group) = state.group_mut(id) {
                    group.status = Status::Failed;
                }
                state.events.add(now, GROUP, id, format!("Replication group {id} failed to create: {error}"));
            });
        }
    }
}

/// Starts what is not running; the words say what really serves the cache.
async fn start_engines(ctx: &Ctx, group: &ReplicationGroup) -> Result<String, EngineError> {
    let Some(engines) = &ctx.engines else {
        return Ok("Sandbox: without engines, nothing answers at the endpoints".into());
    };
    engines.start_cache(&group.layout).await?;
    let program = engines.cache_program().await?;
    Ok(format!(
        "Sandbox: served by {}, not by ElastiCache's {} {}",
        program.label(),
        group.engine,
        group.engine_version
    ))
}

/// Ends a replication group whose status is `deleting` already.
pub(crate) fn end(ctx: &Arc<Ctx>, id: &str) {
    let (ctx_in, id) = (Arc::clone(ctx), id.to_owned());
    ctx.spawn(async move {
        let ctx = ctx_in;
        let Some(group) = find(&ctx, &id) else { return };
        if let Some(engines) = &ctx.engines
            && let Err(error) = engines.stop_cache(&group.layout, true).await
        {
            tracing::error!(%error, group = id, "a cache's files are not all removed");
        }
        ctx.until(group.due).await;
        note(&ctx, |state, now| {
            state.replication_groups.remove(&id);
            for member in &group.members {
                state.events.add(now, CLUSTER, &member.cluster_id, "Cache cluster deleted");
            }
            state.events.add(now, GROUP, &id, format!("Replication group {id} deleted"));
        });
    });
}

/// Ends a modification whose time has come.
pub(crate) fn finish_modifying(ctx: &Arc<Ctx>, id: &str) {
    let (background, id) = (Arc::clone(ctx), id.to_owned());
    ctx.spawn(async move {
        let ctx = background;
        let Some(group) = find(&ctx, &id) else { return };
        ctx.until(group.due).await;
        note(&ctx, |state, now| {
            if let Ok(group) = state.group_mut(&id) {
                group.status = Status::Available;
            }
            state.events.add(now, GROUP, &id, format!("Replication group {id} modified"));
        });
    });
}

impl Living for ReplicationGroup {
    fn status(&self) -> Status {
        self.status
    }

    fn create(self, ctx: &Arc<Ctx>) {
        start(ctx, &self.id);
    }

    fn end(self, ctx: &Arc<Ctx>) {
        end(ctx, &self.id);
    }

    /// What a cache held is gone, as after the loss of every node; addresses, ports, certificates' authority and the AUTH
    /// token are the same.
    fn go_on(self, ctx: Arc<Ctx>) -> Later<()> {
        Box::pin(async move {
            let id = &self.id;
            let started = start_engines(&ctx, &self).await;
            note(&ctx, |state, now| {
                let Ok(group) = state.group_mut(id) else { return };
                match &started {
                    Ok(_) if group.status == Status::Recovering => group.status = Status::Available,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(%error, group = id, "a cache did not start again");
                        group.status = Status::Failed;
                        let message = format!("Recovery of replication group {id} failed: {error}");
                        state.events.add(now, GROUP, id, message);
                    }
                }
            });
            if started.is_err() {
                return;
            }
            failover::watch_all(&ctx, id);
            if self.status == Status::Modifying {
                finish_modifying(&ctx, id);
            }
        })
    }
}

/// Restarts engines and half-finished transitions after the world was loaded. When this returns, and so before anybody can
/// ask, nothing is shown as available whose nodes do not all answer.
pub(crate) fn resume(ctx: Arc<Ctx>) -> Later<()> {
    let groups: Vec<ReplicationGroup> =
        ctx.read(|world| world.elasticache.replication_groups.iter().cloned().collect());
    let engines = ctx.engines.is_some();
    note(&ctx, |state, _| {
        for one in &groups {
            let Ok(group) = state.group_mut(&one.id) else { continue };
            // Every node is started anew, also the one that was being replaced.
            group.recovering = false;
            if engines && group.status == Status::Available {
                group.status = Status::Recovering;
            }
        }
    });
    Box::pin(async move { life::resume(&ctx, groups).await })
}
