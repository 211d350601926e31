//! The default network: VPC, subnets, zones, routes, interfaces.

use super::{
    call::{Call, paged, zone_id},
    filter::Filters,
    instance::view,
    state::Subnet,
    tags::set,
};
use crate::model::{error::ApiError, node::Node};

fn unknown(code: &'static str, what: &str, id: &str) -> ApiError {
    ApiError::bad(code, format!("The {what} ID '{id}' does not exist"))
}

pub(super) fn vpcs(call: &Call) -> Result<Node, ApiError> {
    let world = call.ctx.world();
    let filters = Filters::read(call.p, "DescribeVpcs")?;
    let wanted = call.p.list("VpcId");
    for id in &wanted {
        world.ec2.vpc(id).ok_or_else(|| unknown("InvalidVpcID.NotFound", "vpc", id))?;
    }
    let items = world.ec2.vpcs.iter().filter(|v| wanted.is_empty() || wanted.contains(&v.id)).map(|v| {
        let association = Node::result()
            .leaf("cidrBlock", &v.cidr)
            .leaf("associationId", v.id.replacen("vpc", "vpc-cidr-assoc", 1))
            .child(Node::new("cidrBlockState").leaf("state", "associated"));
        Node::result()
            .leaf("vpcId", &v.id)
            .leaf("ownerId", &world.account)
            .leaf("state", "available")
            .leaf("cidrBlock", &v.cidr)
            .list("cidrBlockAssociationSet", "item", [association])
            .leaf("dhcpOptionsId", "dopt-00000000")
            .child(set(&v.tags))
            .leaf("instanceTenancy", "default")
            .leaf("isDefault", true)
    });
    paged(call.p, filters.apply(items), "vpcSet")
}

/// DescribeVpcAttribute, with what AWS gives a default VPC.
pub(super) fn vpc_attribute(call: &Call) -> Result<Node, ApiError> {
    let id = call.p.required("VpcId")?;
    let name = call.p.required("Attribute")?;
    let (name, value) = match name {
        "enableDnsSupport" => ("enableDnsSupport", true),
        "enableDnsHostnames" => ("enableDnsHostnames", true),
        "enableNetworkAddressUsageMetrics" => ("enableNetworkAddressUsageMetrics", false),
        other => {
            let text = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            return Err(ApiError::bad("InvalidParameterValue", text));
        }
    };
    let world = call.ctx.world();
    world.ec2.vpc(id).ok_or_else(|| unknown("InvalidVpcID.NotFound", "vpc", id))?;
    Ok(Node::result().leaf("vpcId", id).child(Node::new(name).leaf("value", value)))
}

pub(super) fn subnets(call: &Call) -> Result<Node, ApiError> {
    let world = call.ctx.world();
    let filters = Filters::read(call.p, "DescribeSubnets")?;
    let wanted = call.p.list("SubnetId");
    for id in &wanted {
        world.ec2.subnet(id).ok_or_else(|| unknown("InvalidSubnetID.NotFound", "subnet", id))?;
    }
    let items = world.ec2.subnets.iter().filter(|s| wanted.is_empty() || wanted.contains(&s.id)).map(|s| {
        Node::result()
            .leaf("subnetId", &s.id)
            .leaf("subnetArn", call.ctx.arn("ec2", &format!("subnet/{}", s.id)))
            .leaf("state", "available")
            .leaf("ownerId", &world.account)
            .leaf("vpcId", &s.vpc_id)
            .leaf("cidrBlock", &s.cidr)
            .leaf("availableIpAddressCount", 4091)
            .leaf("availabilityZone", &s.zone)
            .leaf("availabilityZoneId", zone_id(&s.zone))
            .leaf("defaultForAz", true)
            .leaf("mapPublicIpOnLaunch", true)
            .leaf("assignIpv6AddressOnCreation", false)
            .child(set(&s.tags))
    });
    paged(call.p, filters.apply(items), "subnetSet")
}

pub(super) fn zones(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeAvailabilityZones")?;
    let world = call.ctx.world();
    let (names, zone_ids) = (call.p.list("ZoneName"), call.p.list("ZoneId"));
    let all: Vec<&Subnet> = world.ec2.subnets.iter().collect();
    if let Some(bad) = names.iter().find(|n| all.iter().all(|s| s.zone != **n)) {
        return Err(ApiError::bad("InvalidParameterValue", format!("Invalid availability zone: [{bad}]")));
    }
    let items = all
        .iter()
        .map(|s| s.zone.as_str())
        .filter(|z| names.is_empty() || names.iter().any(|n| n == z))
        .filter(|z| zone_ids.is_empty() || zone_ids.contains(&zone_id(z)))
        .map(|z| {
            Node::result()
                .leaf("zoneName", z)
                .leaf("zoneState", "available")
                .leaf("regionName", &world.region)
                .list("messageSet", "item", [])
                .leaf("optInStatus", "opt-in-not-required")
                .leaf("groupName", &world.region)
                .leaf("networkBorderGroup", &world.region)
                .leaf("zoneId", zone_id(z))
                .leaf("zoneType", "availability-zone")
        });
    Ok(Node::result().list("availabilityZoneInfo", "item", filters.apply(items)))
}

pub(super) fn route_tables(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeRouteTables")?;
    let world = call.ctx.world();
    let ways = world.ec2.ways();
    let id = &ways.route_table;
    if let Some(bad) = call.p.list("RouteTableId").iter().find(|w| *w != id) {
        let text = format!("The routeTable ID '{bad}' does not exist");
        return Err(ApiError::bad("InvalidRouteTableID.NotFound", text));
    }
    let items = world.ec2.vpcs.iter().map(|v| {
        let route = |destination: &str, gateway: &str, origin: &str| {
            let state = if gateway == "local" || ways.attached { "active" } else { "blackhole" };
            Node::result()
                .leaf("destinationCidrBlock", destination)
                .leaf("gatewayId", gateway)
                .leaf("state", state)
                .leaf("origin", origin)
        };
        let out = ways.routed.then(|| route("0.0.0.0/0", &ways.gateway, "CreateRoute"));
        let association = Node::result()
            .leaf("routeTableAssociationId", id.replacen("rtb", "rtbassoc", 1))
            .leaf("routeTableId", id)
            .leaf("main", true)
            .child(Node::new("associationState").leaf("state", "associated"));
        Node::result()
            .leaf("routeTableId", id)
            .leaf("vpcId", &v.id)
            .leaf("ownerId", &world.account)
            .list("routeSet", "item", std::iter::once(route(&v.cidr, "local", "CreateRouteTable")).chain(out))
            .list("associationSet", "item", [association])
            .list("propagatingVgwSet", "item", [])
            .list("tagSet", "item", [])
    });
    paged(call.p, filters.apply(items), "routeTableSet")
}

pub(super) fn gateways(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeInternetGateways")?;
    let world = call.ctx.world();
    let ways = world.ec2.ways();
    let id = &ways.gateway;
    if let Some(bad) = call.p.list("InternetGatewayId").iter().find(|w| *w != id) {
        let text = format!("The internetGateway ID '{bad}' does not exist");
        return Err(ApiError::bad("InvalidInternetGatewayID.NotFound", text));
    }
    let items = world.ec2.vpcs.iter().map(|v| {
        let attachment =
            ways.attached.then(|| Node::result().leaf("vpcId", &v.id).leaf("state", "available"));
        Node::result()
            .leaf("internetGatewayId", id)
            .leaf("ownerId", &world.account)
            .list("attachmentSet", "item", attachment)
            .list("tagSet", "item", [])
    });
    paged(call.p, filters.apply(items), "internetGatewaySet")
}

pub(super) fn interfaces(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeNetworkInterfaces")?;
    let (world, now) = (call.ctx.world(), call.ctx.now());
    let alive: Vec<_> = world.ec2.instances.iter().filter(|i| !i.state(now).is_terminated()).collect();
    let wanted = call.p.list("NetworkInterfaceId");
    if let Some(bad) = wanted.iter().find(|w| alive.iter().all(|i| i.interface.id != **w)) {
        return Err(unknown("InvalidNetworkInterfaceID.NotFound", "networkInterface", bad));
    }
    let items = alive
        .iter()
        .filter(|i| wanted.is_empty() || wanted.contains(&i.interface.id))
        .map(|i| view::interface(&world, i));
    paged(call.p, filters.apply(items), "networkInterfaceSet")
}

pub(super) fn account_attributes(call: &Call) -> Result<Node, ApiError> {
    let world = call.ctx.world();
    let vpc = world.ec2.vpcs.first().map_or("none", |v| v.id.as_str());
    let all = [
        ("supported-platforms", "VPC"),
        ("default-vpc", vpc),
        ("max-instances", "20"),
        ("vpc-max-security-groups-per-interface", "5"),
        ("max-elastic-ips", "5"),
        ("vpc-max-elastic-ips", "5"),
    ];
    let wanted = call.p.list("AttributeName");
    if let Some(bad) = wanted.iter().find(|w| all.iter().all(|(name, _)| name != w)) {
        let text = format!("Value ( {bad} ) for parameter attributeName is invalid. Unknown attribute.");
        return Err(ApiError::bad("InvalidParameterValue", text));
    }
    let items = all.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name)).map(
        |(name, value)| {
            let value = Node::result().leaf("attributeValue", value);
            Node::result().leaf("attributeName", name).list("attributeValueSet", "item", [value])
        },
    );
    Ok(Node::result().list("accountAttributeSet", "item", items))
}
