//! Instance types: the small burstable ones.

use super::{
    call::{Call, paged},
    filter::Filters,
};
use crate::model::{error::ApiError, node::Node};

/// A type.
pub(super) struct Type {
    pub(super) name: &'static str,
    pub(super) architecture: &'static str,
    pub(super) cpus: u32,
    mebibytes: u32,
}

impl Type {
    /// Whether accounts on the free plan may launch it.
    pub(super) fn free(&self) -> bool {
        matches!(self.name, "t3.micro" | "t3.small" | "t4g.micro" | "t4g.small")
    }
}

const fn of(name: &'static str, architecture: &'static str, cpus: u32, mebibytes: u32) -> Type {
    Type { name, architecture, cpus, mebibytes }
}

/// Sizes from AWS's instance type pages.
pub(super) const ALL: [Type; 8] = [
    of("t3.micro", "x86_64", 2, 1024),
    of("t3.small", "x86_64", 2, 2048),
    of("t3.medium", "x86_64", 2, 4096),
    of("t3.large", "x86_64", 2, 8192),
    of("t4g.micro", "arm64", 2, 1024),
    of("t4g.small", "arm64", 2, 2048),
    of("t4g.medium", "arm64", 2, 4096),
    of("t4g.large", "arm64", 2, 8192),
];

/// Whether a zone has a type. On AWS some zone always lacks some type, and which one differs between accounts; here it
/// is the largest type in the last zone, so that the refusal can be met.
pub(super) fn offered(name: &str, zone: &str) -> bool {
    !(name == "t4g.large" && zone.ends_with('c'))
}

pub(super) fn by_name(name: &str) -> Result<&'static Type, ApiError> {
    ALL.iter().find(|t| t.name == name).ok_or_else(|| {
        ApiError::bad("InvalidParameterValue", format!("Invalid value '{name}' for InstanceType."))
    })
}

pub(super) fn offerings(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeInstanceTypeOfferings")?;
    let world = call.ctx.world();
    let kind = call.p.get("LocationType").unwrap_or("region");
    let zones = || world.ec2.subnets.iter().map(|s| s.zone.clone());
    let locations: Vec<String> = match kind {
        "region" => vec![world.region.clone()],
        "availability-zone" => zones().collect(),
        "availability-zone-id" => (1..=zones().count()).map(|n| format!("use1-az{n}")).collect(),
        other => {
            let text = format!("Value ( {other} ) for parameter locationType is invalid.");
            return Err(ApiError::bad("InvalidParameterValue", text));
        }
    };
    let mut items = Vec::new();
    for location in &locations {
        for t in &ALL {
            let here = match kind {
                "availability-zone" => offered(t.name, location),
                "availability-zone-id" => offered(t.name, if location.ends_with('3') { "c" } else { "a" }),
                _ => true,
            };
            if here {
                items.push(
                    Node::result()
                        .leaf("instanceType", t.name)
                        .leaf("locationType", kind)
                        .leaf("location", location),
                );
            }
        }
    }
    paged(call.p, filters.apply(items), "instanceTypeOfferingSet")
}

pub(super) fn describe(call: &Call) -> Result<Node, ApiError> {
    let filters = Filters::read(call.p, "DescribeInstanceTypes")?;
    let wanted = call.p.list("InstanceType");
    let unknown: Vec<&str> =
        wanted.iter().map(String::as_str).filter(|w| ALL.iter().all(|t| t.name != *w)).collect();
    if !unknown.is_empty() {
        let text = format!("The following supplied instance types do not exist: [{}]", unknown.join(", "));
        return Err(ApiError::bad("InvalidInstanceType", text));
    }
    let items = ALL.iter().filter(|t| wanted.is_empty() || wanted.iter().any(|w| w == t.name)).map(|t| {
        Node::result()
            .leaf("instanceType", t.name)
            .leaf("currentGeneration", true)
            .leaf("freeTierEligible", t.free())
            .leaves("supportedUsageClasses", "item", ["on-demand", "spot"])
            .leaves("supportedRootDeviceTypes", "item", ["ebs"])
            .leaves("supportedVirtualizationTypes", "item", ["hvm"])
            .leaf("bareMetal", false)
            .leaf("hypervisor", "nitro")
            .child(
                Node::new("processorInfo")
                    .leaves("supportedArchitectures", "item", [t.architecture])
                    .leaf("sustainedClockSpeedInGhz", 2.5),
            )
            .child(
                Node::new("vCpuInfo")
                    .leaf("defaultVCpus", t.cpus)
                    .leaf("defaultCores", 1)
                    .leaf("defaultThreadsPerCore", t.cpus),
            )
            .child(Node::new("memoryInfo").leaf("sizeInMiB", t.mebibytes))
            .leaf("instanceStorageSupported", false)
            .leaf("burstablePerformanceSupported", true)
            .leaf("dedicatedHostsSupported", true)
            .leaf("hibernationSupported", true)
    });
    paged(call.p, filters.apply(items), "instanceTypeSet")
}
