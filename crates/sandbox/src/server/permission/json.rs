//! What SSM's operations need.

use super::{Permission, tags_of};
use crate::{
    model::{tag::Tag, world::World},
    server::ctx::Ctx,
    services::ssm,
};
use serde_json::Value;

pub(super) fn ssm(ctx: &Ctx, world: &World, operation: &str, input: &Value) -> Vec<Permission> {
    let action = format!("ssm:{operation}");
    // What is one too many is refused by the operation; nothing is worked out for the others.
    let texts = |name: &str, most: usize| -> Vec<String> {
        let list = input[name].as_array().into_iter().flatten().take(most + 1);
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    match operation {
        "GetParameters" | "DeleteParameters" => {
            let names = texts("Names", ssm::MOST_NAMES).into_iter();
            names.map(|name| Permission::new(&action, ssm::parameter_arn(ctx, &name)).tagged(world)).collect()
        }
        "AddTagsToResource" | "RemoveTagsFromResource" | "ListTagsForResource" => {
            let name = ssm::parameter_arn(ctx, input["ResourceId"].as_str().unwrap_or_default());
            vec![Permission::new(action, name).tagged(world)]
        }
        "SendCommand" => {
            let mut all = vec![Permission::new(&action, ssm::resource(ctx, operation, input))];
            all.extend(texts("InstanceIds", ssm::MOST_INSTANCES).into_iter().map(|id| {
                let instance = ctx.arn("ec2", &format!("instance/{id}"));
                let tags = tags_of(world, &instance);
                let permission = Permission::new(&action, instance).tagged(world);
                tags.iter()
                    .fold(permission, |p, tag| p.with(&format!("ssm:resourceTag/{}", tag.key), &tag.value))
            }));
            all
        }
        _ => {
            let resource = ssm::resource(ctx, operation, input);
            let new: Vec<Tag> = crate::protocol::json::read(&input["Tags"]).unwrap_or_default();
            let mut all = vec![Permission::new(action, &resource).tagged(world).requesting(&new)];
            if operation == "PutParameter" && !new.is_empty() {
                all.push(Permission::new("ssm:AddTagsToResource", resource).requesting(&new));
            }
            all
        }
    }
}
