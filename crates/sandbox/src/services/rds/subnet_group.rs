//! DB subnet groups.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::filter::Filters;
use super::quota;
use crate::model::error::ApiError;
use crate::model::node::Node;
use crate::model::params::Params;
use crate::model::tag::{self, Tag};
use crate::server::ctx::Ctx;
use crate::services::ec2::Ec2State;
use crate::services::shared::name::bad_value;
use crate::services::shared::subnet_group::{self, SubnetGroup, Subnets, in_subnet_group};
use crate::services::shared::subnet_groups::Kind;

/// Subnets in a group.
const MOST_SUBNETS: usize = 20;
const NAME: &str = "DBSubnetGroupName";

pub(super) const KIND: Kind = Kind {
    name: NAME,
    service: "rds",
    prefix: "subgrp",
    quota: quota::SUBNET_GROUPS,
    default_description: "default",
    groups: |world| &world.rds.subnet_groups,
    groups_mut: |world| &mut world.rds.subnet_groups,
    subnets,
    not_found,
    not_there: not_found,
    exists: |name| {
        let message = format!("The DB subnet group '{name}' already exists.");
        ApiError::bad("DBSubnetGroupAlreadyExists", message)
    },
    exceeded: |most| {
        let message = format!("You have already reached your quota of {most} DB subnet groups per customer.");
        ApiError::bad("DBSubnetGroupQuotaExceeded", message)
    },
    in_use: |world, name| {
        let user = world.rds.instances.find(&in_subnet_group(name))?;
        let message = format!(
            "Cannot delete the subnet group '{name}' because at least one database instance: {} is still using it.",
            user.id
        );
        Some(ApiError::bad("InvalidDBSubnetGroupStateFault", message))
    },
};

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

/// CreateDBSubnetGroup.
pub(super) fn create(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let name = p.required(NAME)?.to_ascii_lowercase();
    let description = p.required("DBSubnetGroupDescription")?.to_owned();
    // AWS calls a dash such one, too: everything beyond Latin-1 is taken for it here.
    if description.chars().any(|c| c.is_control() || c > '\u{ff}') {
        return Err(bad_value(
            "The parameter DBSubnetGroupDescription must not contain non-printable control characters.",
        ));
    }
    let allowed = name.chars().all(|c| c.is_ascii_alphanumeric() || " ._-".contains(c));
    if !allowed || name.len() > 255 || name == "default" {
        return Err(bad_value(format!("The parameter {NAME} is not a valid name: {name}.")));
    }
    let tags = Tag::list(p, "Tags")?;
    if let Some(fault) = tag::fault_of_letters(&tags) {
        return Err(bad_value(fault));
    }
    Ok(Node::result().child(element(&KIND.create(ctx, p, name, description, tags)?)))
}

/// DescribeDBSubnetGroups.
pub(super) fn describe(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    Filters::none(p)?;
    let (groups, marker) = KIND.describe(ctx, p, element)?;
    Ok(Node::result().opt("Marker", marker).list("DBSubnetGroups", "DBSubnetGroup", groups))
}

/// DeleteDBSubnetGroup.
pub(super) fn delete(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    KIND.delete(ctx, &p.required(NAME)?.to_ascii_lowercase())
}

/// A group as RDS shows it, alone and inside an instance.
pub(super) fn element(group: &SubnetGroup) -> Node {
    let subnets = group.subnets.iter().map(|(id, zone)| {
        Node::default()
            .leaf("SubnetIdentifier", id)
            .child(Node::new("SubnetAvailabilityZone").leaf("Name", zone))
            .child(Node::new("SubnetOutpost"))
            .leaf("SubnetStatus", "Active")
    });
    Node::new("DBSubnetGroup")
        .leaf("DBSubnetGroupName", &group.name)
        .leaf("DBSubnetGroupDescription", &group.description)
        .leaf("VpcId", &group.vpc_id)
        .leaf("SubnetGroupStatus", "Complete")
        .list("Subnets", "Subnet", subnets)
        .leaf("DBSubnetGroupArn", &group.arn)
        .leaves("SupportedNetworkTypes", "member", ["IPV4"])
}
