//! The running endpoint: its front door, its state, and how it is started, asked and stopped.

pub(crate) mod access;
pub(crate) mod call;
pub(crate) mod client;
pub(crate) mod control;
pub(crate) mod ctx;
pub(crate) mod fault;
pub(crate) mod front;
pub(crate) mod machine;
pub(crate) mod permission;
pub(crate) mod places;
pub(crate) mod reachability;
pub(crate) mod serve;
pub(crate) mod start;
mod store;
