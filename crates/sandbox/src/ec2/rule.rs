//! Rules of security groups.

use super::{
    Call,
    filter::{Filters, one},
    group, paged,
    state::SecurityGroup,
    tags,
};
use crate::{
    error::ApiError,
    ids,
    tag::Tag,
    wire::{Element, Params},
    world::World,
};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr};

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// `sgr-…`
    pub id: String,
    /// Outgoing.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, a protocol number, or `-1` for all.
    pub protocol: String,
    /// The first port, -1 for all.
    pub from: i64,
    /// The last port, -1 for all.
    pub to: i64,
    /// The other side.
    pub peer: Peer,
    /// Free text.
    pub description: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// Whom a rule lets through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Peer {
    /// An IPv4 address range.
    V4(String),
    /// An IPv6 address range.
    V6(String),
    /// Everything that uses this security group.
    Group(String),
}

impl Rule {
    /// All protocols and ports.
    pub(super) fn everything(egress: bool, peer: Peer) -> Self {
        let id = ids::resource("sgr");
        Self {
            id,
            egress,
            protocol: "-1".into(),
            from: -1,
            to: -1,
            peer,
            description: None,
            tags: Vec::new(),
        }
    }

    /// What every new group lets out.
    pub(super) fn open_egress() -> Self {
        Self::everything(true, Peer::V4("0.0.0.0/0".into()))
    }

    /// Whether two rules say the same.
    fn same(&self, other: &Rule) -> bool {
        (self.egress, &self.protocol, self.from, self.to, &self.peer)
            == (other.egress, &other.protocol, other.from, other.to, &other.peer)
    }

    fn duplicate(&self) -> ApiError {
        let peer = match &self.peer {
            Peer::V4(text) | Peer::V6(text) | Peer::Group(text) => text,
        };
        let what = match self.protocol.as_str() {
            "tcp" | "udp" => {
                format!("{}, from port: {}, to port: {}", self.protocol.to_uppercase(), self.from, self.to)
            }
            "-1" => "ALL".to_owned(),
            other => format!("protocol: {other}"),
        };
        ApiError::bad(
            "InvalidPermission.Duplicate",
            format!("the specified rule \"peer: {peer}, {what}, ALLOW\" already exists"),
        )
    }
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::bad("InvalidParameterValue", text)
}

/// The rules that a request spells out.
fn requested(call: &Call, world: &World, own: &SecurityGroup, egress: bool) -> Result<Vec<Rule>, ApiError> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut permissions = call.p.structs("IpPermissions");
    if permissions.is_empty() && (call.p.get("CidrIp").is_some() || call.p.get("IpProtocol").is_some()) {
        permissions.push(call.p.clone());
    }
    for permission in &permissions {
        let (protocol, from, to) = ports(permission)?;
        let mut peers = Vec::new();
        for range in permission.structs("IpRanges") {
            peers.push((
                Peer::V4(cidr4(range.required("CidrIp")?)?),
                range.get("Description").map(str::to_owned),
            ));
        }
        if let Some(cidr) = permission.get("CidrIp") {
            peers.push((Peer::V4(cidr4(cidr)?), None));
        }
        for range in permission.structs("Ipv6Ranges") {
            let cidr = cidr6(range.required("CidrIpv6")?)?;
            peers.push((Peer::V6(cidr), range.get("Description").map(str::to_owned)));
        }
        for pair in permission.structs("Groups").into_iter().chain(permission.structs("UserIdGroupPairs")) {
            let id = match (pair.get("GroupId"), pair.get("GroupName")) {
                (Some(id), _) => group::by_id(&world.ec2, id)?.id.clone(),
                (None, Some(name)) => world
                    .ec2
                    .groups
                    .iter()
                    .find(|g| g.name == name && g.vpc_id == own.vpc_id)
                    .map(|g| g.id.clone())
                    .ok_or_else(|| {
                        let text = format!("The security group '{name}' does not exist");
                        ApiError::bad("InvalidGroup.NotFound", text)
                    })?,
                (None, None) => return Err(missing_source()),
            };
            peers.push((Peer::Group(id), pair.get("Description").map(str::to_owned)));
        }
        if peers.is_empty() {
            return Err(missing_source());
        }
        for (peer, description) in peers {
            let rule = Rule {
                id: ids::resource("sgr"),
                egress,
                protocol: protocol.clone(),
                from,
                to,
                peer,
                description,
                tags: Vec::new(),
            };
            if rules.iter().any(|r| r.same(&rule)) {
                return Err(invalid("The same permission must not appear multiple times"));
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

fn missing_source() -> ApiError {
    ApiError::bad(
        "MissingParameter",
        "Missing source specification: include source security group or CIDR information",
    )
}

/// Protocol and ports of a permission, in the form in which EC2 keeps them.
fn ports(p: &Params) -> Result<(String, i64, i64), ApiError> {
    let protocol = match p.get("IpProtocol").unwrap_or_default() {
        "" => {
            return Err(invalid(
                "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            ));
        }
        "6" | "tcp" | "TCP" => "tcp".to_owned(),
        "17" | "udp" | "UDP" => "udp".to_owned(),
        "1" | "icmp" => "icmp".to_owned(),
        "58" | "icmpv6" => "icmpv6".to_owned(),
        "-1" | "all" => return Ok(("-1".into(), -1, -1)),
        number if number.parse::<u8>().is_ok() => return Ok((number.to_owned(), -1, -1)),
        other => return Err(invalid(format!("Invalid value '{other}' for IP protocol. Unknown protocol."))),
    };
    let (from, to) = (p.int("FromPort")?, p.int("ToPort")?);
    if protocol.starts_with("icmp") {
        return Ok((protocol, from.unwrap_or(-1), to.unwrap_or(-1)));
    }
    let (Some(from), Some(to)) = (from, to) else {
        return Err(invalid(
            "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
        ));
    };
    if let Some(port) = [from, to].into_iter().find(|port| !(0..=65535).contains(port)) {
        return Err(invalid(format!("TCP/UDP port ({port}) out of range")));
    }
    if from > to {
        return Err(invalid(format!("Invalid TCP/UDP port range ({from}:{to})")));
    }
    Ok((protocol, from, to))
}

/// An IPv4 range with the bits behind the prefix cleared, as EC2 keeps it.
fn cidr4(text: &str) -> Result<String, ApiError> {
    let malformed = || invalid(format!("CIDR block {text} is malformed"));
    let (address, length) = text.split_once('/').ok_or_else(malformed)?;
    let address: Ipv4Addr = address.parse().map_err(|_| malformed())?;
    let length: u32 = length.parse().map_err(|_| malformed())?;
    let mask = match length {
        0 => 0,
        1..=32 => u32::MAX << (32 - length),
        _ => return Err(malformed()),
    };
    Ok(format!("{}/{length}", Ipv4Addr::from(u32::from(address) & mask)))
}

fn cidr6(text: &str) -> Result<String, ApiError> {
    let malformed = || invalid(format!("CIDR block {text} is malformed"));
    let (address, length) = text.split_once('/').ok_or_else(malformed)?;
    let address: Ipv6Addr = address.parse().map_err(|_| malformed())?;
    let length: u32 = length.parse().map_err(|_| malformed())?;
    let mask = match length {
        0 => 0,
        1..=128 => u128::MAX << (128 - length),
        _ => return Err(malformed()),
    };
    Ok(format!("{}/{length}", Ipv6Addr::from(u128::from(address) & mask)))
}

pub(super) fn authorize(call: &Call, egress: bool) -> Result<Element, ApiError> {
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
        let items: Vec<Element> = rules.iter().map(|r| element(call, &world.account, &own, r)).collect();
        if let Some(group) = world.ec2.groups.iter_mut().find(|g| g.id == own.id) {
            group.rules.extend(rules);
        }
        Ok(Element::result().leaf("return", true).list("securityGroupRuleSet", "item", items))
    })
}

pub(super) fn revoke(call: &Call, egress: bool) -> Result<Element, ApiError> {
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
        if let Some(group) = world.ec2.groups.iter_mut().find(|g| g.id == own.id) {
            group.rules.retain(|r| doomed.iter().all(|d| d.id != r.id));
        }
        let items = doomed.iter().map(|r| {
            peer_fields(
                Element::result()
                    .leaf("securityGroupRuleId", &r.id)
                    .leaf("groupId", &own.id)
                    .leaf("isEgress", r.egress)
                    .leaf("ipProtocol", &r.protocol)
                    .leaf("fromPort", r.from)
                    .leaf("toPort", r.to),
                r,
                |group| Element::new("referencedGroupId").text(group),
            )
        });
        Ok(Element::result().leaf("return", true).list("revokedSecurityGroupRuleSet", "item", items))
    })
}

fn peer_fields(element: Element, rule: &Rule, group: impl FnOnce(&str) -> Element) -> Element {
    match &rule.peer {
        Peer::V4(cidr) => element.leaf("cidrIpv4", cidr),
        Peer::V6(cidr) => element.leaf("cidrIpv6", cidr),
        Peer::Group(id) => element.child(group(id)),
    }
}

fn element(call: &Call, account: &str, group: &SecurityGroup, rule: &Rule) -> Element {
    let element = Element::result()
        .leaf("securityGroupRuleId", &rule.id)
        .leaf("groupId", &group.id)
        .leaf("groupOwnerId", account)
        .leaf("isEgress", rule.egress)
        .leaf("ipProtocol", &rule.protocol)
        .leaf("fromPort", rule.from)
        .leaf("toPort", rule.to);
    peer_fields(element, rule, |peer| {
        Element::new("referencedGroupInfo").leaf("groupId", peer).leaf("userId", account)
    })
    .opt("description", rule.description.as_ref())
    .child(tags::set(&rule.tags))
    .leaf("securityGroupRuleArn", call.ctx.arn("ec2", &format!("security-group-rule/{}", rule.id)))
}

pub(super) fn describe(call: &Call) -> Result<Element, ApiError> {
    let filters = Filters::read(call.p, &["group-id", "security-group-rule-id"])?;
    let world = call.ctx.world();
    let wanted = call.p.list("SecurityGroupRuleId");
    let all: Vec<(&SecurityGroup, &Rule)> =
        world.ec2.groups.iter().flat_map(|g| g.rules.iter().map(move |r| (g, r))).collect();
    if let Some(bad) = wanted.iter().find(|w| all.iter().all(|(_, r)| r.id != **w)) {
        let text = format!("The security group rule ID '{bad}' does not exist");
        return Err(ApiError::bad("InvalidSecurityGroupRuleId.NotFound", text));
    }
    let items = all
        .iter()
        .filter(|(_, r)| wanted.is_empty() || wanted.contains(&r.id))
        .filter(|(g, r)| filters.pass(&r.tags, |name| one(if name == "group-id" { &g.id } else { &r.id })))
        .map(|(g, r)| element(call, &world.account, g, r));
    paged(call.p, items.collect(), "securityGroupRuleSet")
}

/// Rules as DescribeSecurityGroups shows them: grouped by protocol and ports.
pub(super) fn permissions(name: &'static str, group: &SecurityGroup, egress: bool, account: &str) -> Element {
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
        let part = |pick: &dyn Fn(&Rule) -> Option<Element>| -> Vec<Element> {
            members.iter().filter_map(|r| Some(pick(r)?.opt("description", r.description.as_ref()))).collect()
        };
        let item = Element::new("item").leaf("ipProtocol", &first.protocol);
        let item = if first.protocol == "-1" {
            item
        } else {
            item.leaf("fromPort", first.from).leaf("toPort", first.to)
        };
        item.list(
            "groups",
            "item",
            part(&|r| match &r.peer {
                Peer::Group(id) => Some(Element::result().leaf("userId", account).leaf("groupId", id)),
                _ => None,
            }),
        )
        .list(
            "ipRanges",
            "item",
            part(&|r| match &r.peer {
                Peer::V4(cidr) => Some(Element::result().leaf("cidrIp", cidr)),
                _ => None,
            }),
        )
        .list(
            "ipv6Ranges",
            "item",
            part(&|r| match &r.peer {
                Peer::V6(cidr) => Some(Element::result().leaf("cidrIpv6", cidr)),
                _ => None,
            }),
        )
        .list("prefixListIds", "item", [])
    });
    Element::new(name).children(items)
}

/// The values of a group's rules for the filters `ip-permission.*` and `egress.ip-permission.*`.
pub(super) fn field(group: &SecurityGroup, name: &str) -> Vec<String> {
    let (egress, name) = match name.strip_prefix("egress.") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let rules = group.rules.iter().filter(|r| r.egress == egress);
    rules
        .filter_map(|r| match (name.strip_prefix("ip-permission.")?, &r.peer) {
            ("cidr", Peer::V4(cidr)) => Some(cidr.clone()),
            ("group-id", Peer::Group(id)) => Some(id.clone()),
            ("from-port", _) => Some(r.from.to_string()),
            ("to-port", _) => Some(r.to.to_string()),
            ("protocol", _) => Some(r.protocol.clone()),
            _ => None,
        })
        .collect()
}
