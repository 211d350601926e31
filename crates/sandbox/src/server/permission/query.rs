//! What the operations of ElastiCache, RDS and IAM need.

use super::{Permission, tags};
use crate::{
    model::{arn::arn, params::Params, tag::Tag, world::World},
    server::ctx::Ctx,
};

pub(super) fn elasticache(ctx: &Ctx, world: &World, operation: &str, p: &Params) -> Vec<Permission> {
    let action = format!("elasticache:{operation}");
    let named = |parameter: &str, kind: &str| {
        let name = p.get(parameter).filter(|name| !name.is_empty())?.to_ascii_lowercase();
        Some(ctx.arn("elasticache", &format!("{kind}:{name}")))
    };
    let group = named("ReplicationGroupId", "replicationgroup");
    let subnets = named("CacheSubnetGroupName", "subnetgroup");
    let parameters = named("CacheParameterGroupName", "parametergroup");
    let node = named("CacheClusterId", "cluster");
    if reads(operation) && operation != "ListTagsForResource" {
        return vec![Permission::new(action, "*")];
    }
    let linked = (operation == "CreateReplicationGroup")
        .then(|| service_linked(ctx, world, "elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"));
    let resources: Vec<String> = if operation == "CreateReplicationGroup" {
        let first = named("ReplicationGroupId", "cluster").map(|arn| format!("{arn}-001"));
        [group, parameters, subnets, first].into_iter().flatten().collect()
    } else {
        let given = p.get("ResourceName").map(str::to_owned);
        given.or(group).or(node).or(subnets).or(parameters).into_iter().collect()
    };
    let mut all = with_tags(world, &action, "elasticache:AddTagsToResource", resources, &tags(p, "Tags"));
    all.extend(linked.flatten());
    all
}

pub(super) fn rds(ctx: &Ctx, world: &World, operation: &str, p: &Params) -> Vec<Permission> {
    let action = format!("rds:{operation}");
    let arn = |kind: &str, name: &str| ctx.arn("rds", &format!("{kind}:{name}"));
    let named = |parameter: &str, kind: &str| {
        let name = p.get(parameter).filter(|name| !name.is_empty())?.to_ascii_lowercase();
        Some(arn(kind, &name))
    };
    if reads(operation) && operation != "ListTagsForResource" {
        return vec![Permission::new(action, "*")];
    }
    let instance = named("DBInstanceIdentifier", "db");
    let subnets = named("DBSubnetGroupName", "subgrp");
    let resources: Vec<String> = if operation == "CreateDBInstance" {
        let version = p.get("EngineVersion").unwrap_or("8.4");
        let version: Vec<&str> = version.split('.').take(2).collect();
        let family = format!("default.mysql{}", version.join("."));
        let parameters = p.get("DBParameterGroupName").unwrap_or(&family);
        let options = format!("default:mysql-{}", version.join("-"));
        let options = p.get("OptionGroupName").unwrap_or(&options);
        let defaults = [Some(arn("pg", parameters)), Some(arn("og", options))];
        [instance, subnets].into_iter().chain(defaults).flatten().collect()
    } else {
        let given = p.get("ResourceName").map(str::to_owned);
        given.or(instance).or(subnets).into_iter().collect()
    };
    let linked = matches!(operation, "CreateDBInstance" | "CreateDBSubnetGroup")
        .then(|| service_linked(ctx, world, "rds.amazonaws.com", "AWSServiceRoleForRDS"));
    let mut all = with_tags(world, &action, "rds:AddTagsToResource", resources, &tags(p, "Tags"));
    all.extend(linked.flatten());
    all
}

pub(super) fn iam(ctx: &Ctx, world: &World, operation: &str, p: &Params) -> Vec<Permission> {
    let action = format!("iam:{operation}");
    let role = p.get("RoleName").map(|name| match world.iam.role(name) {
        Some(role) => role.arn(&ctx.account),
        None => arn("iam", "", &ctx.account, &format!("role/{name}")),
    });
    let profile = p
        .get("InstanceProfileName")
        .map(|name| arn("iam", "", &ctx.account, &format!("instance-profile/{name}")));
    let new = tags(p, "Tags");
    match (operation, role, profile) {
        ("SimulatePrincipalPolicy", ..) => {
            vec![Permission::new(action, p.get("PolicySourceArn").unwrap_or("*"))]
        }
        ("CreateServiceLinkedRole", ..) => {
            let service = p.get("AWSServiceName").unwrap_or_default();
            let name = arn("iam", "", &ctx.account, &format!("role/aws-service-role/{service}/*"));
            vec![Permission::new(action, name).with("iam:AWSServiceName", service)]
        }
        ("AddRoleToInstanceProfile", Some(role), Some(profile)) => vec![
            Permission::new(action, profile).tagged(world),
            Permission::new("iam:PassRole", role).with("iam:PassedToService", "ec2.amazonaws.com"),
        ],
        (_, _, Some(profile)) => with_tags(world, &action, "iam:TagInstanceProfile", vec![profile], &new),
        (_, Some(role), None) => with_tags(world, &action, "iam:TagRole", vec![role], &new),
        _ => vec![Permission::new(action, "*")],
    }
}

/// Whoever uses a service first makes its service-linked role.
fn service_linked(ctx: &Ctx, world: &World, service: &str, name: &str) -> Option<Permission> {
    let role = arn("iam", "", &ctx.account, &format!("role/aws-service-role/{service}/{name}"));
    (!world.iam.service_linked.contains(service))
        .then(|| Permission::new("iam:CreateServiceLinkedRole", role).with("iam:AWSServiceName", service))
}

/// An action on resources, and tagging the first of them where the request carries tags.
fn with_tags(
    world: &World,
    action: &str,
    tagging: &str,
    resources: Vec<String>,
    new: &[Tag],
) -> Vec<Permission> {
    let Some(first) = resources.first().cloned() else { return vec![Permission::new(action, "*")] };
    let mut all: Vec<Permission> = resources
        .into_iter()
        .map(|resource| Permission::new(action, resource).tagged(world).requesting(new))
        .collect();
    if !new.is_empty() && action != tagging {
        all.push(Permission::new(tagging, first).requesting(new));
    }
    all
}

/// Whether the operation only looks.
fn reads(operation: &str) -> bool {
    operation.starts_with("Describe") || operation.starts_with("List")
}
