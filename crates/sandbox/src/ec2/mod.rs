//! EC2: the default network, security groups, instances.

mod filter;
mod group;
mod image;
mod instance;
mod instance_view;
mod launch;
mod network;
mod params;
mod placement;
mod route;
mod rule;
mod rule_calls;
mod rule_request;
mod rule_view;
mod settings;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use image::public_parameter;
pub(crate) use instance::resume;
pub use instance::{Instance, InstanceState};
pub use rule::{Peer, Rule};
pub use state::{Ec2State, SecurityGroup, Subnet, Vpc};

use crate::{
    ctx::Ctx,
    error::ApiError,
    front::unimplemented_query,
    wire::{Element, Params},
    world::World,
};
use std::sync::Arc;

/// Ids that one request may have ("Constraints: Up to 1000", service model).
pub(crate) const MOST: usize = 1000;

/// One call: what every operation here is given.
struct Call<'a> {
    ctx: &'a Arc<Ctx>,
    p: &'a Params,
    dry: bool,
}

impl Call<'_> {
    /// Changes the world, unless this is a dry run: then everything is checked and nothing kept.
    fn change<T>(&self, f: impl FnOnce(&mut World) -> Result<T, ApiError>) -> Result<T, ApiError> {
        self.ctx.change(|world| {
            let out = f(world)?;
            if self.dry { Err(dry_run()) } else { Ok(out) }
        })
    }
}

fn dry_run() -> ApiError {
    ApiError::new("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.")
}

/// Answers one request.
pub fn handle(ctx: &Arc<Ctx>, action: &str, p: &Params) -> Result<Element, ApiError> {
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
        "DescribeInstances" => instance_view::describe(&call),
        "DescribeInstanceStatus" => instance_view::status(&call),
        "TerminateInstances" => instance::terminate(&call),
        "CreateTags" => tags::create(&call),
        "DeleteTags" => tags::delete(&call),
        "DescribeTags" => tags::describe(&call),
        other => Err(unimplemented_query(other)),
    }?;
    if call.dry { Err(dry_run()) } else { Ok(answer) }
}

fn iso(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Refuses a request that names too much. AWS's words are not known.
fn check_count(ids: &[String]) -> Result<(), ApiError> {
    if ids.len() <= MOST {
        return Ok(());
    }
    Err(ApiError::bad("InvalidParameterValue", format!("At most {MOST} ids may be given in one request.")))
}

/// A page of a described list, with its `nextToken`.
fn paged(p: &Params, items: Vec<Element>, list: &'static str) -> Result<Element, ApiError> {
    let max = match p.int("MaxResults")? {
        None => usize::MAX / 2,
        Some(n @ 5..=1000) => n as usize,
        Some(n) => {
            let text = format!(
                "Value ( {n} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
            );
            return Err(ApiError::bad("InvalidParameterValue", text));
        }
    };
    let (items, next) = crate::page::page(items, p.get("NextToken"), max)
        .ok_or_else(|| ApiError::bad("InvalidNextToken", "The specified NextToken is not valid."))?;
    Ok(Element::result().list(list, "item", items).opt("nextToken", next))
}

/// Whether an id has AWS's form: the prefix and 8 or 17 hexadecimal digits.
/// AWS's ids carry a checksum, so that invented ones are malformed; those that its documentation invents are known.
fn well_formed(id: &str, prefix: &str) -> bool {
    const INVENTED: [&str; 2] = ["-0abcdef1234567890", "-1234567890abcdef0"];
    !INVENTED.iter().any(|invented| id.ends_with(invented))
        && id.strip_prefix(prefix).and_then(|r| r.strip_prefix('-')).is_some_and(|hex| {
            matches!(hex.len(), 8 | 17)
                && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
}
