//! Faults on demand, for tests and for lessons: calls that are refused, fail, hang or lose their answer.
//!
//! They are kept in memory only: a sandbox that starts again has none.

mod kind;
mod refusal;
mod registry;
mod stale_world;
mod target;
#[cfg(test)]
mod tests;

pub use kind::{FaultKind, FaultKindError};
pub(crate) use refusal::refusal;
pub(crate) use registry::{Faults, Hit};
pub(crate) use stale_world::StaleWorlds;
pub(crate) use target::is_mutating;

use serde::{Deserialize, Serialize};

/// How long a `slow` call waits, in seconds, unless it is told.
pub const SLOW_SECONDS: f64 = 3.0;

/// The longest that a `slow` call may wait, in seconds.
const SLOWEST: f64 = 3600.0;

/// A fault to be put on calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Which calls: an operation such as `CreateReplicationGroup` or `elasticache:CreateReplicationGroup`,
    /// `elasticache:*`, `*` for every call that changes something, or `read:*`.
    pub operation: String,
    /// What it does.
    pub kind: FaultKind,
    /// How many calls it hits.
    pub times: u32,
    /// How many calls pass before the first that is hit.
    pub after_calls: u32,
    /// How long a `slow` call waits, in seconds.
    pub seconds: f64,
}

impl Fault {
    /// A fault that hits the next call once.
    pub fn new(operation: impl Into<String>, kind: FaultKind) -> Self {
        Self { operation: operation.into(), kind, times: 1, after_calls: 0, seconds: SLOW_SECONDS }
    }
}

/// A fault and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultStatus {
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many calls it has hit. A call of `stall-after` counts once its effect is there and it is held.
    pub hits: u32,
    /// How many calls it holds now; a call leaves when its client does.
    pub held: u32,
}

tokio::task_local! {
    /// Set while a call runs whose creation is to fail later.
    static DOOMED: bool;
}

/// Whether what the present call creates is to fail later.
pub(crate) fn is_doomed() -> bool {
    DOOMED.try_with(|doomed| *doomed).unwrap_or(false)
}

/// Runs a call whose creation is to fail later.
pub(crate) async fn doom<T>(effect: impl Future<Output = T>) -> T {
    DOOMED.scope(true, effect).await
}
