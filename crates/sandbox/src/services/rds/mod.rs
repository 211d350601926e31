//! RDS: its control plane, with a real database behind it.

mod catalog;
mod create;
mod filter;
mod instance;
mod life;
mod needs;
mod quota;
pub(crate) mod state;
mod subnet_group;
mod tagging;
#[cfg(test)]
mod tests;
mod view;

#[cfg(test)]
use state::State;

use crate::model::account::part::{Part, nothing};
use crate::{
    model::{
        error::ApiError,
        node::Node,
        params::{Missing, Params},
    },
    protocol::Protocol,
    server::ctx::Ctx,
    services::{
        operation::{Needs, Operation},
        service::{BROKEN, Form, Refusals, Service, Wire, denied_query},
        shared::name::bad_combination,
    },
};
use std::sync::Arc;

pub(crate) static SERVICE: Service = Service {
    part: Part {
        name: "rds",
        prefix: "rds",
        of_aws: true,
        machines: &[("CreateDBInstance", exhausted)],
        quotas: quota::ALL,
        tagged: Some(|world, _, wanted| world.rds.tagged(wanted)),
        resources: |world, _| world.rds.resources(),
        attached: |world| world.rds.attached(),
        uses: |world, what| world.rds.uses(what),
        engine_of: nothing::engine_of,
        rewind: |world, before| world.rds = before.rds.clone(),
    },
    wire: Wire::Form(Form {
        protocol: Protocol::Query,
        namespace: "http://rds.amazonaws.com/doc/2014-10-31/",
        version: "2014-10-31",
        missing: Missing::Blank,
        check: |_, _| Ok(()),
        names: &[("DBInstanceIdentifier", "db:"), ("DBSubnetGroupName", "subgrp:")],
        regional: true,
    }),
    operations: OPERATIONS,
    refusals: Refusals {
        throttled: ("Throttling", 400, "Rate exceeded"),
        broken: ("InternalFailure", 500, BROKEN),
        denied: denied_query,
    },
    resume: life::resume,
};

/// What looks at resources needs its own action alone; all others name them.
const OWN: Needs = Needs::Own;
const NAMED: Needs = Needs::Form(needs::named);

const OPERATIONS: &[Operation] = &[
    Operation::form("CreateDBSubnetGroup", subnet_group::create, Needs::Form(needs::create_subnet_group))
        .making()
        .linked(unlinked_subnet_group),
    Operation::form("DescribeDBSubnetGroups", subnet_group::describe, OWN),
    Operation::form("DeleteDBSubnetGroup", subnet_group::delete, NAMED),
    Operation::form("CreateDBInstance", create::create, Needs::Form(needs::create_instance))
        .making()
        .linked(unlinked_instance),
    Operation::form("DescribeDBInstances", instance::describe, OWN),
    Operation::later(
        "ModifyDBInstance",
        |ctx, p| Box::pin(async move { instance::modify(&ctx, &p).await }),
        NAMED,
    ),
    Operation::form("DeleteDBInstance", instance::delete, NAMED),
    Operation::form("DescribeDBEngineVersions", |_, p| catalog::versions(p), OWN),
    Operation::form("DescribeOrderableDBInstanceOptions", catalog::orderable, OWN),
    Operation::form("DescribeCertificates", catalog::certificates, OWN),
    Operation::form("DescribeEvents", events, OWN),
    Operation::form("ListTagsForResource", tagging::list, NAMED),
    Operation::form("AddTagsToResource", tagging::add, NAMED),
    Operation::form("RemoveTagsFromResource", tagging::remove, NAMED),
];

fn events(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    filter::Filters::none(p)?;
    let given = |name: &str| p.get(name).is_some_and(|value| !value.is_empty());
    if given("SourceIdentifier") && !given("SourceType") {
        return Err(bad_combination("SourceType must be supplied together with SourceIdentifier."));
    }
    ctx.read(|world| world.rds.events.describe(p, ctx.now(), true))
}

/// The service model's own words; no answer of AWS was seen.
fn exhausted(_: &dyn Fn(&str) -> Option<String>) -> ApiError {
    ApiError::bad(
        "InsufficientDBInstanceCapacity",
        "The specified DB instance class isn't available in the specified Availability Zone.",
    )
}

fn unlinked_instance() -> ApiError {
    ApiError::bad(
        "InvalidParameterValue",
        "Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait \
         and try again later",
    )
}

fn unlinked_subnet_group() -> ApiError {
    ApiError::bad(
        "InvalidParameterValue",
        "Missing necessary credentials. Please check \
         http://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html",
    )
}

/// Fills the state to AWS's quotas from the first thing of each kind.
#[cfg(test)]
pub(crate) fn fill_for_tests(state: &mut State) {
    let (subnets, instance) = (state.subnet_groups[0].clone(), state.instances[0].clone());
    let named = |at: usize| format!("many-{at}");
    state.instances = (0..40).map(|at| state::Instance { id: named(at), ..instance.clone() }).collect();
    let group =
        |at| crate::services::shared::subnet_group::SubnetGroup { name: named(at), ..subnets.clone() };
    state.subnet_groups = (0..50).map(group).collect();
}
