//! Tags of EC2 resources.

use super::{
    call::{Call, check_count, paged},
    filter::Filters,
};
use crate::model::{
    account::{
        share::{Account, Wanted},
        world::World,
    },
    error::ApiError,
    node::Node,
    params::Params,
    tag::{self, Tag},
    text::is_unwritable,
};

/// `<tagSet>`.
pub(super) fn set(tags: &[Tag]) -> Node {
    Node::new("tagSet").children(tags.iter().map(|t| t.element("item", "key", "value")))
}

/// The tags that `TagSpecification.N` gives to the resource type `kind`; other types than `allowed` are refused.
pub(super) fn specified(p: &Params, kind: &str, allowed: &[&str]) -> Result<Vec<Tag>, ApiError> {
    let mut tags = Vec::new();
    for specification in p.structs("TagSpecification") {
        let of = specification.required("ResourceType")?;
        if !allowed.contains(&of) {
            let text = format!("'{of}' is not a valid taggable resource type for this operation.");
            return Err(ApiError::bad("InvalidParameterValue", text));
        }
        if of == kind {
            tags.extend(Tag::list(&specification, "Tag")?);
        }
    }
    checked(tags)
}

fn checked(tags: Vec<Tag>) -> Result<Vec<Tag>, ApiError> {
    match tag::fault(&tags) {
        Some(_) if tags.len() > 50 => Err(ApiError::bad(
            "TagLimitExceeded",
            "The maximum number of Tags for a resource has been reached.",
        )),
        Some(text) => Err(ApiError::bad("InvalidParameterValue", text)),
        None => {
            match tags.iter().find(|tag| tag.key.contains(is_unwritable) || tag.value.contains(is_unwritable))
            {
                Some(tag) => {
                    let text = format!("The tag '{}' contains a character that is not allowed.", tag.key);
                    Err(ApiError::bad("InvalidParameterValue", text))
                }
                None => Ok(tags),
            }
        }
    }
}

/// The tags of any resource, by id.
fn of<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Vec<Tag>, ApiError> {
    let ec2 = &mut world.ec2;
    let missing =
        |code: &'static str, what: &str| ApiError::bad(code, format!("The {what} ID '{id}' does not exist"));
    let found = match id.split('-').next().unwrap_or_default() {
        "vpc" => (ec2.vpcs.get_mut(id).map(|v| &mut v.tags), "InvalidVpcID.NotFound", "vpc"),
        "subnet" => (ec2.subnets.get_mut(id).map(|s| &mut s.tags), "InvalidSubnetID.NotFound", "subnet"),
        "sg" => {
            let text = format!("The security group '{id}' does not exist");
            let group = ec2.groups.get_mut(id).map(|g| &mut g.tags);
            return group.ok_or_else(|| ApiError::bad("InvalidGroup.NotFound", text));
        }
        "sgr" => {
            let rules = ec2.groups.get_mut(id).map(|group| &mut group.rules);
            let rule = rules.and_then(|rules| rules.iter_mut().find(|r| r.id == id));
            (rule.map(|r| &mut r.tags), "InvalidSecurityGroupRuleId.NotFound", "security group rule")
        }
        "i" => (ec2.instances.get_mut(id).map(|i| &mut i.tags), "InvalidInstanceID.NotFound", "instance"),
        "vol" => (ec2.instances.get_mut(id).map(|i| &mut i.volume.tags), "InvalidVolume.NotFound", "volume"),
        "eni" => (
            ec2.instances.get_mut(id).map(|i| &mut i.interface.tags),
            "InvalidNetworkInterfaceID.NotFound",
            "networkInterface",
        ),
        _ => return Err(ApiError::bad("InvalidID", format!("The ID '{id}' is not valid"))),
    };
    found.0.ok_or_else(|| missing(found.1, found.2))
}

fn ids(call: &Call) -> Result<Vec<String>, ApiError> {
    let ids = call.p.list("ResourceId");
    if ids.is_empty() {
        return Err(ApiError::bad(
            "MissingParameter",
            "The request must contain the parameter resourceIdSet",
        ));
    }
    check_count(&ids)?;
    Ok(ids)
}

pub(super) fn create(call: &Call) -> Result<Node, ApiError> {
    let ids = ids(call)?;
    let tags = checked(Tag::list(call.p, "Tag")?)?;
    if tags.is_empty() {
        return Err(ApiError::bad("MissingParameter", "The request must contain the parameter tagSet"));
    }
    call.change(|world| {
        for id in &ids {
            let all = of(world, id)?;
            tag::merge(all, tags.clone());
            checked(all.clone())?;
        }
        Ok(Node::result().leaf("return", true))
    })
}

pub(super) fn delete(call: &Call) -> Result<Node, ApiError> {
    let ids = ids(call)?;
    let tags = call.p.structs("Tag");
    call.change(|world| {
        for id in &ids {
            // Without tags all go; with a key alone, that key; with a value too, only where it is that value.
            of(world, id)?.retain(|have| {
                !tags.is_empty()
                    && !tags.iter().any(|t| {
                        t.get("Key") == Some(have.key.as_str())
                            && t.get("Value").is_none_or(|v| v == have.value)
                    })
            });
        }
        Ok(Node::result().leaf("return", true))
    })
}

pub(super) fn describe(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeTags")?;
    let world = call.ctx.world();
    let mut items = Vec::new();
    let account = Account { id: &world.account, region: &world.region, now: call.ctx.now() };
    let wanted = filters.exact("resource-id").map_or(Wanted::All, Wanted::Ids);
    for (arn, tags) in world.ec2.tagged(&account, &wanted) {
        let name = arn.rsplit(':').next().unwrap_or_default();
        let (kind, id) = name.split_once('/').unwrap_or_default();
        for tag in &tags {
            items.push(
                Node::result()
                    .leaf("resourceId", id)
                    .leaf("resourceType", kind)
                    .leaf("key", &tag.key)
                    .leaf("value", &tag.value),
            );
        }
    }
    paged(call.p, filters.apply(items), "tagSet")
}
