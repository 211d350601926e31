//! The permissions that SSM's operations need. What is one too many is refused by the operation; nothing is worked out
//! for the others.

use super::{
    MOST_INSTANCES, MOST_NAMES,
    parameter::{arn_of, plain},
};
use crate::{
    model::{account::world::World, permission::Permission, tag::Tag, value},
    server::ctx::Ctx,
};
use serde_json::Value;

fn texts<'a>(input: &'a Value, name: &str, most: usize) -> impl Iterator<Item = &'a str> {
    input[name].as_array().into_iter().flatten().take(most + 1).filter_map(Value::as_str)
}

/// An action on a parameter, with the parameter's tags.
fn on(ctx: &Ctx, world: &World, action: &str, name: &str) -> Permission {
    Permission::new(action, arn_of(ctx, name)).tagged(world.ssm.tags_of(plain(name)))
}

/// The parameter or path that a call names.
pub(super) fn named(ctx: &Ctx, world: &World, action: &str, input: &Value) -> Vec<Permission> {
    let name = input["Name"].as_str().or(input["Path"].as_str()).unwrap_or_default();
    vec![on(ctx, world, action, name)]
}

pub(super) fn put(ctx: &Ctx, world: &World, action: &str, input: &Value) -> Vec<Permission> {
    let new: Vec<Tag> = value::read(&input["Tags"]).unwrap_or_default();
    let own = on(ctx, world, action, input["Name"].as_str().unwrap_or_default()).requesting(&new);
    let tagging = Permission::new("ssm:AddTagsToResource", &own.resource).requesting(&new);
    if new.is_empty() { vec![own] } else { vec![own, tagging] }
}

pub(super) fn names(ctx: &Ctx, world: &World, action: &str, input: &Value) -> Vec<Permission> {
    texts(input, "Names", MOST_NAMES).map(|name| on(ctx, world, action, name)).collect()
}

pub(super) fn tags(ctx: &Ctx, world: &World, action: &str, input: &Value) -> Vec<Permission> {
    vec![on(ctx, world, action, input["ResourceId"].as_str().unwrap_or_default())]
}

pub(super) fn send(ctx: &Ctx, world: &World, action: &str, input: &Value) -> Vec<Permission> {
    let document = input["DocumentName"].as_str().unwrap_or_default();
    let document = format!("arn:aws:ssm:{}::document/{document}", ctx.region);
    let instances = texts(input, "InstanceIds", MOST_INSTANCES).map(|id| {
        let tags = world.ec2.tags_of(id, ctx.now()).unwrap_or_default();
        Permission::new(action, ctx.arn("ec2", &format!("instance/{id}")))
            .tagged(tags)
            .with_each("ssm:resourceTag", tags)
    });
    std::iter::once(Permission::new(action, document)).chain(instances).collect()
}
