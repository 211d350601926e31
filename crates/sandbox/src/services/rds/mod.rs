//! RDS: its control plane, with a real database behind it.

mod catalog;
mod create;
mod filter;
mod instance;
mod life;
mod state;
mod subnet_group;
mod tagging;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use state::State;

use std::sync::Arc;

use crate::model::error::ApiError;
use crate::server::ctx::Ctx;
use crate::services::shared::name::bad_combination;
use crate::{model::params::Params, protocol::xml::Element};

/// Answers one request.
pub(crate) async fn handle(ctx: &Arc<Ctx>, action: &str, p: &Params) -> Result<Element, ApiError> {
    match action {
        "CreateDBSubnetGroup" => subnet_group::create(ctx, p),
        "DescribeDBSubnetGroups" => subnet_group::describe(ctx, p),
        "DeleteDBSubnetGroup" => subnet_group::delete(ctx, p),
        "CreateDBInstance" => create::create(ctx, p),
        "DescribeDBInstances" => instance::describe(ctx, p),
        "ModifyDBInstance" => instance::modify(ctx, p).await,
        "DeleteDBInstance" => instance::delete(ctx, p),
        "DescribeDBEngineVersions" => catalog::versions(p),
        "DescribeOrderableDBInstanceOptions" => catalog::orderable(ctx, p),
        "DescribeCertificates" => catalog::certificates(ctx, p),
        "DescribeEvents" => {
            filter::Filters::none(p)?;
            let given = |name: &str| p.get(name).is_some_and(|value| !value.is_empty());
            if given("SourceIdentifier") && !given("SourceType") {
                return Err(bad_combination("SourceType must be supplied together with SourceIdentifier."));
            }
            ctx.read(|world| world.rds.events.describe(p, ctx.now(), true))
        }
        "ListTagsForResource" => tagging::list(ctx, p),
        "AddTagsToResource" => tagging::add(ctx, p),
        "RemoveTagsFromResource" => tagging::remove(ctx, p),
        _ => Err(crate::server::front::unimplemented_query(action)),
    }
}

/// Fills the state to AWS's quotas from the first thing of each kind.
#[cfg(test)]
pub(crate) fn fill_for_tests(state: &mut State) {
    let (subnets, instance) = (state.subnet_groups[0].clone(), state.instances[0].clone());
    state.instances =
        (0..40).map(|at| state::Instance { id: format!("many-{at}"), ..instance.clone() }).collect();
    state.subnet_groups = (0..50)
        .map(|at| crate::services::shared::subnet_group::SubnetGroup {
            name: format!("many-{at}"),
            ..subnets.clone()
        })
        .collect();
}

/// Restarts engines and half-finished transitions after the world was loaded.
pub(crate) async fn resume(ctx: &Arc<Ctx>) {
    life::resume(ctx).await;
}
