//! The kinds of RDS.

mod db_instance;
mod db_subnet_group;

pub use db_instance::DbInstance;
pub use db_subnet_group::DbSubnetGroup;
