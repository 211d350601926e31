//! The permissions that IAM's operations need.

use crate::{
    model::{account::world::World, arn::arn, params::Params, permission::Permission, tag::Tag},
    server::ctx::Ctx,
    services::shared::needs::with_tags,
};

fn role(ctx: &Ctx, world: &World, p: &Params) -> Option<String> {
    let name = p.get("RoleName")?;
    Some(match world.iam.role(name) {
        Some(role) => role.arn(&ctx.account),
        None => arn("iam", "", &ctx.account, &format!("role{}{name}", p.get("Path").unwrap_or("/"))),
    })
}

fn profile(ctx: &Ctx, p: &Params) -> Option<String> {
    let name = p.get("InstanceProfileName")?;
    Some(arn("iam", "", &ctx.account, &format!("instance-profile/{name}")))
}

/// The managed policy that a call names or makes.
pub(super) fn managed(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let made = || Some(arn("iam", "", &ctx.account, &format!("policy/{}", p.get("PolicyName")?)));
    let Some(policy) = p.get("PolicyArn").map(str::to_owned).or_else(made) else {
        return vec![Permission::new(action, "*")];
    };
    let new = Tag::listed(p, "Tags");
    with_tags(|arn| world.iam.tags_of(&ctx.account, arn), action, "iam:TagPolicy", vec![policy], &new)
}

/// The boundary that a call on a role is about: the one that it gives, or else the one that the role has.
fn boundary<'a>(world: &'a World, p: &'a Params) -> Option<&'a str> {
    p.get("PermissionsBoundary").or_else(|| world.iam.role(p.get("RoleName")?)?.boundary.as_deref())
}

/// The instance profile or else the role that a call names.
pub(super) fn named(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let tags_of = |arn: &str| world.iam.tags_of(&ctx.account, arn);
    let new = Tag::listed(p, "Tags");
    match (profile(ctx, p), role(ctx, world, p)) {
        (Some(profile), _) => with_tags(tags_of, action, "iam:TagInstanceProfile", vec![profile], &new),
        (None, Some(role)) => {
            let mut needed = with_tags(tags_of, action, "iam:TagRole", vec![role], &new);
            let about =
                [("iam:PermissionsBoundary", boundary(world, p)), ("iam:PolicyARN", p.get("PolicyArn"))];
            for (key, arn) in about.into_iter().filter_map(|(key, arn)| Some((key, arn?))) {
                needed[0] = needed[0].clone().with(key, arn);
            }
            needed
        }
        (None, None) => vec![Permission::new(action, "*")],
    }
}

pub(super) fn add_role(ctx: &Ctx, world: &World, action: &str, p: &Params) -> Vec<Permission> {
    let (Some(profile), Some(role)) = (profile(ctx, p), role(ctx, world, p)) else {
        return named(ctx, world, action, p);
    };
    let tags = world.iam.tags_of(&ctx.account, &profile);
    vec![
        Permission::new(action, profile).tagged(&tags),
        Permission::new("iam:PassRole", role).with("iam:PassedToService", "ec2.amazonaws.com"),
    ]
}

pub(super) fn simulate(_: &Ctx, _: &World, action: &str, p: &Params) -> Vec<Permission> {
    vec![Permission::new(action, p.get("PolicySourceArn").unwrap_or("*"))]
}

pub(super) fn service_linked(ctx: &Ctx, _: &World, action: &str, p: &Params) -> Vec<Permission> {
    let service = p.get("AWSServiceName").unwrap_or_default();
    let name = arn("iam", "", &ctx.account, &format!("role/aws-service-role/{service}/*"));
    vec![Permission::new(action, name).with("iam:AWSServiceName", service)]
}
