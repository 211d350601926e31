//! Cache-aside as an application could take it over: get-or-load with single-flight, jitter, negative caching and a
//! stated behaviour when the cache is down.

pub mod answer;
pub mod aside;
pub mod breaker;
pub mod counters;
pub mod entry;
pub mod local;
pub(crate) mod lookups;
pub(crate) mod pending_removals;
pub mod policy;
pub(crate) mod removal;
pub mod single_flight;
