//! ElastiCache: its control plane, with real engines behind it.

mod needs;
mod node_type;
mod parameter;
mod parameter_group;
mod quota;
mod replication_group;
pub(crate) mod state;
mod subnet_group;
mod tagging;
#[cfg(test)]
mod tests;
mod version;

#[cfg(test)]
use state::State;

use crate::model::account::part::Part;
use crate::{
    model::{
        error::ApiError,
        node::Node,
        params::{Missing, Params},
    },
    protocol::Protocol,
    server::ctx::Ctx,
    services::{
        operation::{Needs, Operation, unimplemented_query},
        service::{BROKEN, Form, Refusals, Service, Wire, denied_query},
        shared::name::bad_combination,
    },
};
use replication_group::{create, describe, failover, life, modify};
use std::sync::Arc;

pub(crate) static SERVICE: Service = Service {
    part: Part {
        name: "elasticache",
        prefix: "elasticache",
        of_aws: true,
        machines: &[("CreateReplicationGroup", exhausted)],
        quotas: quota::ALL,
        tagged: Some(|world, _, wanted| world.elasticache.tagged(wanted)),
        resources: |world, _| world.elasticache.resources(),
        attached: |world| world.elasticache.attached(),
        uses: |world, what| world.elasticache.uses(what),
        engine_of: |world, id| world.elasticache.group(id).map(|group| group.layout.primary.clone()).ok(),
        rewind: |world, before| world.elasticache = before.elasticache.clone(),
    },
    wire: Wire::Form(Form {
        protocol: Protocol::Query,
        namespace: "http://elasticache.amazonaws.com/doc/2015-02-02/",
        version: "2015-02-02",
        missing: Missing::Blank,
        check: |_, _| Ok(()),
        names: &[
            ("ReplicationGroupId", "replicationgroup:"),
            ("CacheClusterId", "cluster:"),
            ("CacheSubnetGroupName", "subnetgroup:"),
            ("CacheParameterGroupName", "parametergroup:"),
        ],
        regional: true,
    }),
    operations: OPERATIONS,
    refusals: Refusals {
        throttled: ("Throttling", 400, "Rate exceeded"),
        broken: ("InternalFailure", 500, BROKEN),
        denied: denied_query,
    },
    resume: life::resume,
};

/// What looks at resources needs its own action alone; all others name them.
const OWN: Needs = Needs::Own;
const NAMED: Needs = Needs::Form(needs::named);

const OPERATIONS: &[Operation] = &[
    Operation::form("CreateCacheSubnetGroup", subnet_group::create, NAMED).making(),
    Operation::form("DescribeCacheSubnetGroups", subnet_group::describe, OWN),
    Operation::form("ModifyCacheSubnetGroup", subnet_group::modify, NAMED),
    Operation::form("DeleteCacheSubnetGroup", subnet_group::delete, NAMED),
    Operation::form("CreateCacheParameterGroup", parameter_group::create, NAMED).making(),
    Operation::form("DescribeCacheParameterGroups", parameter_group::describe, OWN),
    Operation::form("DescribeCacheParameters", parameter_group::parameters, OWN),
    Operation::later(
        "ModifyCacheParameterGroup",
        |ctx, p| Box::pin(async move { parameter_group::modify(&ctx, &p).await }),
        NAMED,
    ),
    Operation::later(
        "ResetCacheParameterGroup",
        |ctx, p| Box::pin(async move { parameter_group::reset(&ctx, &p).await }),
        NAMED,
    ),
    Operation::form("DeleteCacheParameterGroup", parameter_group::delete, NAMED),
    Operation::form("DescribeCacheEngineVersions", |_, p| version::describe(p), OWN),
    Operation::form("DescribeEngineDefaultParameters", |_, p| version::defaults(p), OWN),
    Operation::form("CreateReplicationGroup", create::create, Needs::Form(needs::create))
        .making()
        .linked(unlinked),
    Operation::form("DescribeReplicationGroups", describe::describe, OWN),
    Operation::later(
        "ModifyReplicationGroup",
        |ctx, p| Box::pin(async move { modify::modify(&ctx, &p).await }),
        NAMED,
    ),
    Operation::form("DeleteReplicationGroup", describe::delete, NAMED),
    Operation::form("DescribeCacheClusters", describe::clusters, OWN),
    Operation::form("DeleteCacheCluster", describe::delete_cluster, NAMED),
    Operation::form("CreateCacheCluster", create_cluster, NAMED),
    Operation::form("TestFailover", failover::test, NAMED),
    Operation::form("DescribeEvents", events, OWN),
    Operation::form("ListTagsForResource", tagging::list, NAMED),
    Operation::form("AddTagsToResource", tagging::add, NAMED),
    Operation::form("RemoveTagsFromResource", tagging::remove, NAMED),
];

/// AWS's very words for the recipe's likeliest wrong turn; nothing else of CreateCacheCluster is here.
fn create_cluster(_: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    if p.bool("TransitEncryptionEnabled")?.unwrap_or(false) && p.get("Engine") == Some("redis") {
        return Err(bad_combination("Encryption feature is not supported for engine REDIS."));
    }
    Err(unimplemented_query("CreateCacheCluster"))
}

fn events(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    ctx.read(|world| world.elasticache.events.describe(p, ctx.now(), false))
}

fn exhausted(parameter: &dyn Fn(&str) -> Option<String>) -> ApiError {
    let kind = parameter("CacheNodeType").unwrap_or_else(|| "cache.t3.micro".into());
    let text = format!(
        "{kind} (VPC) is not currently supported in the availability zone us-east-1a.  Retry the launch with no \
         availability zone or target: us-east-1b, us-east-1c."
    );
    ApiError::bad("InsufficientCacheClusterCapacity", text)
}

fn unlinked() -> ApiError {
    ApiError::bad("ServiceLinkedRoleNotFoundFault", "The specified service linked role was not found.")
}

/// Makes every group what a test needs it to be: available, or failed.
#[cfg(test)]
pub(crate) fn set_status_for_tests(state: &mut State, available: bool) {
    let status = if available {
        crate::services::shared::status::Status::Available
    } else {
        crate::services::shared::status::Status::Failed
    };
    state.replication_groups.each_mut(|group| group.status = status);
}

/// Fills the state to AWS's quotas from the first thing of each kind.
#[cfg(test)]
pub(crate) fn fill_for_tests(state: &mut State) {
    let (subnets, parameters) = (state.subnet_groups[0].clone(), state.parameter_groups[0].clone());
    for at in 1..300 {
        let name = format!("many-{at}");
        let group =
            crate::services::shared::subnet_group::SubnetGroup { name: name.clone(), ..subnets.clone() };
        state.subnet_groups.push(group);
        state.parameter_groups.push(state::ParameterGroup { name, ..parameters.clone() });
    }
    // This is room for fifty groups of six nodes.
    state.replication_groups.each_mut(|group| group.members = vec![group.members[0].clone(); 6]);
    let group = state.replication_groups[0].clone();
    let more = (1..50).map(|at| state::ReplicationGroup { id: format!("many-{at}"), ..group.clone() });
    state.replication_groups.extend(more);
}
