//! Cache subnet groups.

use std::sync::Arc;

use super::quota;
use super::state::State;
use super::tagging;
use crate::model::error::ApiError;
use crate::server::ctx::Ctx;
use crate::services::ec2::Ec2State;
use crate::services::shared::name::{bad_value, identifier, page};
use crate::services::shared::subnet_group::{self, SubnetGroup, Subnets};
use crate::{model::params::Params, protocol::xml::Element};

/// Subnets in a group.
const MOST_SUBNETS: usize = 20;

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

/// The group of this name. `default` is there without being made: the default VPC's subnets.
pub(super) fn find(state: &State, ec2: &Ec2State, name: &str, arn: String) -> Result<SubnetGroup, ApiError> {
    let name = name.to_ascii_lowercase();
    if let Some(group) = state.subnet_groups.iter().find(|group| group.name == name) {
        return Ok(group.clone());
    }
    if name != "default" {
        return Err(not_found(&name));
    }
    let ids: Vec<String> = ec2.subnets.iter().map(|subnet| subnet.id.clone()).collect();
    let (vpc_id, subnets) = subnets(ec2, &ids)?;
    Ok(SubnetGroup {
        name,
        arn,
        description: "Default CacheSubnetGroup".into(),
        vpc_id,
        subnets,
        tags: Vec::new(),
    })
}

/// CreateCacheSubnetGroup.
pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Element, ApiError> {
    let name = identifier("CacheSubnetGroupName", p.required("CacheSubnetGroupName")?)?;
    let description = p.required("CacheSubnetGroupDescription")?.to_owned();
    let tags = tagging::requested(p)?;
    if name.len() > 255 || name == "default" {
        return Err(bad_value(format!("Invalid CacheSubnetGroupName {name}.")));
    }
    let arn = ctx.arn("elasticache", &format!("subnetgroup:{name}"));
    let group = ctx.change(|world| {
        let (vpc_id, subnets) = subnets(&world.ec2, &p.list("SubnetIds"))?;
        let groups = &mut world.elasticache.subnet_groups;
        if groups.iter().any(|group| group.name == name) {
            let message = format!("Cache subnet group {name} already exists.");
            return Err(ApiError::bad("CacheSubnetGroupAlreadyExists", message));
        }
        if groups.len() >= quota::SUBNET_GROUPS {
            let message =
                format!("There can be at most {} cache subnet groups in a region.", quota::SUBNET_GROUPS);
            return Err(ApiError::bad("CacheSubnetGroupQuotaExceeded", message));
        }
        let group = SubnetGroup { name, arn, description, vpc_id, subnets, tags };
        groups.push(group.clone());
        Ok(group)
    })?;
    Ok(Element::result().child(element(&group)))
}

/// ModifyCacheSubnetGroup.
pub(super) fn modify(ctx: &Arc<Ctx>, p: &Params) -> Result<Element, ApiError> {
    let name = identifier("CacheSubnetGroupName", p.required("CacheSubnetGroupName")?)?;
    let group = ctx.change(|world| {
        let ids = p.list("SubnetIds");
        let fresh = if ids.is_empty() { None } else { Some(subnets(&world.ec2, &ids)?) };
        let state = &mut world.elasticache;
        let group = state
            .subnet_groups
            .iter_mut()
            .find(|group| group.name == name)
            .ok_or_else(|| not_found(&name))?;
        if let Some((vpc_id, subnets)) = fresh {
            if vpc_id != group.vpc_id {
                let message =
                    format!("Subnets {} and {} are not in the same VPC.", group.subnets[0].0, subnets[0].0);
                return Err(ApiError::bad("InvalidSubnet", message));
            }
            let used = |zone: &str| {
                state
                    .replication_groups
                    .iter()
                    .any(|rg| rg.subnet_group == name && rg.members.iter().any(|member| member.zone == zone))
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
    Ok(Element::result().child(element(&group)))
}

/// DescribeCacheSubnetGroups.
pub(super) fn describe(ctx: &Arc<Ctx>, p: &Params) -> Result<Element, ApiError> {
    let world = ctx.world();
    let groups = match p.get("CacheSubnetGroupName").filter(|name| !name.is_empty()) {
        Some(name) => {
            let arn = ctx.arn("elasticache", "subnetgroup:default");
            vec![find(&world.elasticache, &world.ec2, name, arn)?]
        }
        None => world.elasticache.subnet_groups.clone(),
    };
    let (groups, marker) = page(p, groups)?;
    Ok(Element::result().opt("Marker", marker).list(
        "CacheSubnetGroups",
        "CacheSubnetGroup",
        groups.iter().map(element),
    ))
}

/// DeleteCacheSubnetGroup.
pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Element, ApiError> {
    let name = identifier("CacheSubnetGroupName", p.required("CacheSubnetGroupName")?)?;
    ctx.change(|world| {
        let state = &mut world.elasticache;
        let Some(at) = state.subnet_groups.iter().position(|group| group.name == name) else {
            let message = format!("Cache Subnet Group {name} does not exist.");
            return Err(ApiError::bad("CacheSubnetGroupNotFoundFault", message));
        };
        if state.replication_groups.iter().any(|group| group.subnet_group == name) {
            let message = format!("Cache subnet group {name} is currently in use by a cache cluster.");
            return Err(ApiError::bad("CacheSubnetGroupInUse", message));
        }
        state.subnet_groups.remove(at);
        Ok(())
    })?;
    Ok(Element::result())
}

fn element(group: &SubnetGroup) -> Element {
    let subnets = group.subnets.iter().map(|(id, zone)| {
        Element::default()
            .leaf("SubnetIdentifier", id)
            .child(Element::new("SubnetAvailabilityZone").leaf("Name", zone))
            .leaves("SupportedNetworkTypes", "member", ["ipv4"])
    });
    Element::new("CacheSubnetGroup")
        .leaf("CacheSubnetGroupName", &group.name)
        .leaf("CacheSubnetGroupDescription", &group.description)
        .leaf("VpcId", &group.vpc_id)
        .list("Subnets", "Subnet", subnets)
        .leaf("ARN", &group.arn)
        .leaves("SupportedNetworkTypes", "member", ["ipv4"])
}
