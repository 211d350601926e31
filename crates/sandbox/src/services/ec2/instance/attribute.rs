//! What EC2 tells of an instance one by one: its attributes and its credits.

use super::{Instance, lifecycle::check_ids, view};
use crate::model::{account::world::World, error::ApiError, node::Node, page::Rows};
use crate::services::ec2::{
    call::{Call, check_count, invalid, paged},
    filter::Filters,
    image::ROOT_DEVICE,
};

/// DescribeInstanceAttribute. What is asked is judged before whom it is asked of.
pub(crate) fn describe(call: &Call) -> Result<Node, ApiError> {
    let id = call.p.required("InstanceId")?.to_owned();
    let name = call.p.required("Attribute")?;
    let Some(tell) = attribute(name) else {
        return Err(invalid(format!(
            "Value ({name}) for parameter attribute is invalid. Unknown attribute."
        )));
    };
    let world = call.ctx.world();
    check_ids(&world, std::slice::from_ref(&id), call.ctx.now())?;
    let found = world.ec2.instance(&id).map(|instance| tell(&world, instance));
    Ok(Node::result().leaf("instanceId", id).maybe(found))
}

/// How an attribute is told, by its name.
type Tell = fn(&World, &Instance) -> Node;

fn attribute(name: &str) -> Option<Tell> {
    Some(match name {
        "instanceType" => |_, i| value("instanceType", &i.instance_type),
        // Nitro instances have neither.
        "kernel" => |_, _| Node::new("kernel"),
        "ramdisk" => |_, _| Node::new("ramdisk"),
        "userData" => |_, i| Node::new("userData").opt("value", i.user_data.as_ref()),
        // Neither can be switched on here.
        "disableApiTermination" => |_, _| value("disableApiTermination", false),
        "disableApiStop" => |_, _| value("disableApiStop", false),
        "instanceInitiatedShutdownBehavior" => {
            |_, i| value("instanceInitiatedShutdownBehavior", &i.shutdown_behavior)
        }
        "rootDeviceName" => |_, _| value("rootDeviceName", ROOT_DEVICE),
        "blockDeviceMapping" => |_, i| Node::new("blockDeviceMapping").child(view::device(i).renamed("item")),
        "productCodes" => |_, _| Node::new("productCodes"),
        "sourceDestCheck" => |_, _| value("sourceDestCheck", true),
        "groupSet" => view::groups,
        "ebsOptimized" => |_, i| value("ebsOptimized", i.ebs_optimized),
        "sriovNetSupport" => |_, _| Node::new("sriovNetSupport"),
        "enaSupport" => |_, _| value("enaSupport", true),
        "enclaveOptions" => |_, _| Node::new("enclaveOptions").leaf("enabled", false),
        _ => return None,
    })
}

fn value(name: &'static str, value: impl std::fmt::Display) -> Node {
    Node::new(name).leaf("value", value)
}

/// DescribeInstanceCreditSpecifications; without ids it tells of those with unlimited credits only, as AWS does.
pub(crate) fn credits(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeInstanceCreditSpecifications")?;
    let (world, now) = (call.ctx.world(), call.ctx.now());
    let wanted = call.p.list("InstanceId");
    check_count(&wanted)?;
    check_ids(&world, &wanted, now)?;
    let found = |first| match wanted.as_slice() {
        [] => filters.candidates(&world.ec2.instances, &[("instance-id", str::to_owned)], first),
        ids => Box::new(world.ec2.instances.with_any_from(ids, first)),
    };
    let items = |first| {
        found(first)
            .filter(|(_, i)| i.is_visible(now))
            .filter(|(_, i)| wanted.contains(&i.id) || (wanted.is_empty() && i.cpu_credits == "unlimited"))
            .map(|(row, i)| {
                (row, Node::result().leaf("instanceId", &i.id).leaf("cpuCredits", &i.cpu_credits))
            })
            .filter(|(_, element)| filters.pass(element))
    };
    paged(call.p, Rows(items), "instanceCreditSpecificationSet")
}
