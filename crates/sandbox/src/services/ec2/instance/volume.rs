//! Root volumes, the only ones that there are.

use super::Instance;
use crate::model::{error::ApiError, node::Node, page::Rows};
use crate::services::ec2::{
    call::{Call, check_count, iso, paged, zone_id},
    filter::Filters,
    image::ROOT_DEVICE,
    tags,
};

/// DescribeVolumes. A volume goes with its instance.
pub(crate) fn describe(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeVolumes")?;
    let (world, now) = (call.ctx.world(), call.ctx.now());
    let wanted = call.p.list("VolumeId");
    check_count(&wanted)?;
    let living = |i: &Instance| !i.state(now).is_terminated();
    let there = |id: &String| world.ec2.instances.find(id).is_some_and(|i| i.volume.id == *id && living(i));
    if let Some(bad) = wanted.iter().find(|id| !there(id)) {
        let text = format!("The volume '{bad}' does not exist.");
        return Err(ApiError::bad("InvalidVolume.NotFound", text));
    }
    let keys =
        [("volume-id", str::to_owned as fn(&str) -> String), ("attachment.instance-id", str::to_owned)];
    let found = |first| match wanted.as_slice() {
        [] => filters.candidates(&world.ec2.instances, &keys, first),
        ids => Box::new(world.ec2.instances.with_any_from(ids, first)),
    };
    let items = |first| {
        found(first)
            .filter(|(_, i)| living(i) && (wanted.is_empty() || wanted.contains(&i.volume.id)))
            .map(|(row, i)| (row, element(call, i)))
            .filter(|(_, element)| filters.pass(element))
    };
    paged(call.p, Rows(items), "volumeSet")
}

fn element(call: &Call, i: &Instance) -> Node {
    let attachment = Node::result()
        .leaf("volumeId", &i.volume.id)
        .leaf("instanceId", &i.id)
        .leaf("device", ROOT_DEVICE)
        .leaf("status", "attached")
        .leaf("attachTime", iso(i.launched))
        .leaf("deleteOnTermination", i.volume.delete_on_termination);
    // The account's own key for volumes, as RDS shows the one for databases.
    let key = || call.ctx.arn("kms", "key/00000000-0000-0000-0000-000000000000");
    Node::result()
        .leaf("volumeId", &i.volume.id)
        .leaf("size", i.volume.size)
        .leaf("availabilityZone", &i.zone)
        .leaf("availabilityZoneId", zone_id(&i.zone))
        .leaf("status", "in-use")
        .leaf("createTime", iso(i.launched))
        .list("attachmentSet", "item", [attachment])
        .child(tags::set(&i.volume.tags))
        .leaf("volumeType", &i.volume.kind)
        .opt("iops", i.volume.iops)
        .leaf("encrypted", i.volume.encrypted)
        .opt("kmsKeyId", i.volume.encrypted.then(key))
        .leaf("multiAttachEnabled", false)
        .opt("throughput", i.volume.throughput)
}
