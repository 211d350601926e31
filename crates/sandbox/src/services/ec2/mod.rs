//! EC2: the default network, security groups, instances.

mod call;
mod filter;
mod image;
pub(crate) mod instance;
mod needs;
mod network;
mod params;
mod quota;
mod route;
pub(crate) mod security_group;
pub(crate) mod state;
mod tags;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use image::public_parameter;
pub(crate) use instance::{Instance, lifecycle::is_online};
#[cfg(test)]
pub(crate) use security_group::rule::{Peer, Rule};
pub(crate) use state::Ec2State;
#[cfg(test)]
pub(crate) use {
    quota::{SECURITY_GROUPS, VCPUS},
    state::SecurityGroup,
};

use crate::model::account::part::{Part, nothing};
use crate::{
    model::{error::ApiError, params::Missing},
    protocol::Protocol,
    services::{
        operation::{Needs, Operation},
        service::{Form, Refusals, Service, Wire},
    },
    system::ids,
};
use instance::{attribute, launch, lifecycle, view, volume};
use security_group::{group, rule_calls};

pub(crate) static SERVICE: Service = Service {
    part: Part {
        name: "ec2",
        prefix: "ec2",
        of_aws: true,
        machines: &[("RunInstances", exhausted)],
        quotas: quota::ALL,
        tagged: Some(|world, account, wanted| world.ec2.tagged(account, wanted)),
        resources: |world, now| world.ec2.resources(now),
        // Instances open no ports of their own; security groups and subnets look at them where they are.
        attached: nothing::attached,
        uses: nothing::uses,
        engine_of: nothing::engine_of,
        rewind: |world, before| world.ec2 = before.ec2.clone(),
    },
    wire: Wire::Form(Form {
        protocol: Protocol::Ec2,
        namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
        version: "2016-11-15",
        missing: Missing::Ec2,
        check: params::check,
        names: &[
            ("GroupId", "security-group/"),
            ("GroupId.1", "security-group/"),
            ("InstanceId.1", "instance/"),
            ("InstanceId", "instance/"),
            ("VolumeId.1", "volume/"),
            ("ResourceId.1", ""),
        ],
        regional: true,
    }),
    operations: OPERATIONS,
    refusals: Refusals {
        throttled: ("RequestLimitExceeded", 503, "Request limit exceeded."),
        broken: ("InternalError", 500, "An internal error has occurred"),
        denied,
    },
    resume: |ctx| Box::pin(async move { lifecycle::resume(&ctx) }),
};

const OPERATIONS: &[Operation] = &[
    Operation::call("DescribeVpcs", network::vpcs, Needs::Own),
    Operation::call("DescribeVpcAttribute", network::vpc_attribute, Needs::Form(needs::vpc)),
    Operation::call("DescribeSubnets", network::subnets, Needs::Own),
    Operation::call("DescribeAvailabilityZones", network::zones, Needs::Own),
    Operation::call("DescribeRouteTables", network::route_tables, Needs::Own),
    Operation::call("DescribeInternetGateways", network::gateways, Needs::Own),
    Operation::call("DescribeNetworkInterfaces", network::interfaces, Needs::Own),
    Operation::call("DescribeAccountAttributes", network::account_attributes, Needs::Own),
    Operation::call("CreateDefaultVpc", route::create_default, Needs::Own).making(),
    Operation::call("DeleteVpc", route::delete_vpc, Needs::Own),
    Operation::call("DeleteSubnet", route::delete_subnet, Needs::Own),
    Operation::call("DetachInternetGateway", route::detach, Needs::Own),
    Operation::call("CreateRoute", route::create, Needs::Own).making(),
    Operation::call("DeleteRoute", route::delete, Needs::Own),
    Operation::call("DescribeSecurityGroups", group::describe, Needs::Own),
    Operation::call("CreateSecurityGroup", group::create, Needs::Form(needs::create_group))
        .making()
        .about("security-group/*"),
    Operation::call("DeleteSecurityGroup", group::delete, Needs::Form(needs::group)),
    Operation::call("DescribeSecurityGroupRules", rule_calls::describe, Needs::Own),
    Operation::call(
        "AuthorizeSecurityGroupIngress",
        |call| rule_calls::authorize(call, false),
        Needs::Form(needs::group),
    ),
    Operation::call(
        "AuthorizeSecurityGroupEgress",
        |call| rule_calls::authorize(call, true),
        Needs::Form(needs::group),
    ),
    Operation::call(
        "RevokeSecurityGroupIngress",
        |call| rule_calls::revoke(call, false),
        Needs::Form(needs::group),
    ),
    Operation::call(
        "RevokeSecurityGroupEgress",
        |call| rule_calls::revoke(call, true),
        Needs::Form(needs::group),
    ),
    Operation::call("DescribeInstanceTypeOfferings", types::offerings, Needs::Own),
    Operation::call("DescribeInstanceTypes", types::describe, Needs::Own),
    Operation::call("DescribeImages", image::describe, Needs::Own),
    Operation::call("RunInstances", launch::run, Needs::Form(needs::launch)).making().about("instance/*"),
    Operation::call("DescribeInstances", view::describe, Needs::Own),
    Operation::call("DescribeInstanceStatus", view::status, Needs::Own),
    Operation::call("DescribeInstanceAttribute", attribute::describe, Needs::Form(needs::instance)),
    Operation::call("DescribeInstanceCreditSpecifications", attribute::credits, Needs::Own),
    Operation::call("DescribeVolumes", volume::describe, Needs::Own),
    Operation::call("TerminateInstances", lifecycle::terminate, Needs::Form(needs::instances)),
    Operation::call("CreateTags", tags::create, Needs::Form(needs::tags)),
    Operation::call("DeleteTags", tags::delete, Needs::Form(needs::tags)),
    Operation::call("DescribeTags", tags::describe, Needs::Own),
];

#[allow(clippy::needless_pass_by_value)] // The services' refusals have one shape.
fn denied(denial: String, mutating: bool) -> ApiError {
    let mut text = format!("You are not authorized to perform this operation. {denial}");
    // Only sts:DecodeAuthorizationMessage makes sense of it, on AWS as well.
    if mutating {
        text = format!("{text}. Encoded authorization failure message: {}", ids::secret(160));
    }
    ApiError::new("UnauthorizedOperation", 403, text)
}

fn exhausted(parameter: &dyn Fn(&str) -> Option<String>) -> ApiError {
    let kind = parameter("InstanceType").unwrap_or_else(|| "m1.small".into());
    let text = format!(
        "We currently do not have sufficient {kind} capacity in the Availability Zone you requested (us-east-1a). Our \
         system will be working on provisioning additional capacity. You can currently get {kind} capacity by not \
         specifying an Availability Zone in your request or choosing us-east-1b, us-east-1c."
    );
    ApiError::new("InsufficientInstanceCapacity", 500, text)
}
