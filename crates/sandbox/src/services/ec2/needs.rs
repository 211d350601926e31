//! The permissions that EC2's operations need (AWS's service authorization reference).

use super::{call::MOST, state::named};
use crate::{
    model::{account::world::World, arn, params::Params, permission::Permission, tag::Tag},
    server::ctx::Ctx,
};

fn resource(ctx: &Ctx, kind: &str, id: &str) -> String {
    ctx.arn("ec2", &format!("{kind}/{id}"))
}

/// An action on something that is there, with its tags.
fn on(ctx: &Ctx, world: &World, action: &str, kind: &str, id: &str) -> Permission {
    let tags = world.ec2.tags_of(id, ctx.now()).unwrap_or_default();
    Permission::new(action, resource(ctx, kind, id)).tagged(tags)
}

pub(super) fn create_group(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let mut all = vec![
        Permission::new(action, resource(ctx, "security-group", "*"))
            .requesting(&specified(p, "security-group")),
    ];
    let vpc = p.get("VpcId").or(world.ec2.vpcs.first().map(|v| v.id.as_str()));
    all.extend(vpc.map(|vpc| Permission::new(action, resource(ctx, "vpc", vpc))));
    all.extend(tagging(ctx, action, p));
    all
}

/// What changes a security group.
pub(super) fn group(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let by_name = |name: &str| world.ec2.groups.find(&named(name)).map(|g| g.id.as_str());
    let id = p.get("GroupId").or_else(|| by_name(p.get("GroupName")?)).unwrap_or("*");
    let mut all = vec![on(ctx, world, action, "security-group", id)];
    let new = specified(p, "security-group-rule");
    if !new.is_empty() {
        all.push(Permission::new(action, resource(ctx, "security-group-rule", "*")).requesting(&new));
        all.extend(tagging(ctx, action, p));
    }
    all
}

pub(super) fn instances(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let ids = p.list("InstanceId").into_iter().take(MOST + 1);
    ids.map(|id| on(ctx, world, action, "instance", &id)).collect()
}

/// The one instance that a call looks at.
pub(super) fn instance(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    vec![on(ctx, world, action, "instance", p.get("InstanceId").unwrap_or("*"))]
}

/// The one VPC that a call looks at.
pub(super) fn vpc(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    vec![on(ctx, world, action, "vpc", p.get("VpcId").unwrap_or("*"))]
}

pub(super) fn tags(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let new = Tag::listed(p, "Tag");
    let ids = p.list("ResourceId").into_iter().take(MOST + 1);
    ids.map(|id| on(ctx, world, action, kind(&id), &id).requesting(&new)).collect()
}

pub(super) fn launch(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let own = |kind: &str| Permission::new(action, resource(ctx, kind, "*")).requesting(&specified(p, kind));
    let instance_type = p.get("InstanceType").unwrap_or("m1.small");
    let image = p.get("ImageId").unwrap_or("*");
    let mut all = vec![
        own("instance").with("ec2:InstanceType", instance_type),
        Permission::new(action, format!("arn:aws:ec2:{}::image/{image}", ctx.region)),
        own("network-interface"),
        own("volume"),
    ];
    let interfaces = p.structs("NetworkInterface");
    let subnets = p.get("SubnetId").map(str::to_owned).into_iter();
    let subnets = subnets.chain(interfaces.iter().filter_map(|i| i.get("SubnetId").map(str::to_owned)));
    all.extend(subnets.map(|id| on(ctx, world, action, "subnet", &id)));
    let groups = p.list("SecurityGroupId").into_iter();
    let groups = groups.chain(interfaces.iter().flat_map(|i| i.list("SecurityGroupId")));
    all.extend(groups.map(|id| on(ctx, world, action, "security-group", &id)));
    all.extend(tagging(ctx, action, p));
    let profile = p.inner("IamInstanceProfile");
    if let Some(name) = profile.get("Name").or_else(|| profile.get("Arn")?.rsplit('/').next()) {
        let role = world.iam.profile(name).and_then(|i| world.iam.role(i.role.as_deref()?));
        let role =
            role.map_or_else(|| arn::arn("iam", "", &ctx.account, "role/*"), |role| role.arn(&ctx.account));
        all.push(Permission::new("iam:PassRole", role).with("iam:PassedToService", "ec2.amazonaws.com"));
    }
    all
}

/// The tags that a request gives to the kind of resource.
fn specified(p: &Params, kind: &str) -> Vec<Tag> {
    let of_kind = p.structs("TagSpecification").into_iter().filter(|s| s.get("ResourceType") == Some(kind));
    of_kind.flat_map(|s| Tag::listed(&s, "Tag")).collect()
}

/// Tagging at creation is a permission of its own.
fn tagging(ctx: &Ctx, action: &str, p: &Params) -> Vec<Permission> {
    let kinds: std::collections::BTreeSet<String> = p
        .structs("TagSpecification")
        .iter()
        .filter_map(|s| s.get("ResourceType").map(str::to_owned))
        .collect();
    let tagging = |kind: String| {
        Permission::new("ec2:CreateTags", resource(ctx, &kind, "*"))
            .with("ec2:CreateAction", action.trim_start_matches("ec2:"))
            .requesting(&specified(p, &kind))
    };
    kinds.into_iter().map(tagging).collect()
}

/// The kind of resource that an id belongs to.
fn kind(id: &str) -> &'static str {
    match id.split('-').next().unwrap_or_default() {
        "i" => "instance",
        "sg" => "security-group",
        "sgr" => "security-group-rule",
        "vol" => "volume",
        "eni" => "network-interface",
        "subnet" => "subnet",
        "vpc" => "vpc",
        _ => "*",
    }
}
