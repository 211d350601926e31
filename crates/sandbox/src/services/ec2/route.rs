//! Taking the default network apart and making it anew: what a preflight must notice.

use super::{
    call::{Call, dry_run},
    state::Ec2State,
};
use crate::model::account::share::Use;
use crate::model::{error::ApiError, node::Node};

fn missing(code: &'static str, what: &str, id: &str) -> ApiError {
    ApiError::bad(code, format!("The {what} ID '{id}' does not exist"))
}

fn in_use(what: &str, id: &str) -> ApiError {
    let text = format!("The {what} '{id}' has dependencies and cannot be deleted.");
    ApiError::bad("DependencyViolation", text)
}

fn done() -> Node {
    Node::result().leaf("return", true)
}

/// DeleteRoute: the main table has one that can go.
pub(super) fn delete(call: &Call) -> Result<Node, ApiError> {
    let table = call.p.required("RouteTableId")?;
    let destination = call.p.required("DestinationCidrBlock")?;
    call.change(|world| {
        check_table(&world.ec2, table)?;
        if destination != "0.0.0.0/0" || !world.ec2.ways().routed {
            let text = format!("no route with destination-cidr-block {destination} in route table {table}");
            return Err(ApiError::bad("InvalidRoute.NotFound", text));
        }
        world.ec2.ways.each_mut(|ways| ways.routed = false);
        Ok(done())
    })
}

/// CreateRoute to the internet gateway.
pub(super) fn create(call: &Call) -> Result<Node, ApiError> {
    let table = call.p.required("RouteTableId")?;
    let destination = call.p.required("DestinationCidrBlock")?;
    let gateway = call.p.required("GatewayId")?;
    call.change(|world| {
        check_table(&world.ec2, table)?;
        if gateway != world.ec2.ways().gateway {
            let text = format!("The gateway ID '{gateway}' does not exist");
            return Err(ApiError::bad("InvalidGatewayID.NotFound", text));
        }
        if destination != "0.0.0.0/0" {
            let text = "The recipe-walk sandbox routes 0.0.0.0/0 only.";
            return Err(ApiError::bad("InvalidParameterValue", text));
        }
        if world.ec2.ways().routed {
            let text = format!("The route identified by {destination} already exists.");
            return Err(ApiError::bad("RouteAlreadyExists", text));
        }
        world.ec2.ways.each_mut(|ways| ways.routed = true);
        Ok(done())
    })
}

fn check_table(ec2: &Ec2State, id: &str) -> Result<(), ApiError> {
    if id == ec2.ways().route_table && !ec2.vpcs.is_empty() {
        return Ok(());
    }
    Err(missing("InvalidRouteTableID.NotFound", "routeTable", id))
}

/// DetachInternetGateway.
pub(super) fn detach(call: &Call) -> Result<Node, ApiError> {
    let (gateway, vpc) = (call.p.required("InternetGatewayId")?, call.p.required("VpcId")?);
    call.change(|world| {
        if gateway != world.ec2.ways().gateway {
            return Err(missing("InvalidInternetGatewayID.NotFound", "internetGateway", gateway));
        }
        if world.ec2.vpc(vpc).is_none() || !world.ec2.ways().attached {
            let text = format!("resource {gateway} is not attached to network {vpc}");
            return Err(ApiError::bad("Gateway.NotAttached", text));
        }
        world.ec2.ways.each_mut(|ways| ways.attached = false);
        Ok(done())
    })
}

/// DeleteSubnet.
pub(super) fn delete_subnet(call: &Call) -> Result<Node, ApiError> {
    let id = call.p.required("SubnetId")?;
    let now = call.ctx.now();
    call.change(|world| {
        world.ec2.subnet(id).ok_or_else(|| missing("InvalidSubnetID.NotFound", "subnet", id))?;
        let instances =
            world.ec2.instances.iter().any(|i| i.subnet_id == id && !i.state(now).is_terminated());
        let others = call.ctx.parts.uses(world, &Use::Subnet(id));
        if instances || others {
            return Err(in_use("subnet", id));
        }
        world.ec2.subnets.remove(id);
        Ok(done())
    })
}

/// DeleteVpc.
pub(super) fn delete_vpc(call: &Call) -> Result<Node, ApiError> {
    let id = call.p.required("VpcId")?;
    call.change(|world| {
        let ec2 = &mut world.ec2;
        ec2.vpc(id).ok_or_else(|| missing("InvalidVpcID.NotFound", "vpc", id))?;
        let groups = ec2.groups.iter().any(|g| g.vpc_id == id && g.name != "default");
        if groups || ec2.ways().attached || ec2.subnets.iter().any(|s| s.vpc_id == id) {
            return Err(in_use("vpc", id));
        }
        ec2.vpcs.remove(id);
        ec2.groups.retain(|g| g.vpc_id != id);
        Ok(done())
    })
}

/// CreateDefaultVpc.
pub(super) fn create_default(call: &Call) -> Result<Node, ApiError> {
    call.change(|world| {
        if let Some(vpc) = world.ec2.vpcs.first() {
            let text = format!("A Default VPC already exists for this account in this region. ({})", vpc.id);
            return Err(ApiError::bad("DefaultVpcAlreadyExists", text));
        }
        let fresh = Ec2State::fresh(&world.region);
        let ec2 = &mut world.ec2;
        // The tables stay, and with them what the file knows of their rows.
        ec2.vpcs.extend(fresh.vpcs.iter().cloned());
        ec2.subnets.retain(|_| false);
        ec2.subnets.extend(fresh.subnets.iter().cloned());
        ec2.groups.retain(|_| false);
        ec2.groups.extend(fresh.groups.iter().cloned());
        ec2.ways.retain(|_| false);
        ec2.ways.extend(fresh.ways.iter().cloned());
        let vpc = world.ec2.vpcs.first().ok_or_else(dry_run)?;
        let element = Node::new("vpc")
            .leaf("vpcId", &vpc.id)
            .leaf("ownerId", &world.account)
            .leaf("state", "pending")
            .leaf("cidrBlock", &vpc.cidr)
            .leaf("dhcpOptionsId", "dopt-00000000")
            .leaf("instanceTenancy", "default")
            .leaf("isDefault", true);
        Ok(Node::result().child(element))
    })
}
