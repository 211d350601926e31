//! The kinds of RDS.

mod db_instance;
mod db_subnet_group;

/// The role that RDS makes for itself where there is none.
const SERVICE_ROLE: &str = "AWSServiceRoleForRDS";

pub use db_instance::DbInstance;
pub use db_subnet_group::DbSubnetGroup;
