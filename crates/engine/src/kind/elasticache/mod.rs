//! The kinds of ElastiCache.

mod cache_parameter_group;
mod cache_parameters;
mod cache_subnet_group;
mod parameters;
mod replication_group;
mod setting;
mod temporary_cache_parameters;

pub use cache_parameter_group::CacheParameterGroup;
pub use cache_parameters::CacheParameters;
pub use cache_subnet_group::CacheSubnetGroup;
pub use parameters::listed;
pub use replication_group::ReplicationGroup;
pub use temporary_cache_parameters::TemporaryCacheParameters;
