//! Replication groups: what is done with them, and their lives.

pub(crate) mod create;
pub(crate) mod describe;
pub(crate) mod failover;
pub(crate) mod life;
pub(crate) mod modify;
mod note;
mod view;
