//! The permissions that ElastiCache's operations need.

use crate::{
    model::{account::world::World, params::Params, permission::Permission, tag::Tag},
    server::ctx::Ctx,
    services::shared::needs::{service_linked, with_tags},
};

const TAGGING: &str = "elasticache:AddTagsToResource";

/// The ARN of what a parameter names.
fn named_by(ctx: &Ctx, p: &Params, parameter: &str, kind: &str) -> Option<String> {
    let name = p.get(parameter).filter(|name| !name.is_empty())?.to_ascii_lowercase();
    Some(ctx.arn("elasticache", &format!("{kind}:{name}")))
}

/// The resource that a call names.
pub(super) fn named(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let given = p.get("ResourceName").map(str::to_owned);
    let resource = given
        .or(named_by(ctx, p, "ReplicationGroupId", "replicationgroup"))
        .or(named_by(ctx, p, "CacheClusterId", "cluster"))
        .or(named_by(ctx, p, "CacheSubnetGroupName", "subnetgroup"))
        .or(named_by(ctx, p, "CacheParameterGroupName", "parametergroup"));
    let tags_of = |arn: &str| world.elasticache.tags_of(arn);
    with_tags(tags_of, action, TAGGING, resource.into_iter().collect(), &Tag::listed(p, "Tags"))
}

pub(super) fn create(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let first = named_by(ctx, p, "ReplicationGroupId", "cluster").map(|arn| format!("{arn}-001"));
    let resources = [
        named_by(ctx, p, "ReplicationGroupId", "replicationgroup"),
        named_by(ctx, p, "CacheParameterGroupName", "parametergroup"),
        named_by(ctx, p, "CacheSubnetGroupName", "subnetgroup"),
        first,
    ];
    let tags_of = |arn: &str| world.elasticache.tags_of(arn);
    let resources = resources.into_iter().flatten().collect();
    let mut all = with_tags(tags_of, action, TAGGING, resources, &Tag::listed(p, "Tags"));
    all.extend(service_linked(ctx, world, "elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"));
    all
}
