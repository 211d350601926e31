//! The services of the sandbox. A new one is its folder, its module here and its line in [`ALL`]; where it keeps
//! something, [`World`](crate::model::account::world::World) has a field for it.

pub(crate) mod control;
pub(crate) mod ec2;
pub(crate) mod elasticache;
mod free_tier;
pub(crate) mod iam;
pub(crate) mod operation;
pub(crate) mod rds;
mod secrets_manager;
pub(crate) mod service;
mod service_quotas;
pub(crate) mod shared;
pub(crate) mod ssm;
mod sts;
mod tagging;
#[cfg(test)]
pub(crate) mod tests;

use service::Services;

/// Every service.
pub(crate) const ALL: Services = Services(&[
    &ec2::SERVICE,
    &elasticache::SERVICE,
    &rds::SERVICE,
    &iam::SERVICE,
    &sts::SERVICE,
    &ssm::SERVICE,
    &tagging::SERVICE,
    &secrets_manager::SERVICE,
    &service_quotas::SERVICE,
    &free_tier::SERVICE,
    &control::SERVICE,
]);
