//! A session: found or rebuilt, opened under its lock and lease, walked and cleaned up.

pub(crate) mod account;
pub(crate) mod batch;
pub(crate) mod consent;
pub(crate) mod context;
pub(crate) mod drift_prompt;
pub(crate) mod dry_run;
pub(crate) mod engines;
pub(crate) mod find;
pub(crate) mod lease;
pub(crate) mod open;
pub(crate) mod parameters;
pub(crate) mod place;
pub(crate) mod rebuild;
pub(crate) mod runner;
mod targets;
mod words;

/// The name of this machine, for the lock's holder.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
