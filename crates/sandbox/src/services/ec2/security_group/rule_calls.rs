//! Adding, removing and describing rules.

use super::{
    group,
    rule::Rule,
    rule_request::requested,
    rule_view::{element, peer_fields},
};
use crate::model::{error::ApiError, node::Node, page::Rows};
use crate::services::ec2::{
    call::{Call, paged},
    filter::Filters,
    tags,
};

pub(crate) fn authorize(call: &Call, egress: bool) -> Result<Node, ApiError> {
    let tags = tags::specified(call.p, "security-group-rule", &["security-group-rule"])?;
    call.change(|world| {
        let own = group::named(call, world)?.clone();
        let mut rules = requested(call, world, &own, egress)?;
        if rules.is_empty() {
            return Err(ApiError::bad(
                "MissingParameter",
                "The request must contain the parameter ipPermissions",
            ));
        }
        for rule in &mut rules {
            rule.tags.clone_from(&tags);
            if own.rules.iter().any(|r| r.same(rule)) {
                return Err(rule.duplicate());
            }
        }
        if own.rules.iter().filter(|r| r.egress == egress).count() + rules.len() > 60 {
            let text = "The maximum number of rules per security group has been reached.";
            return Err(ApiError::bad("RulesPerSecurityGroupLimitExceeded", text));
        }
        let items: Vec<Node> = rules.iter().map(|r| element(call, &world.account, &own, r)).collect();
        if let Some(group) = world.ec2.groups.get_mut(&own.id) {
            group.rules.extend(rules);
        }
        Ok(Node::result().leaf("return", true).list("securityGroupRuleSet", "item", items))
    })
}

pub(crate) fn revoke(call: &Call, egress: bool) -> Result<Node, ApiError> {
    call.change(|world| {
        let own = group::named(call, world)?.clone();
        let mut doomed: Vec<Rule> = Vec::new();
        for id in call.p.list("SecurityGroupRuleId") {
            let rule = own.rules.iter().find(|r| r.id == id && r.egress == egress).ok_or_else(|| {
                let text = format!("The security group rule ID '{id}' does not exist");
                ApiError::bad("InvalidSecurityGroupRuleId.NotFound", text)
            })?;
            doomed.push(rule.clone());
        }
        for wanted in requested(call, world, &own, egress)? {
            let rule = own.rules.iter().find(|r| r.same(&wanted)).ok_or_else(|| {
                let text = "The specified rule does not exist in this security group.";
                ApiError::bad("InvalidPermission.NotFound", text)
            })?;
            doomed.push(rule.clone());
        }
        if doomed.is_empty() {
            return Err(ApiError::bad(
                "MissingParameter",
                "The request must contain the parameter ipPermissions",
            ));
        }
        if let Some(group) = world.ec2.groups.get_mut(&own.id) {
            group.rules.retain(|r| doomed.iter().all(|d| d.id != r.id));
        }
        let items = doomed.iter().map(|r| {
            peer_fields(
                Node::result()
                    .leaf("securityGroupRuleId", &r.id)
                    .leaf("groupId", &own.id)
                    .leaf("isEgress", r.egress)
                    .leaf("ipProtocol", &r.protocol)
                    .leaf("fromPort", r.from)
                    .leaf("toPort", r.to),
                r,
                |group| Node::new("referencedGroupId").text(group),
            )
        });
        Ok(Node::result().leaf("return", true).list("revokedSecurityGroupRuleSet", "item", items))
    })
}

pub(crate) fn describe(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeSecurityGroupRules")?;
    let world = call.ctx.world();
    let wanted = call.p.list("SecurityGroupRuleId");
    let of = |id: &str| world.ec2.groups.with(id).any(|g| g.rules.iter().any(|r| r.id == id));
    if let Some(bad) = wanted.iter().find(|id| !of(id)) {
        let text = format!("The security group rule ID '{bad}' does not exist");
        return Err(ApiError::bad("InvalidSecurityGroupRuleId.NotFound", text));
    }
    let groups = |first| match wanted.as_slice() {
        [] => filters.candidates(&world.ec2.groups, &[("group-id", str::to_owned)], first),
        ids => Box::new(world.ec2.groups.with_any_from(ids, first)),
    };
    let items = |first| {
        groups(first)
            .flat_map(|(row, g)| g.rules.iter().map(move |r| (row, g, r)))
            .filter(|(_, _, r)| wanted.is_empty() || wanted.contains(&r.id))
            .map(|(row, g, r)| (row, element(call, &world.account, g, r)))
            .filter(|(_, element)| filters.pass(element))
    };
    paged(call.p, Rows(items), "securityGroupRuleSet")
}
