//! What EC2's operations need.

use super::{Permission, tags};
use crate::{
    model::{params::Params, tag::Tag, world::World},
    server::ctx::Ctx,
    services::ec2::MOST,
};

pub(super) fn needed(ctx: &Ctx, world: &World, operation: &str, p: &Params) -> Vec<Permission> {
    let action = format!("ec2:{operation}");
    let arn = |kind: &str, id: &str| ctx.arn("ec2", &format!("{kind}/{id}"));
    match operation {
        "CreateSecurityGroup" => {
            let mut all = vec![
                Permission::new(&action, arn("security-group", "*"))
                    .requesting(&specified(p, "security-group")),
            ];
            let vpc = p.get("VpcId").or(world.ec2.vpcs.first().map(|v| v.id.as_str()));
            all.extend(vpc.map(|vpc| Permission::new(&action, arn("vpc", vpc))));
            all.extend(tagging(ctx, operation, p));
            all
        }
        "DeleteSecurityGroup"
        | "AuthorizeSecurityGroupIngress"
        | "AuthorizeSecurityGroupEgress"
        | "RevokeSecurityGroupIngress"
        | "RevokeSecurityGroupEgress" => {
            let by_name = |name| world.ec2.groups.iter().find(|g| g.name == name).map(|g| g.id.as_str());
            let id = p.get("GroupId").or_else(|| by_name(p.get("GroupName")?)).unwrap_or("*");
            let mut all = vec![Permission::new(&action, arn("security-group", id)).tagged(world)];
            let new = specified(p, "security-group-rule");
            if !new.is_empty() {
                all.push(Permission::new(&action, arn("security-group-rule", "*")).requesting(&new));
                all.extend(tagging(ctx, operation, p));
            }
            all
        }
        "RunInstances" => launch(ctx, world, p),
        "TerminateInstances" => {
            let ids = p.list("InstanceId").into_iter().take(MOST + 1);
            ids.map(|id| Permission::new(&action, arn("instance", &id)).tagged(world)).collect()
        }
        "CreateTags" | "DeleteTags" => {
            let new = tags(p, "Tag");
            let ids = p.list("ResourceId").into_iter().take(MOST + 1);
            ids.map(|id| Permission::new(&action, arn(kind(&id), &id)).tagged(world).requesting(&new))
                .collect()
        }
        _ => vec![Permission::new(action, "*")],
    }
}

fn launch(ctx: &Ctx, world: &World, p: &Params) -> Vec<Permission> {
    const ACTION: &str = "ec2:RunInstances";
    let arn = |kind: &str, id: &str| ctx.arn("ec2", &format!("{kind}/{id}"));
    let own = |kind: &str| Permission::new(ACTION, arn(kind, "*")).requesting(&specified(p, kind));
    let instance_type = p.get("InstanceType").unwrap_or("m1.small");
    let image = p.get("ImageId").unwrap_or("*");
    let mut all = vec![
        own("instance").with("ec2:InstanceType", instance_type),
        Permission::new(ACTION, format!("arn:aws:ec2:{}::image/{image}", ctx.region)),
        own("network-interface"),
        own("volume"),
    ];
    let interfaces = p.structs("NetworkInterface");
    let subnets = p.get("SubnetId").map(str::to_owned).into_iter();
    let subnets = subnets.chain(interfaces.iter().filter_map(|i| i.get("SubnetId").map(str::to_owned)));
    all.extend(subnets.map(|id| Permission::new(ACTION, arn("subnet", &id)).tagged(world)));
    let groups = p.list("SecurityGroupId").into_iter();
    let groups = groups.chain(interfaces.iter().flat_map(|i| i.list("SecurityGroupId")));
    all.extend(groups.map(|id| Permission::new(ACTION, arn("security-group", &id)).tagged(world)));
    all.extend(tagging(ctx, "RunInstances", p));
    let profile = p.inner("IamInstanceProfile");
    if let Some(name) = profile.get("Name").or_else(|| profile.get("Arn")?.rsplit('/').next()) {
        let role = world.iam.profile(name).and_then(|i| world.iam.role(i.role.as_deref()?));
        let role = role.map_or_else(
            || crate::model::arn::arn("iam", "", &ctx.account, "role/*"),
            |role| role.arn(&ctx.account),
        );
        all.push(Permission::new("iam:PassRole", role).with("iam:PassedToService", "ec2.amazonaws.com"));
    }
    all
}

/// The tags that a request gives to the kind of resource.
fn specified(p: &Params, kind: &str) -> Vec<Tag> {
    let of_kind = p.structs("TagSpecification").into_iter().filter(|s| s.get("ResourceType") == Some(kind));
    of_kind.flat_map(|s| tags(&s, "Tag")).collect()
}

/// Tagging at creation is a permission of its own.
fn tagging(ctx: &Ctx, operation: &str, p: &Params) -> Vec<Permission> {
    let kinds: std::collections::BTreeSet<String> = p
        .structs("TagSpecification")
        .iter()
        .filter_map(|s| s.get("ResourceType").map(str::to_owned))
        .collect();
    let tagging = |kind: String| {
        Permission::new("ec2:CreateTags", ctx.arn("ec2", &format!("{kind}/*")))
            .with("ec2:CreateAction", operation)
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
