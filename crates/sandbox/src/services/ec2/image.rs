//! Machine images: Amazon Linux 2023, the only ones that the sandbox can pretend to boot.

use super::{
    call::{Call, paged, well_formed},
    filter::Filters,
};
use crate::model::{error::ApiError, node::Node};

/// An image.
pub(super) struct Image {
    pub(super) id: &'static str,
    name: &'static str,
    pub(super) architecture: &'static str,
    /// The last part of its public SSM parameter.
    parameter: &'static str,
}

const PREFIX: &str = "/aws/service/ami-amazon-linux-latest/";
const CREATED: &str = "2026-10-12T18:22:41.000Z";
/// Amazon's account for Amazon Linux.
const OWNER: &str = "137112412989";
/// GiB of the root volume that the images ask for.
pub(super) const ROOT_SIZE: i64 = 8;
pub(super) const ROOT_DEVICE: &str = "/dev/xvda";

pub(super) const ALL: [Image; 4] = [
    Image {
        id: "ami-0c2a6f4e8d10b3951",
        name: "al2023-ami-2023.9.20261012.0-kernel-6.1-x86_64",
        architecture: "x86_64",
        parameter: "al2023-ami-kernel-default-x86_64",
    },
    Image {
        id: "ami-0d5e91b7a3c84f260",
        name: "al2023-ami-2023.9.20261012.0-kernel-6.1-arm64",
        architecture: "arm64",
        parameter: "al2023-ami-kernel-default-arm64",
    },
    Image {
        id: "ami-03f7b21c9ae6805d4",
        name: "al2023-ami-minimal-2023.9.20261012.0-kernel-6.1-x86_64",
        architecture: "x86_64",
        parameter: "al2023-ami-minimal-kernel-default-x86_64",
    },
    Image {
        id: "ami-08b4d6e0f17c3a925",
        name: "al2023-ami-minimal-2023.9.20261012.0-kernel-6.1-arm64",
        architecture: "arm64",
        parameter: "al2023-ami-minimal-kernel-default-arm64",
    },
];

/// The public SSM parameters: names and values.
pub(crate) fn public_parameter(name: &str) -> Option<&'static str> {
    let last = name.strip_prefix(PREFIX)?;
    ALL.iter().find(|i| i.parameter == last).map(|i| i.id)
}

pub(super) fn by_ids(ids: &[String]) -> Result<Vec<&'static Image>, ApiError> {
    if let Some(bad) = ids.iter().find(|id| !well_formed(id, "ami")) {
        let text = format!("Invalid id: \"{bad}\" (expecting \"ami-...\")");
        return Err(ApiError::bad("InvalidAMIID.Malformed", text));
    }
    let missing: Vec<&str> =
        ids.iter().map(String::as_str).filter(|id| ALL.iter().all(|i| i.id != *id)).collect();
    match missing.as_slice() {
        [] => Ok(ALL.iter().filter(|i| ids.iter().any(|id| id == i.id)).collect()),
        [id] => Err(ApiError::bad("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist"))),
        all => Err(ApiError::bad(
            "InvalidAMIID.NotFound",
            format!("The image ids '[{}]' do not exist", all.join(", ")),
        )),
    }
}

pub(super) fn describe(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeImages")?;
    let (ids, owners) = (call.p.list("ImageId"), call.p.list("Owner"));
    let images = if ids.is_empty() { ALL.iter().collect() } else { by_ids(&ids)? };
    let items = images
        .into_iter()
        .filter(|_| owners.is_empty() || owners.iter().any(|o| o == "amazon" || o == OWNER))
        .map(|i| {
            let root = Node::result().leaf("deviceName", ROOT_DEVICE).child(
                Node::new("ebs")
                    .leaf("deleteOnTermination", true)
                    .leaf("volumeSize", ROOT_SIZE)
                    .leaf("volumeType", "gp3")
                    .leaf("encrypted", false),
            );
            Node::result()
                .leaf("imageId", i.id)
                .leaf("imageLocation", format!("amazon/{}", i.name))
                .leaf("imageState", "available")
                .leaf("imageOwnerId", OWNER)
                .leaf("creationDate", CREATED)
                .leaf("isPublic", true)
                .leaf("architecture", i.architecture)
                .leaf("imageType", "machine")
                .leaf("imageOwnerAlias", "amazon")
                .leaf("name", i.name)
                .leaf("description", format!("Amazon Linux 2023 AMI ({})", i.architecture))
                .leaf("rootDeviceType", "ebs")
                .leaf("rootDeviceName", ROOT_DEVICE)
                .list("blockDeviceMapping", "item", [root])
                .leaf("virtualizationType", "hvm")
                .leaf("hypervisor", "xen")
                .leaf("enaSupport", true)
                .leaf("imdsSupport", "v2.0")
                .leaf("platformDetails", "Linux/UNIX")
        });
    paged(call.p, filters.apply(items), "imagesSet")
}
