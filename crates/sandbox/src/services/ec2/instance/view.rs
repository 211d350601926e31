//! Instances as EC2 shows them.

use super::{Instance, InstanceState, lifecycle::check_ids};
use crate::model::{account::world::World, error::ApiError, node::Node};
use crate::services::ec2::{
    call::{Call, iso, paged, zone_id},
    filter::Filters,
    image::ROOT_DEVICE,
    tags,
};
use jiff::Timestamp;

pub(crate) fn describe(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeInstances")?;
    let (world, now) = (call.ctx.world(), call.ctx.now());
    let wanted = call.p.list("InstanceId");
    if !wanted.is_empty() && call.p.get("MaxResults").is_some() {
        let text = "The parameter instancesSet cannot be used with the parameter maxResults";
        return Err(ApiError::bad("InvalidParameterCombination", text));
    }
    check_ids(&world, &wanted, now)?;
    let mut reservations: Vec<(&str, Vec<Node>)> = Vec::new();
    let found = match wanted.as_slice() {
        [] => filters.candidates(&world.ec2.instances, &[("instance-id", str::to_owned)], 0),
        ids => Box::new(world.ec2.instances.with_any_from(ids, 0)),
    };
    for i in found.map(|(_, i)| i).filter(|i| i.is_visible(now)) {
        let asked = wanted.is_empty() || wanted.contains(&i.id);
        if !asked {
            continue;
        }
        let told = element(&world, i, now);
        // Instances do not show these; their reservation does.
        let computed = |name: &str| {
            vec![if name == "reservation-id" { i.reservation.clone() } else { world.account.clone() }]
        };
        if filters.pass_with(&told, computed) {
            match reservations.iter_mut().find(|(r, _)| *r == i.reservation) {
                Some((_, members)) => members.push(told),
                None => reservations.push((&i.reservation, vec![told])),
            }
        }
    }
    let items = reservations.into_iter().map(|(id, members)| reserved(&world, id, members));
    paged(call.p, items, "reservationSet")
}

/// A reservation: the instances of one launch.
pub(crate) fn reservation(world: &World, instances: &[&Instance], now: Timestamp) -> Node {
    let id = instances.first().map_or("", |i| i.reservation.as_str());
    reserved(world, id, instances.iter().map(|i| element(world, i, now)))
}

fn reserved(world: &World, id: &str, instances: impl IntoIterator<Item = Node>) -> Node {
    Node::result()
        .leaf("reservationId", id)
        .leaf("ownerId", &world.account)
        .list("groupSet", "item", [])
        .list("instancesSet", "item", instances)
}

pub(super) fn groups(world: &World, i: &Instance) -> Node {
    let items = i.groups.iter().map(|id| {
        let name = world.ec2.group(id).map_or("", |g| g.name.as_str());
        Node::new("item").leaf("groupId", id).leaf("groupName", name)
    });
    Node::new("groupSet").children(items)
}

/// `ip-172-31-0-10.ec2.internal`
fn private_name(ip: &str) -> String {
    format!("ip-{}.ec2.internal", ip.replace('.', "-"))
}

fn element(world: &World, i: &Instance, now: Timestamp) -> Node {
    let state = i.state(now);
    let alive = !state.is_terminated();
    // AWS says this of a launch that its own side could not finish.
    let (reason, code, text) = match i.terminated_at {
        Some(_) if i.doomed && alive => ("", "", ""),
        Some(_) if i.doomed => ("Server.InternalError", "Server.InternalError", "Internal error on launch"),
        Some(_) => ("User initiated", "Client.UserInitiatedShutdown", "User initiated shutdown"),
        None => ("", "", ""),
    };
    let base = Node::result()
        .leaf("instanceId", &i.id)
        .leaf("imageId", &i.image)
        .child(state.element("instanceState"))
        .leaf("privateDnsName", if alive { private_name(&i.private_ip) } else { String::new() })
        .leaf("dnsName", "")
        .leaf("reason", reason)
        .leaf("amiLaunchIndex", i.launch_index)
        .list("productCodes", "item", [])
        .leaf("instanceType", &i.instance_type)
        .leaf("launchTime", iso(i.launched))
        .child(
            Node::new("placement")
                .leaf("availabilityZone", &i.zone)
                .leaf("availabilityZoneId", zone_id(&i.zone))
                .leaf("groupName", "")
                .leaf("tenancy", "default"),
        )
        .child(Node::new("monitoring").leaf("state", if i.monitoring { "enabled" } else { "disabled" }))
        .leaf("architecture", &i.architecture)
        .leaf("rootDeviceType", "ebs")
        .leaf("rootDeviceName", ROOT_DEVICE)
        .leaf("virtualizationType", "hvm")
        .leaf("hypervisor", "xen")
        .leaf("clientToken", i.token.as_ref().map_or("", |(t, _)| t.as_str()))
        .child(tags::set(&i.tags))
        .leaf("ebsOptimized", i.ebs_optimized)
        .leaf("enaSupport", true)
        .child(Node::new("cpuOptions").leaf("coreCount", 1).leaf("threadsPerCore", 2))
        .child(
            Node::new("metadataOptions")
                .leaf("state", "applied")
                .leaf("httpTokens", &i.http_tokens)
                .leaf("httpPutResponseHopLimit", i.http_hops)
                .leaf("httpEndpoint", &i.http_endpoint)
                .leaf("httpProtocolIpv6", "disabled")
                .leaf("instanceMetadataTags", &i.metadata_tags),
        )
        .leaf("platformDetails", "Linux/UNIX")
        .leaf("usageOperation", "RunInstances");
    let base = match (&i.profile_arn, &i.profile) {
        (Some(arn), Some(name)) => {
            let id = world.iam.profile(name).map_or("", |p| p.id.as_str());
            base.child(Node::new("iamInstanceProfile").leaf("arn", arn).leaf("id", id))
        }
        _ => base,
    };
    if !alive {
        let reason = Node::new("stateReason").leaf("code", code).leaf("message", format!("{code}: {text}"));
        return base.child(reason).list("groupSet", "item", []).list("blockDeviceMapping", "item", []).list(
            "networkInterfaceSet",
            "item",
            [],
        );
    }
    // Like every public name and address, it appears once the instance runs.
    let public = i.public_ip.as_ref().filter(|_| state != InstanceState::Pending);
    base.leaf("subnetId", &i.subnet_id)
        .leaf("vpcId", &i.vpc_id)
        .leaf("privateIpAddress", &i.private_ip)
        .opt("ipAddress", public)
        .leaf("sourceDestCheck", true)
        .child(groups(world, i))
        .list("blockDeviceMapping", "item", [device(i)])
        .list("networkInterfaceSet", "item", [attached(world, i, public)])
}

/// An instance's root volume, as the instance shows it.
pub(super) fn device(i: &Instance) -> Node {
    Node::result().leaf("deviceName", ROOT_DEVICE).child(
        Node::new("ebs")
            .leaf("volumeId", &i.volume.id)
            .leaf("status", "attached")
            .leaf("attachTime", iso(i.launched))
            .leaf("deleteOnTermination", i.volume.delete_on_termination),
    )
}

/// An instance's network interface, as the instance shows it.
fn attached(world: &World, i: &Instance, public: Option<&String>) -> Node {
    interface_with(world, i, attachment(i)).maybe(public.map(association))
}

/// The public address of an interface.
fn association(ip: &String) -> Node {
    Node::new("association").leaf("publicIp", ip)
}

/// The same, as DescribeNetworkInterfaces shows it: there it says more of itself.
pub(crate) fn interface(world: &World, i: &Instance) -> Node {
    let attachment = attachment(i).leaf("instanceId", &i.id).leaf("instanceOwnerId", &world.account);
    interface_with(world, i, attachment)
        .maybe(i.public_ip.as_ref().map(association))
        .leaf("availabilityZone", &i.zone)
        .leaf("availabilityZoneId", zone_id(&i.zone))
        .leaf("requesterManaged", false)
        .child(tags::set(&i.interface.tags))
}

fn attachment(i: &Instance) -> Node {
    Node::new("attachment")
        .leaf("attachmentId", &i.interface.attachment)
        .leaf("deviceIndex", 0)
        .leaf("status", "attached")
        .leaf("attachTime", iso(i.launched))
        .leaf("deleteOnTermination", true)
}

fn interface_with(world: &World, i: &Instance, attachment: Node) -> Node {
    let address = Node::result()
        .leaf("privateIpAddress", &i.private_ip)
        .leaf("privateDnsName", private_name(&i.private_ip))
        .leaf("primary", true);
    Node::result()
        .leaf("networkInterfaceId", &i.interface.id)
        .leaf("subnetId", &i.subnet_id)
        .leaf("vpcId", &i.vpc_id)
        .leaf("description", "")
        .leaf("ownerId", &world.account)
        .leaf("status", "in-use")
        .leaf("macAddress", &i.interface.mac)
        .leaf("privateIpAddress", &i.private_ip)
        .leaf("privateDnsName", private_name(&i.private_ip))
        .leaf("sourceDestCheck", true)
        .child(groups(world, i))
        .child(attachment)
        .list("privateIpAddressesSet", "item", [address])
        .leaf("interfaceType", "interface")
}

pub(crate) fn status(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeInstanceStatus")?;
    let (world, now) = (call.ctx.world(), call.ctx.now());
    let wanted = call.p.list("InstanceId");
    check_ids(&world, &wanted, now)?;
    let all = call.p.bool("IncludeAllInstances")?.unwrap_or(false);
    let items = world
        .ec2
        .instances
        .iter()
        .filter(|i| i.is_visible(now) && (wanted.is_empty() || wanted.contains(&i.id)))
        .filter(|i| all || i.state(now) == InstanceState::Running)
        .map(|i| {
            let summary = |name: &'static str| {
                // The checks pass at about the time at which the agent registers.
                let (status, detail) = match i.state(now) {
                    InstanceState::Running if i.online_at <= now => ("ok", "passed"),
                    InstanceState::Running => ("initializing", "initializing"),
                    _ => ("not-applicable", "not-applicable"),
                };
                let detail = Node::result().leaf("name", "reachability").leaf("status", detail);
                Node::new(name).leaf("status", status).list("details", "item", [detail])
            };
            Node::result()
                .leaf("instanceId", &i.id)
                .leaf("availabilityZone", &i.zone)
                .leaf("availabilityZoneId", zone_id(&i.zone))
                .child(i.state(now).element("instanceState"))
                .child(summary("systemStatus"))
                .child(summary("instanceStatus"))
        });
    paged(call.p, filters.apply(items), "instanceStatusSet")
}
