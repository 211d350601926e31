//! Describing and deleting replication groups, and their members as cache clusters.

use std::sync::Arc;

use super::{life, view};
use crate::model::error::ApiError;
use crate::model::{node::Node, page::Rows, params::Params};
use crate::server::ctx::Ctx;
use crate::services::elasticache::state::{ReplicationGroup, cluster};
use crate::services::shared::name::{bad_combination, page, unsupported};
use crate::services::shared::status::Status;

/// What AWS typically needs, in seconds.
const DELETE_SECONDS: f64 = 300.0;

/// DescribeReplicationGroups.
pub(crate) fn describe(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let world = ctx.world();
    let (groups, marker) = match p.get("ReplicationGroupId").filter(|id| !id.is_empty()) {
        Some(id) => page(p, [world.elasticache.group(id)?])?,
        None => page(p, Rows(|first| world.elasticache.replication_groups.from(first)))?,
    };
    let groups = groups.into_iter().map(view::group);
    Ok(Node::result().opt("Marker", marker).list("ReplicationGroups", "ReplicationGroup", groups))
}

/// DeleteReplicationGroup.
pub(crate) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let id = p.required("ReplicationGroupId")?;
    unsupported(p, &["FinalSnapshotIdentifier"])?;
    if p.bool("RetainPrimaryCluster")?.unwrap_or(false) {
        return Err(bad_combination(
            "The recipe-walk sandbox does not implement the parameter RetainPrimaryCluster.",
        ));
    }
    let group = ctx.change(|world| {
        let group = world.elasticache.group_mut(id)?;
        if !matches!(group.status, Status::Available | Status::Failed) {
            let message = format!(
                "Replication group {id} has status {} which is not valid for deletion.",
                group.status_word()
            );
            return Err(ApiError::bad("InvalidReplicationGroupState", message));
        }
        group.status = Status::Deleting;
        group.due = ctx.after(DELETE_SECONDS);
        Ok(group.clone())
    })?;
    life::end(ctx, &group.id);
    Ok(Node::result().child(view::group(&group)))
}

/// DescribeCacheClusters.
pub(crate) fn clusters(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let world = ctx.world();
    let nodes = p.bool("ShowCacheNodeInfo")?.unwrap_or(false);
    // Every node here belongs to a replication group.
    let alone = p.bool("ShowCacheClustersNotInReplicationGroups")?.unwrap_or(false);
    let wanted = p.get("CacheClusterId").filter(|id| !id.is_empty());
    let groups = &world.elasticache.replication_groups;
    if let Some(id) = wanted
        && (alone || !groups.contains(&cluster(id)))
    {
        return Err(no_cluster(id));
    }
    let found = |first| {
        let found: Box<dyn Iterator<Item = (u64, &ReplicationGroup)>> = match wanted {
            Some(id) => Box::new(groups.with_any_from(&[cluster(id)], first)),
            None if alone => Box::new(std::iter::empty()),
            None => Box::new(groups.from(first)),
        };
        found
            .flat_map(|(row, group)| group.members.iter().map(move |member| (row, (group, member))))
            .filter(|(_, (_, member))| wanted.is_none_or(|id| id.eq_ignore_ascii_case(&member.cluster_id)))
    };
    let (found, marker) = page(p, Rows(found))?;
    let found = found.into_iter().map(|(group, member)| view::cluster(ctx, group, member, nodes));
    Ok(Node::result().opt("Marker", marker).list("CacheClusters", "CacheCluster", found))
}

/// DeleteCacheCluster: every node here is a member, and a member goes with its group.
pub(crate) fn delete_cluster(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let id = p.required("CacheClusterId")?;
    let member = ctx.read(|world| world.elasticache.replication_groups.contains(&cluster(id)));
    if !member {
        return Err(no_cluster(id));
    }
    let message = "Cannot delete the cache cluster since it is the only member of a replication group. Delete the \
                   replication group instead.";
    Err(ApiError::bad("InvalidCacheClusterState", message))
}

fn no_cluster(id: &str) -> ApiError {
    ApiError::new("CacheClusterNotFound", 404, format!("CacheCluster not found: {id}"))
}
