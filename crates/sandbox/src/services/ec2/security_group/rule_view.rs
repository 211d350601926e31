//! Rules as EC2 shows them.

use super::rule::{Peer, Rule};
use crate::model::node::Node;
use crate::services::ec2::{call::Call, state::SecurityGroup, tags};

pub(crate) fn peer_fields(element: Node, rule: &Rule, group: impl FnOnce(&str) -> Node) -> Node {
    match &rule.peer {
        Peer::V4(cidr) => element.leaf("cidrIpv4", cidr),
        Peer::V6(cidr) => element.leaf("cidrIpv6", cidr),
        Peer::Group(id) => element.child(group(id)),
    }
}

pub(crate) fn element(call: &Call, account: &str, group: &SecurityGroup, rule: &Rule) -> Node {
    let element = Node::result()
        .leaf("securityGroupRuleId", &rule.id)
        .leaf("groupId", &group.id)
        .leaf("groupOwnerId", account)
        .leaf("isEgress", rule.egress)
        .leaf("ipProtocol", &rule.protocol)
        .leaf("fromPort", rule.from)
        .leaf("toPort", rule.to);
    peer_fields(element, rule, |peer| {
        Node::new("referencedGroupInfo").leaf("groupId", peer).leaf("userId", account)
    })
    .opt("description", rule.description.as_ref())
    .child(tags::set(&rule.tags))
    .leaf("securityGroupRuleArn", call.ctx.arn("ec2", &format!("security-group-rule/{}", rule.id)))
}

/// Rules as DescribeSecurityGroups shows them: grouped by protocol and ports.
pub(crate) fn permissions(name: &'static str, group: &SecurityGroup, egress: bool, account: &str) -> Node {
    let mut grouped: Vec<(&Rule, Vec<&Rule>)> = Vec::new();
    for rule in group.rules.iter().filter(|r| r.egress == egress) {
        let like =
            |first: &Rule| (&first.protocol, first.from, first.to) == (&rule.protocol, rule.from, rule.to);
        match grouped.iter_mut().find(|(first, _)| like(first)) {
            Some((_, members)) => members.push(rule),
            None => grouped.push((rule, vec![rule])),
        }
    }
    let items = grouped.into_iter().map(|(first, members)| {
        let part = |pick: &dyn Fn(&Rule) -> Option<Node>| -> Vec<Node> {
            members.iter().filter_map(|r| Some(pick(r)?.opt("description", r.description.as_ref()))).collect()
        };
        let item = Node::new("item").leaf("ipProtocol", &first.protocol);
        let item = if first.protocol == "-1" {
            item
        } else {
            item.leaf("fromPort", first.from).leaf("toPort", first.to)
        };
        item.list(
            "groups",
            "item",
            part(&|r| match &r.peer {
                Peer::Group(id) => Some(Node::result().leaf("userId", account).leaf("groupId", id)),
                _ => None,
            }),
        )
        .list(
            "ipRanges",
            "item",
            part(&|r| match &r.peer {
                Peer::V4(cidr) => Some(Node::result().leaf("cidrIp", cidr)),
                _ => None,
            }),
        )
        .list(
            "ipv6Ranges",
            "item",
            part(&|r| match &r.peer {
                Peer::V6(cidr) => Some(Node::result().leaf("cidrIpv6", cidr)),
                _ => None,
            }),
        )
        .list("prefixListIds", "item", [])
    });
    Node::new(name).children(items)
}
