//! The permissions that several services ask for in one way.

use crate::{
    model::{account::world::World, arn::arn, permission::Permission, tag::Tag},
    server::ctx::Ctx,
};

/// What a service's first user needs besides.
pub(crate) const LINKING: &str = "iam:CreateServiceLinkedRole";

/// Whoever uses a service first makes its service-linked role.
pub(crate) fn service_linked(ctx: &Ctx, world: &World, service: &str, name: &str) -> Option<Permission> {
    let role = arn("iam", "", &ctx.account, &format!("role/aws-service-role/{service}/{name}"));
    (!world.iam.service_linked.contains(service))
        .then(|| Permission::new(LINKING, role).with("iam:AWSServiceName", service))
}

/// An action on resources, and tagging the first of them where the request carries tags.
pub(crate) fn with_tags(
    tags_of: impl Fn(&str) -> Vec<Tag>,
    action: &str,
    tagging: &str,
    resources: Vec<String>,
    new: &[Tag],
) -> Vec<Permission> {
    let Some(first) = resources.first().cloned() else { return vec![Permission::new(action, "*")] };
    let on = |resource: String| {
        let tags = tags_of(&resource);
        Permission::new(action, resource).tagged(&tags).requesting(new)
    };
    let mut all: Vec<Permission> = resources.into_iter().map(on).collect();
    if !new.is_empty() && action != tagging {
        all.push(Permission::new(tagging, first).requesting(new));
    }
    all
}
