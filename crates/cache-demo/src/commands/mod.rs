//! The measurements, one file a command.

pub mod check;
pub mod compare;
pub mod eviction;
pub mod failover;
pub mod fill_memory;
pub(crate) mod interleave;
pub mod invalidation;
pub mod load;
pub mod load_data;
pub mod patterns;
pub mod stampede;
pub mod ttl_sweep;
pub mod warming;
pub mod write_through;
