//! CreateReplicationGroup: every check AWS makes, then the start of a life.

use std::sync::Arc;

use super::{life, view};
use crate::engines::cache::CacheGroup;
use crate::model::account::share::Use;
use crate::model::account::world::World;
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::server::fault;
use crate::services::elasticache::quota;
use crate::services::elasticache::state::{Member, ReplicationGroup};
use crate::services::elasticache::{node_type, parameter, parameter_group, subnet_group, tagging, version};
use crate::services::iam;
use crate::services::shared::name::{bad_combination, bad_value, identifier, unsupported};
use crate::services::shared::status::Status;
use crate::system::ids;

/// What AWS typically needs, in seconds.
pub(crate) const CREATE_SECONDS: f64 = 420.0;

/// Nodes of a group: a primary and five replicas.
const MOST_NODES: usize = 6;

/// Parameters of AWS that the sandbox does not act on.
const UNSUPPORTED: &[&str] = &[
    "GlobalReplicationGroupId",
    "PrimaryClusterId",
    "SnapshotArns",
    "SnapshotName",
    "LogDeliveryConfigurations",
    "DataTieringEnabled",
    "ServerlessCacheSnapshotName",
    "NodeGroupConfiguration",
];

/// Answers the request.
pub(crate) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let mut group = ctx.read(|world| plan(ctx, world, p))?;
    let token = p.get("AuthToken").filter(|token| !token.is_empty());
    // Secrets first, under a name that is never used again: a crash leaves a directory, not a cache without them.
    if let Some(engines) = &ctx.engines {
        engines.prepare_cache(&group.layout, token).map_err(|error| ApiError::internal(error.to_string()))?;
    }
    let made = ctx.change(|world| {
        if world.elasticache.group(&group.id).is_ok() {
            return Err(exists());
        }
        group.created = ctx.now();
        group.doomed = fault::is_doomed();
        group.due = ctx.after(CREATE_SECONDS);
        iam::ensure_service_linked(world, "elasticache.amazonaws.com", group.created);
        world.elasticache.replication_groups.push(group.clone());
        Ok(())
    });
    if let Err(error) = made {
        if let Some(engines) = ctx.engines.clone() {
            let layout = group.layout.clone();
            ctx.spawn(async move {
                let _ = engines.stop_cache(&layout, true).await;
            });
        }
        return Err(error);
    }
    life::start(ctx, &group.id);
    Ok(Node::result().child(view::group(&group)))
}

fn exists() -> ApiError {
    ApiError::bad("ReplicationGroupAlreadyExists", "Replication group with specified name already exists.")
}

fn plan(ctx: &Arc<Ctx>, world: &World, p: &Params) -> Result<ReplicationGroup, ApiError> {
    let given = p.required("ReplicationGroupId")?;
    let description = p.required("ReplicationGroupDescription")?.to_owned();
    if given.len() > 40 {
        return Err(bad_value("Replication Group ID cannot be longer than 40 characters."));
    }
    let id = identifier("ReplicationGroupId", given)?;
    unsupported(p, UNSUPPORTED)?;
    let engine = p.get("Engine").filter(|e| !e.is_empty()).unwrap_or("redis").to_ascii_lowercase();
    let version = version::resolve(&engine, p.get("EngineVersion").filter(|v| !v.is_empty()))?;
    let node_type = p.get("CacheNodeType").filter(|t| !t.is_empty()).unwrap_or("cache.t3.micro").to_owned();
    if node_type::memory(&node_type).is_none() {
        return Err(bad_value(format!("Invalid Cache Node Type: {node_type}.")));
    }
    let count = nodes(p)?;
    let failover = p.bool("AutomaticFailoverEnabled")?.unwrap_or(false);
    let multi_az = p.bool("MultiAZEnabled")?.unwrap_or(false);
    if node_type.starts_with("cache.t2.") {
        // T2 nodes can no longer be created (docs/aws.md, "Names and limits"); this is the only text seen for them.
        return Err(bad_value("Automatic failover is not supported for T1 and T2 cache node types."));
    }
    if failover && count < 2 {
        return Err(bad_combination(
            "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
        ));
    }
    if multi_az && !failover {
        return Err(bad_combination("Multi-AZ requires automatic failover to be enabled."));
    }
    if world.elasticache.group(&id).is_ok() {
        return Err(exists());
    }
    let most = ctx.limit(&quota::NODES);
    let groups = &world.elasticache.replication_groups;
    // Nodes are counted only where the count may matter, for no group has more than six.
    let there = || groups.iter().map(|group| group.members.len()).sum::<usize>();
    if (groups.len() + 1) * MOST_NODES > most && there() + count > most {
        let message = format!("There can be at most {most} cache nodes in a region.");
        return Err(ApiError::bad("NodeQuotaForCustomerExceeded", message));
    }
    let (tls, token) = encryption(p, version)?;
    if !p.list("CacheSecurityGroupNames").is_empty() {
        return Err(bad_combination(
            "Use of cache security groups is not permitted along with cache subnet group and/or security group Ids.",
        ));
    }
    let subnet_name = p.get("CacheSubnetGroupName").filter(|n| !n.is_empty()).unwrap_or("default");
    let subnets = subnet_group::KIND.find(ctx, world, subnet_name)?;
    let security_groups = security_groups(world, p, &subnets.name, &subnets.vpc_id)?;
    let default_group = format!("default.{}", version.family);
    let group_name = p.get("CacheParameterGroupName").filter(|n| !n.is_empty()).unwrap_or(&default_group);
    let parameters =
        parameter_group::find(ctx, &world.elasticache, group_name, "CacheParameterGroup not found: {}")?;
    if parameters.family != version.family {
        return Err(bad_combination(format!(
            "Expected a parameter group of family {} but found one of family {}",
            version.family, parameters.family
        )));
    }
    let tags = tagging::requested(p)?;
    let port = u16::try_from(p.int("Port")?.unwrap_or(6379)).ok().filter(|port| *port >= 1);
    let port = port.ok_or_else(|| bad_value("Invalid port. The port must be between 1 and 65535."))?;
    let members = members(p, &id, count, &subnets.subnets, &node_type)?;
    let settings = parameter::settings(version.family, &parameters.values, &node_type);
    let names: Vec<String> = members.iter().map(|member| member.cluster_id.clone()).collect();
    let taken = |address| ctx.parts.uses(world, &Use::Address(address));
    let home = format!("{id}-{}", ids::hex(8));
    let layout = CacheGroup::plan(&home, &names, port, tls, settings, &taken)
        .map_err(|error| ApiError::internal(format!("the sandbox has no address for a cache: {error}")))?;
    let now = ctx.now();
    Ok(ReplicationGroup {
        arn: ctx.arn("elasticache", &format!("replicationgroup:{id}")),
        id,
        description,
        status: Status::Creating,
        created: now,
        due: now,
        engine_version: version.short.to_owned(),
        node_type,
        members,
        port,
        token_since: token.then_some(now),
        tls,
        at_rest: p.bool("AtRestEncryptionEnabled")?.unwrap_or(engine == "valkey"),
        engine,
        multi_az,
        failover,
        parameter_group: parameters.name,
        subnet_group: subnets.name,
        security_groups,
        snapshot_retention: p.int("SnapshotRetentionLimit")?.unwrap_or(0),
        snapshot_window: p.get("SnapshotWindow").unwrap_or("05:00-06:00").to_owned(),
        maintenance_window: p.get("PreferredMaintenanceWindow").unwrap_or("sun:08:00-sun:09:00").to_owned(),
        minor_upgrades: p.bool("AutoMinorVersionUpgrade")?.unwrap_or(true),
        tags,
        layout,
        doomed: false,
        recovering: false,
        failovers: Vec::new(),
    })
}

/// How many nodes are asked for, in either of AWS's two ways.
fn nodes(p: &Params) -> Result<usize, ApiError> {
    let node_groups = p.int("NumNodeGroups")?.unwrap_or(1);
    if node_groups > 1 && p.get("NumCacheClusters").is_some() {
        return Err(bad_combination("NumCacheClusters can only be specified for one node group"));
    }
    if node_groups > 1 {
        return Err(bad_combination(
            "Use a parameter group with cluster-enabled parameter to create more than one node group.",
        ));
    }
    let replicas = p.int("ReplicasPerNodeGroup")?;
    let count = match (p.int("NumCacheClusters")?, replicas) {
        (Some(count), _) => count,
        (None, Some(replicas)) => replicas + 1,
        (None, None) => 1,
    };
    match usize::try_from(count) {
        Ok(count @ 1..=MOST_NODES) => Ok(count),
        _ => Err(bad_value("The number of replicas per node group must be within 0 and 5.")),
    }
}

/// Whether TLS and an AUTH token are asked for, after AWS's checks of the two.
fn encryption(p: &Params, version: version::Version) -> Result<(bool, bool), ApiError> {
    let tls = p.bool("TransitEncryptionEnabled")?.unwrap_or(false);
    let token = p.get("AuthToken").filter(|token| !token.is_empty());
    if let Some(mode) = p.get("TransitEncryptionMode").filter(|mode| !mode.is_empty()) {
        if version.family == "redis6.x" {
            return Err(bad_combination(format!(
                "Transit encryption mode is not supported for engine version {}. Please use engine version 7.0.5 or higher.",
                version.full
            )));
        }
        match mode {
            "required" => {}
            "preferred" if token.is_some() => {
                return Err(bad_combination(
                    "Transit encryption preferred is not supported with redis access control.",
                ));
            }
            "preferred" => unsupported(p, &["TransitEncryptionMode"])?,
            other => return Err(bad_value(format!("Invalid TransitEncryptionMode: {other}."))),
        }
    }
    if !tls && !p.list("UserGroupIds").is_empty() {
        return Err(bad_combination(
            "User group based access control requires encryption-in-transit to be enabled on the replication group.",
        ));
    }
    unsupported(p, &["UserGroupIds"])?;
    if let Some(token) = token {
        if !tls {
            return Err(bad_combination(
                "The AUTH token is only supported when encryption-in-transit is enabled",
            ));
        }
        check_token(token)?;
    }
    Ok((tls, token.is_some()))
}

/// AWS's rules for an AUTH token (docs/aws.md, "Names and limits").
pub(crate) fn check_token(token: &str) -> Result<(), ApiError> {
    let characters = token.chars().all(|c| c.is_ascii_alphanumeric() || "!&#$^<>-".contains(c));
    if characters && (16..=128).contains(&token.len()) {
        Ok(())
    } else {
        Err(bad_value("Invalid AuthToken provided."))
    }
}

/// The groups asked for, or the VPC's default one.
pub(crate) fn security_groups(
    world: &World,
    p: &Params,
    subnets: &str,
    vpc: &str,
) -> Result<Vec<String>, ApiError> {
    let ids = p.list("SecurityGroupIds");
    if ids.is_empty() {
        return Ok(world.ec2.default_group(vpc).map(|group| group.id.clone()).into_iter().collect());
    }
    for id in &ids {
        let group = world
            .ec2
            .group(id)
            .ok_or_else(|| bad_value(format!("The security group '{id}' does not exist")))?;
        if group.vpc_id != vpc {
            return Err(bad_combination(format!(
                "Subnet group [{subnets}] belongs to a different VPC [{vpc}] than [{}]",
                group.vpc_id
            )));
        }
    }
    Ok(ids)
}

fn members(
    p: &Params,
    id: &str,
    count: usize,
    subnets: &[(String, String)],
    node_type: &str,
) -> Result<Vec<Member>, ApiError> {
    let mut zones: Vec<String> = Vec::new();
    for (_, zone) in subnets {
        if !zones.contains(zone) {
            zones.push(zone.clone());
        }
    }
    let preferred = p.list("PreferredCacheClusterAZs");
    if !preferred.is_empty() {
        if preferred.len() != count {
            return Err(bad_combination(
                "PreferredCacheClusterAZs must name one availability zone for each cache cluster.",
            ));
        }
        if let Some(bad) = preferred.iter().find(|zone| !zones.contains(zone)) {
            return Err(bad_combination(format!(
                "The subnet group has no subnet in availability zone {bad}."
            )));
        }
        zones = preferred;
    } else if zones.iter().any(|zone| node_type::offered(node_type, zone)) {
        zones.retain(|zone| node_type::offered(node_type, zone));
    }
    if let Some(zone) = zones.iter().find(|zone| !node_type::offered(node_type, zone)) {
        let mut others: Vec<&str> = subnets.iter().map(|(_, zone)| zone.as_str()).collect();
        others.retain(|zone| node_type::offered(node_type, zone));
        let message = format!(
            "{node_type} (VPC) is not currently supported in the availability zone {zone}.  Retry the launch with no \
             availability zone or target: {}.",
            others.join(", ")
        );
        return Err(ApiError::bad("InsufficientCacheClusterCapacity", message));
    }
    Ok(zones
        .iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(|(at, zone)| Member { cluster_id: format!("{id}-{:03}", at + 1), zone: zone.clone() })
        .collect())
}
