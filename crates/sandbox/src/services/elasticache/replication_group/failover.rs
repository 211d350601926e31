//! What happens when a node ends: a replica takes over, or the node comes back; and TestFailover.

use std::sync::Arc;

use jiff::ToSpan;

use super::note::note;
use super::view;
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::services::elasticache::state::{ReplicationGroup, State};
use crate::services::shared::status::Status;

const GROUP: &str = "replication-group";
const CLUSTER: &str = "cache-cluster";
/// How long AWS typically needs to see that a primary is lost, in seconds.
const DETECT_SECONDS: f64 = 15.0;
/// How long AWS typically needs to replace a lost node, in seconds.
const REPLACE_SECONDS: f64 = 240.0;

/// TestFailover: a real loss of the real primary.
pub(crate) fn test(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let id = p.required("ReplicationGroupId")?;
    let node_group = p.required("NodeGroupId")?;
    let now = ctx.now();
    let group = ctx.change(|world| {
        let state = &mut world.elasticache;
        let group = state.group_mut(id)?;
        if node_group != "0001" {
            let message = format!("Node group {node_group} not found.");
            return Err(ApiError::new("NodeGroupNotFoundFault", 404, message));
        }
        if group.status != Status::Available || group.recovering {
            let message = format!("Replication group {id} is not in an available state.");
            return Err(ApiError::bad("InvalidReplicationGroupState", message));
        }
        if !group.failover || group.members.len() < 2 {
            let message =
                "Test failover is not available: automatic failover is disabled or there is no replica.";
            return Err(ApiError::bad("TestFailoverNotAvailableFault", message));
        }
        let day = now.checked_sub(24.hours()).unwrap_or(now);
        group.failovers.retain(|at| *at > day);
        if group.failovers.len() >= 15 {
            let message = "The customer has exceeded the allowed rate of API calls.";
            return Err(ApiError::bad("APICallRateForCustomerExceeded", message));
        }
        group.failovers.push(now);
        let group = group.clone();
        let message = format!("Test Failover API called for node group {node_group}");
        state.events.add(now, GROUP, &group.id, message);
        Ok(group)
    })?;
    let (background, id) = (Arc::clone(ctx), group.id.clone());
    ctx.spawn(async move { take_over(&background, &id).await });
    Ok(Node::result().child(view::group(&group)))
}

/// Watches every node of a group that runs.
pub(crate) fn watch_all(ctx: &Arc<Ctx>, id: &str) {
    let nodes: Vec<String> = ctx
        .read(|world| {
            world
                .elasticache
                .group(id)
                .map(|group| group.layout.nodes.iter().map(|node| node.id.clone()).collect())
        })
        .unwrap_or_default();
    for node in nodes {
        watch(ctx, id, node);
    }
}

/// Watches one node and acts when it ends without having been told to.
fn watch(ctx: &Arc<Ctx>, id: &str, node: String) {
    let (background, id) = (Arc::clone(ctx), id.to_owned());
    ctx.spawn(async move {
        let ctx = background;
        let Some(engines) = &ctx.engines else { return };
        if engines.ended(&node).await.is_none() {
            return;
        }
        let Some(group) = running(&ctx, &id) else { return };
        tracing::warn!(node, group = id, "a cache node has ended");
        if group.failover && group.layout.primary == node && group.members.len() > 1 {
            take_over(&ctx, &id).await;
        } else {
            replace(&ctx, &id, &node).await;
        }
    });
}

fn running(ctx: &Ctx, id: &str) -> Option<ReplicationGroup> {
    let group = ctx.read(|world| world.elasticache.group(id).ok().cloned())?;
    group.status.is_up().then_some(group)
}

/// Gives the primary role to a replica and brings the old primary back as its replica.
async fn take_over(ctx: &Arc<Ctx>, id: &str) {
    let claimed = ctx.change(|world| {
        let group = world.elasticache.group_mut(id)?;
        let free = !group.recovering;
        group.recovering = true;
        Ok(free.then(|| group.clone()))
    });
    let Ok(Some(group)) = claimed else { return };
    let old = group.layout.primary.clone();
    if let Some(engines) = &ctx.engines {
        engines.kill(&old);
    }
    // ElastiCache needs a while to be sure that a primary is lost.
    ctx.until(ctx.after(DETECT_SECONDS)).await;
    let next = match &ctx.engines {
        Some(engines) => engines.promote_replica(&group.layout).await,
        None => Ok(group.layout.nodes.iter().find(|node| node.id != old).map(|heir| {
            let mut next = group.layout.clone();
            next.promote(&heir.id);
            next
        })),
    };
    let next = match next {
        Ok(Some(next)) => next,
        other => {
            if let Err(error) = other {
                tracing::error!(%error, group = id, "no replica could take over");
            }
            release(ctx, id);
            replace(ctx, id, &old).await;
            return;
        }
    };
    note(ctx, |state, now| {
        let Ok(group) = state.group_mut(id) else { return };
        group.layout.nodes.clone_from(&next.nodes);
        group.layout.primary.clone_from(&next.primary);
        let message = format!("Failover from primary node {old} to replica node {} completed", next.primary);
        state.events.add(now, GROUP, id, message.clone());
        state.events.add(now, CLUSTER, &next.primary, message);
        state.events.add(now, CLUSTER, &old, "Recovering cache nodes 0001");
    });
    ctx.until(ctx.after(REPLACE_SECONDS)).await;
    // Meanwhile the group may be on its way out, or have other settings.
    let Some(group) = running(ctx, id) else { return };
    let back = match &ctx.engines {
        Some(engines) => engines.return_as_replica(&group.layout).await,
        None => Ok(()),
    };
    release(ctx, id);
    match back {
        Ok(()) => {
            note(ctx, |state, now| {
                state.events.add(now, CLUSTER, &old, "Finished recovery for cache nodes 0001");
            });
            watch(ctx, id, old);
        }
        Err(error) => tracing::error!(%error, node = old, "a cache node did not come back"),
    }
}

fn release(ctx: &Ctx, id: &str) {
    note(ctx, |state, _| {
        if let Ok(group) = state.group_mut(id) {
            group.recovering = false;
        }
    });
}

/// Changes a group's status where it is what it is taken for.
fn shift(state: &mut State, id: &str, from: Status, to: Status) {
    if let Ok(group) = state.group_mut(id)
        && group.status == from
    {
        group.status = to;
    }
}

/// Starts a node again in the role it had.
async fn replace(ctx: &Arc<Ctx>, id: &str, node: &str) {
    let Some(engines) = ctx.engines.clone() else { return };
    note(ctx, |state, now| {
        // Nobody takes over: some endpoint does not answer until the node is back.
        shift(state, id, Status::Available, Status::Recovering);
        state.events.add(now, CLUSTER, node, "Recovering cache nodes 0001");
    });
    let Some(group) = running(ctx, id) else { return };
    match engines.restart_node(&group.layout, node).await {
        Ok(()) => {
            note(ctx, |state, now| {
                shift(state, id, Status::Recovering, Status::Available);
                state.events.add(now, CLUSTER, node, "Finished recovery for cache nodes 0001");
            });
            watch(ctx, id, node.to_owned());
        }
        Err(error) => {
            tracing::error!(%error, node, "a cache node did not come back");
            note(ctx, |state, now| {
                shift(state, id, Status::Recovering, Status::Failed);
                state.events.add(now, CLUSTER, node, format!("Recovery of cache nodes failed: {error}"));
            });
        }
    }
}
