//! The permissions that RDS's operations need.

use crate::{
    model::{account::world::World, params::Params, permission::Permission, tag::Tag},
    server::ctx::Ctx,
    services::shared::needs::{service_linked, with_tags},
};

/// The ARN of what a parameter names.
fn named_by(ctx: &Ctx, p: &Params, parameter: &str, kind: &str) -> Option<String> {
    let name = p.get(parameter).filter(|name| !name.is_empty())?.to_ascii_lowercase();
    Some(ctx.arn("rds", &format!("{kind}:{name}")))
}

fn on(world: &World, action: &str, resources: Vec<String>, p: &Params) -> Vec<Permission> {
    let tags_of = |arn: &str| world.rds.tags_of(arn);
    with_tags(tags_of, action, "rds:AddTagsToResource", resources, &Tag::listed(p, "Tags"))
}

/// The resource that a call names.
pub(super) fn named(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let given = p.get("ResourceName").map(str::to_owned);
    let resource = given.or(named_by(ctx, p, "DBInstanceIdentifier", "db")).or(named_by(
        ctx,
        p,
        "DBSubnetGroupName",
        "subgrp",
    ));
    on(world, action, resource.into_iter().collect(), p)
}

pub(super) fn create_subnet_group(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let mut all = named(ctx, world, action, p);
    all.extend(service_linked(ctx, world, "rds.amazonaws.com", "AWSServiceRoleForRDS"));
    all
}

pub(super) fn create_instance(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let arn = |kind: &str, name: &str| ctx.arn("rds", &format!("{kind}:{name}"));
    let version = p.get("EngineVersion").unwrap_or("8.4");
    let version: Vec<&str> = version.split('.').take(2).collect();
    let family = format!("default.mysql{}", version.join("."));
    let parameters = p.get("DBParameterGroupName").unwrap_or(&family);
    let options = format!("default:mysql-{}", version.join("-"));
    let options = p.get("OptionGroupName").unwrap_or(&options);
    let resources = [
        named_by(ctx, p, "DBInstanceIdentifier", "db"),
        named_by(ctx, p, "DBSubnetGroupName", "subgrp"),
        Some(arn("pg", parameters)),
        Some(arn("og", options)),
    ];
    let mut all = on(world, action, resources.into_iter().flatten().collect(), p);
    all.extend(service_linked(ctx, world, "rds.amazonaws.com", "AWSServiceRoleForRDS"));
    all
}
