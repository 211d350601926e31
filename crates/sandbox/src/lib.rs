//! A loopback AWS-compatible endpoint with real Redis and MySQL engines behind it.
//!
//! Codecs ([`wire`], [`front`]) know nothing of resources, resources know nothing of XML or JSON envelopes.
//! [`serve()`] runs the endpoint in this process, [`ensure_running`] starts it in another one; both meet in a
//! directory that holds the whole state.

mod access;
mod arn;
mod call;
mod client;
mod control;
mod ctx;
pub mod ec2;
pub mod elasticache;
pub mod engines;
mod error;
mod fault;
mod free_tier;
mod front;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod iam;
mod ids;
mod listener;
mod pace;
mod page;
mod permission;
mod private;
pub mod rds;
mod reach;
mod secrets_manager;
mod serve;
mod service_quotas;
mod shared;
mod socket;
pub mod ssm;
mod start;
mod status;
#[cfg(test)]
mod strict;
mod sts;
mod tag;
mod tagging;
mod wire;
mod world;

pub use access::Access;
pub use call::{CallRecord, Permitted};
pub use control::{add_fault, calls, clear_faults, faults, kill_engine, reset, running, status, stop};
pub use ctx::{Ctx, Departure};
pub use engines::{Preference, ports_hindrance};
pub use error::{ApiError, SandboxError};
pub use fault::{Fault, FaultKind, FaultKindError, FaultStatus, SLOW_SECONDS};
pub use listener::listener_is_ours;
pub use pace::Pace;
pub use serve::{ServeOptions, serve};
pub use start::ensure_running;
pub use status::{EngineStatus, ResourceStatus, Status};
pub use tag::Tag;
pub use wire::{Element, Missing, Params};
pub use world::World;
