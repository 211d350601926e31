//! Security groups.

use super::{
    rule::{Peer, Rule},
    rule_view,
};
use crate::model::account::share::Use;
use crate::services::ec2::state;
use crate::services::ec2::{
    call::{Call, paged, well_formed},
    filter,
    filter::Filters,
    state::{Ec2State, SecurityGroup},
    tags,
};
use crate::{
    model::{account::world::World, error::ApiError, node::Node, page::Rows},
    services::ec2::quota::SECURITY_GROUPS,
    system::ids,
};
use jiff::Timestamp;

/// The group with this id, or EC2's error.
pub(crate) fn by_id<'a>(ec2: &'a Ec2State, id: &str) -> Result<&'a SecurityGroup, ApiError> {
    if let Some(group) = ec2.group(id) {
        return Ok(group);
    }
    Err(if well_formed(id, "sg") {
        ApiError::bad("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
    } else {
        ApiError::bad("InvalidGroupId.Malformed", format!("The security group ID '{id}' is malformed"))
    })
}

/// The group that `GroupId`, or `GroupName` in the default VPC, names.
pub(crate) fn named<'a>(call: &Call, world: &'a World) -> Result<&'a SecurityGroup, ApiError> {
    match (call.p.get("GroupId"), call.p.get("GroupName")) {
        (Some(id), _) if !id.is_empty() => by_id(&world.ec2, id),
        (_, Some(name)) if !name.is_empty() => by_name(&world.ec2, name),
        _ => Err(ApiError::bad(
            "MissingParameter",
            "The request must contain the parameter groupName or groupId",
        )),
    }
}

fn by_name<'a>(ec2: &'a Ec2State, name: &str) -> Result<&'a SecurityGroup, ApiError> {
    ec2.groups.find(&state::named(name)).ok_or_else(|| {
        let text = format!("The security group '{name}' does not exist in default VPC");
        ApiError::bad("InvalidGroup.NotFound", text)
    })
}

pub(crate) fn create(call: &Call) -> Result<Node, ApiError> {
    let name = call.p.required("GroupName")?;
    let description = call.p.required("GroupDescription")?;
    let invalid = |what: &str, value: &str, text: &str| {
        let text = format!("Value ({value}) for parameter {what} is invalid. {text}");
        ApiError::bad("InvalidParameterValue", text)
    };
    if name.starts_with("sg-") {
        return Err(invalid("GroupName", name, "Group names may not be in the format sg-*."));
    }
    let allowed =
        |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c));
    for (what, value) in [("GroupName", name), ("GroupDescription", description)] {
        if value.chars().count() > 255 {
            return Err(invalid(what, value, "Must be less than 256 characters."));
        }
        if !allowed(value) {
            return Err(invalid(what, value, "Character sets beyond ASCII are not supported."));
        }
    }
    let tags = tags::specified(call.p, "security-group", &["security-group"])?;
    call.change(|world| {
        let default = world.ec2.vpcs.first().map(|v| v.id.clone()).unwrap_or_default();
        let vpc_id = call.p.get("VpcId").filter(|v| !v.is_empty()).unwrap_or(&default).to_owned();
        if world.ec2.vpc(&vpc_id).is_none() {
            let text = format!("The vpc ID '{vpc_id}' does not exist");
            return Err(ApiError::bad("InvalidVpcID.NotFound", text));
        }
        if world.ec2.groups.with(&state::named(name)).any(|g| g.vpc_id == vpc_id) {
            let text = format!("The security group '{name}' already exists for VPC '{vpc_id}'");
            return Err(ApiError::bad("InvalidGroup.Duplicate", text));
        }
        if world.ec2.groups.len() >= call.ctx.limit(&SECURITY_GROUPS) {
            let text = format!("The maximum number of security groups for VPC '{vpc_id}' has been reached.");
            return Err(ApiError::bad("SecurityGroupLimitExceeded", text));
        }
        let group = SecurityGroup {
            id: ids::resource("sg"),
            name: name.to_owned(),
            description: description.to_owned(),
            vpc_id,
            tags,
            rules: vec![Rule::open_egress()],
        };
        let answer = Node::result()
            .leaf("return", true)
            .leaf("groupId", &group.id)
            .child(tags::set(&group.tags))
            .leaf("securityGroupArn", call.ctx.arn("ec2", &format!("security-group/{}", group.id)));
        world.ec2.groups.push(group);
        Ok(answer)
    })
}

pub(crate) fn delete(call: &Call) -> Result<Node, ApiError> {
    let now = call.ctx.now();
    call.change(|world| {
        let group = named(call, world)?;
        let id = group.id.clone();
        if group.name == "default" {
            let text = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
            return Err(ApiError::bad("CannotDelete", text));
        }
        if in_use(call, world, &id, now) {
            let text = format!("resource {id} has a dependent object");
            return Err(ApiError::bad("DependencyViolation", text));
        }
        world.ec2.groups.remove(&id);
        Ok(Node::result().leaf("return", true).leaf("groupId", id))
    })
}

/// Whether an interface uses the group or another group's rule names it.
fn in_use(call: &Call<'_>, world: &World, id: &str, now: Timestamp) -> bool {
    world.ec2.groups.with(&state::peer(id)).any(|g| g.id != id)
        || world.ec2.has_members(id, now)
        || call.ctx.parts.uses(world, &Use::SecurityGroup(id))
}

pub(crate) fn describe(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeSecurityGroups")?;
    let world = call.ctx.world();
    let (wanted, names) = (call.p.list("GroupId"), call.p.list("GroupName"));
    for id in &wanted {
        by_id(&world.ec2, id)?;
    }
    for name in &names {
        by_name(&world.ec2, name)?;
    }
    let asked: Vec<String> = wanted.iter().cloned().chain(names.iter().map(|n| state::named(n))).collect();
    let by: [filter::Key<'_>; 2] = [("group-id", str::to_owned), ("group-name", state::named)];
    let found = |first| match asked.as_slice() {
        [] => filters.candidates(&world.ec2.groups, &by, first),
        keys => Box::new(world.ec2.groups.with_any_from(keys, first)),
    };
    let items = |first| {
        let asked = found(first)
            .filter(|(_, g)| wanted.is_empty() || wanted.contains(&g.id))
            .filter(|(_, g)| names.is_empty() || names.contains(&g.name));
        asked.filter_map(|(row, g)| {
            let element = Node::result()
                .leaf("ownerId", &world.account)
                .leaf("groupId", &g.id)
                .leaf("groupName", &g.name)
                .leaf("groupDescription", &g.description)
                .leaf("vpcId", &g.vpc_id)
                .leaf("securityGroupArn", call.ctx.arn("ec2", &format!("security-group/{}", g.id)))
                .child(rule_view::permissions("ipPermissions", g, false, &world.account))
                .child(rule_view::permissions("ipPermissionsEgress", g, true, &world.account))
                .child(tags::set(&g.tags));
            let computed = |name: &str| referenced_names(&world.ec2, g, name.starts_with("egress."));
            filters.pass_with(&element, computed).then_some((row, element))
        })
    };
    paged(call.p, Rows(items), "securityGroupInfo")
}

/// The names of the groups that a group's rules refer to: filters know them, though no answer tells them.
fn referenced_names(ec2: &Ec2State, group: &SecurityGroup, egress: bool) -> Vec<String> {
    let rules = group.rules.iter().filter(|r| r.egress == egress);
    rules
        .filter_map(|r| match &r.peer {
            Peer::Group(id) => Some(ec2.group(id)?.name.clone()),
            _ => None,
        })
        .collect()
}
