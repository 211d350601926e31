//! Taking the default network apart and making it anew: what a preflight must notice.

use super::{
    call::{Call, dry_run},
    state::Ec2State,
};
use crate::{model::error::ApiError, protocol::xml::Element};

fn missing(code: &'static str, what: &str, id: &str) -> ApiError {
    ApiError::bad(code, format!("The {what} ID '{id}' does not exist"))
}

fn in_use(what: &str, id: &str) -> ApiError {
    let text = format!("The {what} '{id}' has dependencies and cannot be deleted.");
    ApiError::bad("DependencyViolation", text)
}

fn done() -> Element {
    Element::result().leaf("return", true)
}

/// DeleteRoute: the main table has one that can go.
pub(super) fn delete(call: &Call) -> Result<Element, ApiError> {
    let table = call.p.required("RouteTableId")?;
    let destination = call.p.required("DestinationCidrBlock")?;
    call.change(|world| {
        check_table(&world.ec2, table)?;
        if destination != "0.0.0.0/0" || !world.ec2.routed {
            let text = format!("no route with destination-cidr-block {destination} in route table {table}");
            return Err(ApiError::bad("InvalidRoute.NotFound", text));
        }
        world.ec2.routed = false;
        Ok(done())
    })
}

/// CreateRoute to the internet gateway.
pub(super) fn create(call: &Call) -> Result<Element, ApiError> {
    let table = call.p.required("RouteTableId")?;
    let destination = call.p.required("DestinationCidrBlock")?;
    let gateway = call.p.required("GatewayId")?;
    call.change(|world| {
        check_table(&world.ec2, table)?;
        if gateway != world.ec2.gateway {
            let text = format!("The gateway ID '{gateway}' does not exist");
            return Err(ApiError::bad("InvalidGatewayID.NotFound", text));
        }
        if destination != "0.0.0.0/0" {
            let text = "The recipe-walk sandbox routes 0.0.0.0/0 only.";
            return Err(ApiError::bad("InvalidParameterValue", text));
        }
        if world.ec2.routed {
            let text = format!("The route identified by {destination} already exists.");
            return Err(ApiError::bad("RouteAlreadyExists", text));
        }
        world.ec2.routed = true;
        Ok(done())
    })
}

fn check_table(ec2: &Ec2State, id: &str) -> Result<(), ApiError> {
    if id == ec2.route_table && !ec2.vpcs.is_empty() {
        return Ok(());
    }
    Err(missing("InvalidRouteTableID.NotFound", "routeTable", id))
}

/// DetachInternetGateway.
pub(super) fn detach(call: &Call) -> Result<Element, ApiError> {
    let (gateway, vpc) = (call.p.required("InternetGatewayId")?, call.p.required("VpcId")?);
    call.change(|world| {
        if gateway != world.ec2.gateway {
            return Err(missing("InvalidInternetGatewayID.NotFound", "internetGateway", gateway));
        }
        if world.ec2.vpc(vpc).is_none() || !world.ec2.attached {
            let text = format!("resource {gateway} is not attached to network {vpc}");
            return Err(ApiError::bad("Gateway.NotAttached", text));
        }
        world.ec2.attached = false;
        Ok(done())
    })
}

/// DeleteSubnet.
pub(super) fn delete_subnet(call: &Call) -> Result<Element, ApiError> {
    let id = call.p.required("SubnetId")?;
    let now = call.ctx.now();
    call.change(|world| {
        world.ec2.subnet(id).ok_or_else(|| missing("InvalidSubnetID.NotFound", "subnet", id))?;
        let instances =
            world.ec2.instances.iter().any(|i| i.subnet_id == id && !i.state(now).is_terminated());
        let attached = call.ctx.parts.attached(world);
        let others = attached.iter().any(|a| a.subnets.iter().any(|subnet| subnet == id));
        if instances || others {
            return Err(in_use("subnet", id));
        }
        world.ec2.subnets.retain(|s| s.id != id);
        Ok(done())
    })
}

/// DeleteVpc.
pub(super) fn delete_vpc(call: &Call) -> Result<Element, ApiError> {
    let id = call.p.required("VpcId")?;
    call.change(|world| {
        let ec2 = &mut world.ec2;
        ec2.vpc(id).ok_or_else(|| missing("InvalidVpcID.NotFound", "vpc", id))?;
        let groups = ec2.groups.iter().any(|g| g.vpc_id == id && g.name != "default");
        if groups || ec2.attached || ec2.subnets.iter().any(|s| s.vpc_id == id) {
            return Err(in_use("vpc", id));
        }
        ec2.vpcs.retain(|v| v.id != id);
        ec2.groups.retain(|g| g.vpc_id != id);
        Ok(done())
    })
}

/// CreateDefaultVpc.
pub(super) fn create_default(call: &Call) -> Result<Element, ApiError> {
    call.change(|world| {
        if let Some(vpc) = world.ec2.vpcs.first() {
            let text = format!("A Default VPC already exists for this account in this region. ({})", vpc.id);
            return Err(ApiError::bad("DefaultVpcAlreadyExists", text));
        }
        let instances = std::mem::take(&mut world.ec2.instances);
        world.ec2 = Ec2State { instances, ..Ec2State::fresh(&world.region) };
        let vpc = world.ec2.vpcs.first().ok_or_else(dry_run)?;
        let element = Element::new("vpc")
            .leaf("vpcId", &vpc.id)
            .leaf("ownerId", &world.account)
            .leaf("state", "pending")
            .leaf("cidrBlock", &vpc.cidr)
            .leaf("dhcpOptionsId", "dopt-00000000")
            .leaf("instanceTenancy", "default")
            .leaf("isDefault", true);
        Ok(Element::result().child(element))
    })
}
