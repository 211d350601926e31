//! EC2: the default network, security groups, instances.

mod call;
mod filter;
mod image;
mod instance;
mod network;
mod params;
mod route;
mod security_group;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use call::MOST;
pub(crate) use image::public_parameter;
pub(crate) use instance::{
    Instance,
    lifecycle::{is_online, resume},
};
pub(crate) use security_group::rule::{Peer, Rule};
#[cfg(test)]
pub(crate) use state::SecurityGroup;
pub(crate) use state::{Ec2State, Subnet};

use crate::{
    model::{error::ApiError, params::Params},
    protocol::xml::Element,
    server::{ctx::Ctx, front::unimplemented_query},
};
use call::{Call, dry_run};
use instance::{launch, lifecycle, view};
use security_group::{group, rule_calls};
use std::sync::Arc;

/// Answers one request.
pub(crate) fn handle(ctx: &Arc<Ctx>, action: &str, p: &Params) -> Result<Element, ApiError> {
    let Some(known) = params::known(action) else { return Err(unimplemented_query(action)) };
    params::check(p, known)?;
    let call = Call { ctx, p, dry: p.bool("DryRun")?.unwrap_or(false) };
    let answer = match action {
        "DescribeVpcs" => network::vpcs(&call),
        "DescribeSubnets" => network::subnets(&call),
        "DescribeAvailabilityZones" => network::zones(&call),
        "DescribeRouteTables" => network::route_tables(&call),
        "DescribeInternetGateways" => network::gateways(&call),
        "DescribeNetworkInterfaces" => network::interfaces(&call),
        "DescribeAccountAttributes" => network::account_attributes(&call),
        "CreateDefaultVpc" => route::create_default(&call),
        "DeleteVpc" => route::delete_vpc(&call),
        "DeleteSubnet" => route::delete_subnet(&call),
        "DetachInternetGateway" => route::detach(&call),
        "CreateRoute" => route::create(&call),
        "DeleteRoute" => route::delete(&call),
        "DescribeSecurityGroups" => group::describe(&call),
        "CreateSecurityGroup" => group::create(&call),
        "DeleteSecurityGroup" => group::delete(&call),
        "DescribeSecurityGroupRules" => rule_calls::describe(&call),
        "AuthorizeSecurityGroupIngress" => rule_calls::authorize(&call, false),
        "AuthorizeSecurityGroupEgress" => rule_calls::authorize(&call, true),
        "RevokeSecurityGroupIngress" => rule_calls::revoke(&call, false),
        "RevokeSecurityGroupEgress" => rule_calls::revoke(&call, true),
        "DescribeInstanceTypeOfferings" => types::offerings(&call),
        "DescribeInstanceTypes" => types::describe(&call),
        "DescribeImages" => image::describe(&call),
        "RunInstances" => launch::run(&call),
        "DescribeInstances" => view::describe(&call),
        "DescribeInstanceStatus" => view::status(&call),
        "TerminateInstances" => lifecycle::terminate(&call),
        "CreateTags" => tags::create(&call),
        "DeleteTags" => tags::delete(&call),
        "DescribeTags" => tags::describe(&call),
        other => Err(unimplemented_query(other)),
    }?;
    if call.dry { Err(dry_run()) } else { Ok(answer) }
}
