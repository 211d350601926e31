//! A loopback AWS-compatible endpoint with real Redis and MySQL engines behind it.
//!
//! [`serve()`] runs the endpoint in this process, [`ensure_running`] starts it in another one; both meet in a
//! directory that holds the whole state.

pub mod engines;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod model;
mod protocol;
mod server;
mod services;
#[cfg(test)]
mod strict;
mod system;

pub use engines::{Preference, ports_hindrance};
pub use model::{
    error::SandboxError,
    hindrance::Hindrance,
    pace::Pace,
    status::{EngineStatus, ResourceStatus, Status},
};
pub use server::{
    access::Access,
    call::{CallRecord, Permitted},
    control::{add_fault, calls, clear_faults, faults, kill_engine, reset, running, status, stop},
    ctx::Departure,
    fault::{Fault, FaultKind, FaultKindError, FaultStatus, SLOW_SECONDS},
    machine::{check_machine, hindrances, raise_open_files},
    serve::{ServeOptions, serve},
    start::{ensure_running, tell_starter},
};
pub use system::listener::listener_is_ours;
