//! DB subnet groups.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::filter::Filters;
use super::quota;
use super::state::State;
use crate::model::error::ApiError;
use crate::model::tag::{self, Tag};
use crate::server::ctx::Ctx;
use crate::services::ec2::Ec2State;
use crate::services::shared::name::{bad_value, page};
use crate::services::shared::subnet_group::{self, SubnetGroup, Subnets};
use crate::{model::params::Params, protocol::xml::Element};

/// Subnets in a group.
const MOST_SUBNETS: usize = 20;
const NAME: &str = "DBSubnetGroupName";

fn not_found(name: &str) -> ApiError {
    ApiError::new("DBSubnetGroupNotFoundFault", 404, format!("DB subnet group '{name}' does not exist."))
}

fn subnets(ec2: &Ec2State, ids: &[String]) -> Result<Subnets, ApiError> {
    if ids.is_empty() {
        return Err(ApiError::bad("InvalidSubnet", "Subnet IDs are required."));
    }
    let found = subnet_group::subnets(ec2, ids)?;
    if ids.len() > MOST_SUBNETS {
        let message = format!("A DB subnet group can have at most {MOST_SUBNETS} subnets.");
        return Err(ApiError::bad("DBSubnetQuotaExceededFault", message));
    }
    let zones: BTreeSet<&str> = found.1.iter().map(|(_, zone)| zone.as_str()).collect();
    if zones.len() < 2 {
        let zones: Vec<&str> = zones.into_iter().collect();
        let message = format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {}. \
             Add subnets to cover at least 2 AZs.",
            zones.join(", ")
        );
        return Err(ApiError::bad("DBSubnetGroupDoesNotCoverEnoughAZs", message));
    }
    Ok(found)
}

/// The group of this name. `default` is there without being made: the default VPC's subnets.
pub(super) fn find(ctx: &Ctx, state: &State, ec2: &Ec2State, name: &str) -> Result<SubnetGroup, ApiError> {
    let name = name.to_ascii_lowercase();
    if let Some(group) = state.subnet_groups.iter().find(|group| group.name == name) {
        return Ok(group.clone());
    }
    if name != "default" {
        return Err(not_found(&name));
    }
    let ids: Vec<String> = ec2.subnets.iter().map(|subnet| subnet.id.clone()).collect();
    let (vpc_id, subnets) = subnets(ec2, &ids)?;
    let arn = ctx.arn("rds", "subgrp:default");
    Ok(SubnetGroup { name: name.clone(), arn, description: name, vpc_id, subnets, tags: Vec::new() })
}

/// CreateDBSubnetGroup.
pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Element, ApiError> {
    let name = p.required(NAME)?.to_ascii_lowercase();
    let description = p.required("DBSubnetGroupDescription")?.to_owned();
    let allowed = name.chars().all(|c| c.is_ascii_alphanumeric() || " ._-".contains(c));
    if !allowed || name.len() > 255 || name == "default" {
        return Err(bad_value(format!("The parameter {NAME} is not a valid name: {name}.")));
    }
    let tags = Tag::list(p, "Tags")?;
    if let Some(fault) = tag::fault(&tags) {
        return Err(bad_value(fault));
    }
    let arn = ctx.arn("rds", &format!("subgrp:{name}"));
    let group = ctx.change(|world| {
        let (vpc_id, subnets) = subnets(&world.ec2, &p.list("SubnetIds"))?;
        let groups = &mut world.rds.subnet_groups;
        if groups.iter().any(|group| group.name == name) {
            let message = format!("The DB subnet group '{name}' already exists.");
            return Err(ApiError::bad("DBSubnetGroupAlreadyExists", message));
        }
        if groups.len() >= quota::SUBNET_GROUPS {
            let message = format!(
                "You have already reached your quota of {} DB subnet groups per customer.",
                quota::SUBNET_GROUPS
            );
            return Err(ApiError::bad("DBSubnetGroupQuotaExceeded", message));
        }
        let group = SubnetGroup { name, arn, description, vpc_id, subnets, tags };
        groups.push(group.clone());
        Ok(group)
    })?;
    Ok(Element::result().child(element(&group)))
}

/// DescribeDBSubnetGroups.
pub(super) fn describe(ctx: &Arc<Ctx>, p: &Params) -> Result<Element, ApiError> {
    Filters::none(p)?;
    let world = ctx.world();
    let groups = match p.get(NAME).filter(|name| !name.is_empty()) {
        Some(name) => vec![find(ctx, &world.rds, &world.ec2, name)?],
        None => world.rds.subnet_groups.clone(),
    };
    let (groups, marker) = page(p, groups)?;
    Ok(Element::result().opt("Marker", marker).list(
        "DBSubnetGroups",
        "DBSubnetGroup",
        groups.iter().map(element),
    ))
}

/// DeleteDBSubnetGroup.
pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Element, ApiError> {
    let name = p.required(NAME)?.to_ascii_lowercase();
    ctx.change(|world| {
        let state = &mut world.rds;
        let at = state.subnet_groups.iter().position(|group| group.name == name).ok_or_else(|| not_found(&name))?;
        if let Some(user) = state.instances.iter().find(|instance| instance.subnet_group.name == name) {
            let message = format!(
                "Cannot delete the subnet group '{name}' because at least one database instance: {} is still using it.",
                user.id
            );
            return Err(ApiError::bad("InvalidDBSubnetGroupStateFault", message));
        }
        state.subnet_groups.remove(at);
        Ok(())
    })?;
    Ok(Element::result())
}

/// A group as RDS shows it, alone and inside an instance.
pub(super) fn element(group: &SubnetGroup) -> Element {
    let subnets = group.subnets.iter().map(|(id, zone)| {
        Element::default()
            .leaf("SubnetIdentifier", id)
            .child(Element::new("SubnetAvailabilityZone").leaf("Name", zone))
            .child(Element::new("SubnetOutpost"))
            .leaf("SubnetStatus", "Active")
    });
    Element::new("DBSubnetGroup")
        .leaf("DBSubnetGroupName", &group.name)
        .leaf("DBSubnetGroupDescription", &group.description)
        .leaf("VpcId", &group.vpc_id)
        .leaf("SubnetGroupStatus", "Complete")
        .list("Subnets", "Subnet", subnets)
        .leaf("DBSubnetGroupArn", &group.arn)
        .leaves("SupportedNetworkTypes", "member", ["IPV4"])
}
