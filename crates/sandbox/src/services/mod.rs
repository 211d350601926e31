//! The services of AWS that the sandbox has.

pub(crate) mod ec2;
pub(crate) mod elasticache;
pub(crate) mod free_tier;
pub(crate) mod iam;
pub(crate) mod rds;
pub(crate) mod secrets_manager;
pub(crate) mod service;
pub(crate) mod service_quotas;
mod shared;
pub(crate) mod ssm;
pub(crate) mod sts;
pub(crate) mod tagging;
