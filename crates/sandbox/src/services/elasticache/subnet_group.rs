//! Cache subnet groups.

use std::sync::Arc;

use super::quota;
use super::tagging;
use crate::model::error::ApiError;
use crate::model::node::Node;
use crate::model::params::Params;
use crate::server::ctx::Ctx;
use crate::services::ec2::Ec2State;
use crate::services::shared::name::{bad_value, identifier};
use crate::services::shared::subnet_group::{self, SubnetGroup, Subnets, in_subnet_group};
use crate::services::shared::subnet_groups::Kind;

/// Subnets in a group.
const MOST_SUBNETS: usize = 20;
const NAME: &str = "CacheSubnetGroupName";

pub(super) const KIND: Kind = Kind {
    name: NAME,
    service: "elasticache",
    prefix: "subnetgroup",
    quota: quota::SUBNET_GROUPS,
    default_description: "Default CacheSubnetGroup",
    groups: |world| &world.elasticache.subnet_groups,
    groups_mut: |world| &mut world.elasticache.subnet_groups,
    subnets,
    not_found,
    not_there: |name| {
        ApiError::bad("CacheSubnetGroupNotFoundFault", format!("Cache Subnet Group {name} does not exist."))
    },
    exists: |name| {
        ApiError::bad("CacheSubnetGroupAlreadyExists", format!("Cache subnet group {name} already exists."))
    },
    exceeded: |most| {
        let message = format!("There can be at most {most} cache subnet groups in a region.");
        ApiError::bad("CacheSubnetGroupQuotaExceeded", message)
    },
    in_use: |world, name| {
        let used = world.elasticache.replication_groups.contains(&in_subnet_group(name));
        let message = format!("Cache subnet group {name} is currently in use by a cache cluster.");
        used.then(|| ApiError::bad("CacheSubnetGroupInUse", message))
    },
};

/// Subnets as requested, with their zones and the VPC they share.
fn subnets(ec2: &Ec2State, ids: &[String]) -> Result<Subnets, ApiError> {
    if ids.is_empty() {
        return Err(bad_value("The parameter SubnetIds must be provided."));
    }
    let found = subnet_group::subnets(ec2, ids)?;
    if ids.len() > MOST_SUBNETS {
        let message = format!("A cache subnet group can have at most {MOST_SUBNETS} subnets.");
        return Err(ApiError::bad("CacheSubnetQuotaExceededFault", message));
    }
    Ok(found)
}

fn not_found(name: &str) -> ApiError {
    ApiError::bad("CacheSubnetGroupNotFoundFault", format!("Cache subnet group {name} not found."))
}

/// CreateCacheSubnetGroup.
pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = identifier(NAME, p.required(NAME)?)?;
    let description = p.required("CacheSubnetGroupDescription")?.to_owned();
    let tags = tagging::requested(p)?;
    if name.len() > 255 || name == "default" {
        return Err(bad_value(format!("Invalid CacheSubnetGroupName {name}.")));
    }
    Ok(Node::result().child(element(&KIND.create(ctx, p, name, description, tags)?)))
}

/// ModifyCacheSubnetGroup.
pub(super) fn modify(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = identifier(NAME, p.required(NAME)?)?;
    let group = ctx.change(|world| {
        let ids = p.list("SubnetIds");
        let fresh = if ids.is_empty() { None } else { Some(subnets(&world.ec2, &ids)?) };
        let state = &mut world.elasticache;
        let users = &state.replication_groups;
        let group = state.subnet_groups.get_mut(&name).ok_or_else(|| not_found(&name))?;
        if let Some((vpc_id, subnets)) = fresh {
            if vpc_id != group.vpc_id {
                let message =
                    format!("Subnets {} and {} are not in the same VPC.", group.subnets[0].0, subnets[0].0);
                return Err(ApiError::bad("InvalidSubnet", message));
            }
            let used = |zone: &str| {
                let mut users = users.with(&in_subnet_group(&name));
                users.any(|rg| rg.members.iter().any(|member| member.zone == zone))
            };
            let gone =
                group.subnets.iter().find(|(_, zone)| !subnets.iter().any(|(_, z)| z == zone) && used(zone));
            if let Some((id, _)) = gone {
                return Err(ApiError::bad("SubnetInUse", format!("The subnet {id} is in use.")));
            }
            group.subnets = subnets;
        }
        if let Some(description) = p.get("CacheSubnetGroupDescription") {
            description.clone_into(&mut group.description);
        }
        Ok(group.clone())
    })?;
    Ok(Node::result().child(element(&group)))
}

/// DescribeCacheSubnetGroups.
pub(super) fn describe(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let (groups, marker) = KIND.describe(ctx, p, element)?;
    Ok(Node::result().opt("Marker", marker).list("CacheSubnetGroups", "CacheSubnetGroup", groups))
}

/// DeleteCacheSubnetGroup.
pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    KIND.delete(ctx, &identifier(NAME, p.required(NAME)?)?)
}

fn element(group: &SubnetGroup) -> Node {
    let subnets = group.subnets.iter().map(|(id, zone)| {
        Node::default()
            .leaf("SubnetIdentifier", id)
            .child(Node::new("SubnetAvailabilityZone").leaf("Name", zone))
            .leaves("SupportedNetworkTypes", "member", ["ipv4"])
    });
    Node::new("CacheSubnetGroup")
        .leaf("CacheSubnetGroupName", &group.name)
        .leaf("CacheSubnetGroupDescription", &group.description)
        .leaf("VpcId", &group.vpc_id)
        .list("Subnets", "Subnet", subnets)
        .leaf("ARN", &group.arn)
        .leaves("SupportedNetworkTypes", "member", ["ipv4"])
}
