//! Where a new instance goes: its subnet, its security groups and its addresses.

use crate::services::ec2::{
    call::invalid,
    security_group::group,
    state::{Subnet, named},
    types,
};
use crate::{
    model::{account::world::World, error::ApiError, params::Params},
    system::ids,
};

/// Where an instance goes.
pub(crate) struct Placement {
    pub(crate) subnet: Subnet,
    pub(crate) groups: Vec<String>,
    pub(crate) public: bool,
}

impl Placement {
    pub(crate) fn read(p: &Params, world: &World, kind: &str) -> Result<Self, ApiError> {
        let interfaces = p.structs("NetworkInterface");
        let mut subnet_id = p.get("SubnetId").map(str::to_owned);
        let mut groups = p.list("SecurityGroupId");
        let mut public = true;
        if let Some(interface) = interfaces.first() {
            if interfaces.len() > 1 {
                return Err(invalid("The recipe-walk sandbox gives an instance one network interface."));
            }
            if subnet_id.is_some() || !groups.is_empty() || !p.list("SecurityGroup").is_empty() {
                return Err(ApiError::bad(
                    "InvalidParameterCombination",
                    "Network interfaces and an instance-level subnet ID or security groups may not be specified on \
                     the same request",
                ));
            }
            subnet_id = interface.get("SubnetId").map(str::to_owned);
            groups = interface.list("SecurityGroupId");
            public = interface.bool("AssociatePublicIpAddress")?.unwrap_or(true);
        }
        let zone = p.get("Placement.AvailabilityZone");
        let subnet = if let Some(id) = &subnet_id {
            world.ec2.subnet(id).ok_or_else(|| {
                ApiError::bad("InvalidSubnetID.NotFound", format!("The subnet ID '{id}' does not exist"))
            })?
        } else {
            let here = |s: &&Subnet| zone.map_or(types::offered(kind, &s.zone), |z| z == s.zone);
            world.ec2.subnets.iter().find(here).ok_or_else(|| {
                invalid(format!("Invalid availability zone: [{}]", zone.unwrap_or_default()))
            })?
        };
        if !types::offered(kind, &subnet.zone) {
            let mut others: Vec<&str> = world.ec2.subnets.iter().map(|s| s.zone.as_str()).collect();
            others.retain(|zone| types::offered(kind, zone));
            let text = format!(
                "Your requested instance type ({kind}) is not supported in your requested Availability Zone ({}). \
                 Please retry your request by not specifying an Availability Zone or choosing {}.",
                subnet.zone,
                others.join(", ")
            );
            return Err(ApiError::bad("Unsupported", text));
        }
        for name in p.list("SecurityGroup") {
            let found = world.ec2.groups.with(&named(&name)).find(|g| g.vpc_id == subnet.vpc_id);
            let text = format!("The security group '{name}' does not exist in VPC '{}'", subnet.vpc_id);
            groups.push(found.ok_or_else(|| ApiError::bad("InvalidGroup.NotFound", text))?.id.clone());
        }
        for id in &groups {
            if group::by_id(&world.ec2, id)?.vpc_id != subnet.vpc_id {
                let text =
                    format!("Security group {id} and subnet {} belong to different networks.", subnet.id);
                return Err(ApiError::bad("InvalidParameter", text));
            }
        }
        if groups.is_empty() {
            groups.extend(world.ec2.default_group(&subnet.vpc_id).map(|g| g.id.clone()));
        }
        if groups.len() > 5 {
            return Err(ApiError::bad(
                "SecurityGroupsPerInterfaceLimitExceeded",
                "The maximum number of security groups per interface has been reached.",
            ));
        }
        Ok(Self { subnet: subnet.clone(), groups, public })
    }
}

/// A free private address of the subnet and a public one that leads nowhere (TEST-NET-3, RFC 5737).
pub(crate) fn addresses(world: &World, subnet: &Subnet) -> Result<(String, String), ApiError> {
    let base: std::net::Ipv4Addr = subnet
        .cidr
        .split('/')
        .next()
        .and_then(|a| a.parse().ok())
        .ok_or_else(|| ApiError::internal("the subnet has no address range"))?;
    for number in 10..4000u32 {
        let address = std::net::Ipv4Addr::from(u32::from(base) + number).to_string();
        if !world.ec2.instances.contains(&address) {
            return Ok((address, format!("203.0.113.{}", number % 254 + 1)));
        }
    }
    let text = format!("There are not enough free addresses in subnet '{}'.", subnet.id);
    Err(ApiError::bad("InsufficientFreeAddressesInSubnet", text))
}

pub(crate) fn mac() -> String {
    let digits = ids::hex(10);
    let mut out = String::from("0e");
    for pair in digits.as_bytes().chunks(2) {
        out.push(':');
        out.extend(pair.iter().map(|b| char::from(*b)));
    }
    out
}
