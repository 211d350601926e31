//! The rules that a request spells out, checked as EC2 checks them.

use super::{
    group,
    rule::{Peer, Rule},
};
use crate::services::ec2::{call::Call, state::SecurityGroup};
use crate::{
    model::{account::world::World, error::ApiError, params::Params},
    system::ids,
};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Refuses a description as EC2 does (docs/aws-errors.md, "EC2").
fn check_description(text: &str) -> Result<(), ApiError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ". _-:/()#,@[]+=&;{}!$*".contains(c);
    if text.chars().count() < 256 && text.chars().all(allowed) {
        return Ok(());
    }
    Err(invalid(
        "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  \
         a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
    ))
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::bad("InvalidParameterValue", text)
}

/// The rules that a request spells out.
pub(crate) fn requested(
    call: &Call,
    world: &World,
    own: &SecurityGroup,
    egress: bool,
) -> Result<Vec<Rule>, ApiError> {
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
            check_description(description.as_deref().unwrap_or_default())?;
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
