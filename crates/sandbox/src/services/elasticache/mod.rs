//! ElastiCache: its control plane, with real engines behind it.

mod node_type;
mod parameter;
mod parameter_group;
mod replication_group;
mod state;
mod subnet_group;
mod tagging;
#[cfg(test)]
mod tests;
mod version;

pub(crate) use state::State;

use replication_group::{create, describe, failover, life, modify};

use std::sync::Arc;

use crate::model::error::ApiError;
use crate::server::ctx::Ctx;
use crate::services::shared::name::bad_combination;
use crate::{model::params::Params, protocol::xml::Element};

/// Answers one request.
pub(crate) async fn handle(ctx: &Arc<Ctx>, action: &str, p: &Params) -> Result<Element, ApiError> {
    match action {
        "CreateCacheSubnetGroup" => subnet_group::create(ctx, p),
        "DescribeCacheSubnetGroups" => subnet_group::describe(ctx, p),
        "ModifyCacheSubnetGroup" => subnet_group::modify(ctx, p),
        "DeleteCacheSubnetGroup" => subnet_group::delete(ctx, p),
        "CreateCacheParameterGroup" => parameter_group::create(ctx, p),
        "DescribeCacheParameterGroups" => parameter_group::describe(ctx, p),
        "DescribeCacheParameters" => parameter_group::parameters(ctx, p),
        "ModifyCacheParameterGroup" => parameter_group::modify(ctx, p).await,
        "ResetCacheParameterGroup" => parameter_group::reset(ctx, p).await,
        "DeleteCacheParameterGroup" => parameter_group::delete(ctx, p),
        "DescribeCacheEngineVersions" => version::describe(p),
        "DescribeEngineDefaultParameters" => version::defaults(p),
        "CreateReplicationGroup" => create::create(ctx, p),
        "DescribeReplicationGroups" => describe::describe(ctx, p),
        "ModifyReplicationGroup" => modify::modify(ctx, p).await,
        "DeleteReplicationGroup" => describe::delete(ctx, p),
        "DescribeCacheClusters" => describe::clusters(ctx, p),
        "DeleteCacheCluster" => describe::delete_cluster(ctx, p),
        // AWS's very words for the recipe's likeliest wrong turn; nothing else of CreateCacheCluster is here.
        "CreateCacheCluster"
            if p.bool("TransitEncryptionEnabled")?.unwrap_or(false) && p.get("Engine") == Some("redis") =>
        {
            Err(bad_combination("Encryption feature is not supported for engine REDIS."))
        }
        "TestFailover" => failover::test(ctx, p),
        "DescribeEvents" => ctx.read(|world| world.elasticache.events.describe(p, ctx.now(), false)),
        "ListTagsForResource" => tagging::list(ctx, p),
        "AddTagsToResource" => tagging::add(ctx, p),
        "RemoveTagsFromResource" => tagging::remove(ctx, p),
        _ => Err(crate::server::front::unimplemented_query(action)),
    }
}

/// Makes every group what a test needs it to be: available, or failed.
#[cfg(test)]
pub(crate) fn set_status_for_tests(state: &mut State, available: bool) {
    for group in &mut state.replication_groups {
        group.status = if available { state::Status::Available } else { state::Status::CreateFailed };
    }
}

/// Fills the state to AWS's quotas from the first thing of each kind.
#[cfg(test)]
pub(crate) fn fill_for_tests(state: &mut State) {
    let (subnets, parameters) = (state.subnet_groups[0].clone(), state.parameter_groups[0].clone());
    for at in 1..300 {
        state.subnet_groups.push(crate::services::shared::subnet_group::SubnetGroup {
            name: format!("many-{at}"),
            ..subnets.clone()
        });
        state
            .parameter_groups
            .push(state::ParameterGroup { name: format!("many-{at}"), ..parameters.clone() });
    }
    let group = &mut state.replication_groups[0];
    group.members = vec![group.members[0].clone(); 300];
}

/// Restarts engines and half-finished transitions after the world was loaded.
pub(crate) async fn resume(ctx: &Arc<Ctx>) {
    life::resume(ctx).await;
}
