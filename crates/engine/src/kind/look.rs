//! What can be looked up in an account before anything is made.

use super::family::family;
use crate::kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

family! {
    /// One look-up.
    Look of kind {
        DefaultNetwork "default-network",
        MachineImage "machine-image",
        CacheEngineVersion "cache-engine-version",
        DbEngineVersion "db-engine-version",
        PermissionsBoundary "permissions-boundary",
    }
}

/// The default VPC, with one public subnet for each zone that offers an instance type; two zones at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultNetwork {
    /// The instance type that the zones must offer.
    pub instance_type: String,
}

/// The newest Amazon Linux 2023 image for an instance type's processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineImage {
    /// The instance type.
    pub instance_type: String,
}

/// The newest version of an ElastiCache engine, and its parameter group family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheEngineVersion {
    /// `redis` or `valkey`.
    pub engine: String,
}

/// The exact version of an RDS engine, once it is sure that a class is offered with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DbEngineVersion {
    /// `mysql`
    pub engine: String,
    /// The version that is asked for: `8.4`.
    pub version: String,
    /// The instance class.
    pub class: String,
}

/// The policy that bounds what a role may ever do, where the account has it; else an empty fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermissionsBoundary {
    /// The policy's ARN.
    pub policy: String,
}

impl Look {
    /// The facts that it finds, with what a person calls them; nothing for facts that only requests need.
    pub fn facts(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::DefaultNetwork(_) => &[
                ("vpc", "VPC"),
                ("vpc_cidr", ""),
                ("subnets", "Subnets"),
                ("first_subnet", ""),
                ("zones", "Zones"),
            ],
            Self::MachineImage(_) => &[("image", "Machine image")],
            Self::CacheEngineVersion(_) => &[("cache_version", "Cache version"), ("cache_family", "")],
            Self::DbEngineVersion(_) => &[("db_version", "Database version")],
            Self::PermissionsBoundary(_) => &[("boundary", "Permissions boundary")],
        }
    }
}
