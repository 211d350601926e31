//! Break-it labs: something is broken on purpose, by a real call; the person sees the real error and mends it.

use serde::Deserialize;

/// The name of what a lab makes beside the walk, and takes away again.
pub(crate) const SPARE: &str = "lab";

/// A lab.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// Id, as it is typed.
    pub id: String,
    /// Title.
    pub title: String,
    /// What is broken.
    pub fault: Fault,
    /// What somebody has done, and what to find out.
    pub story: String,
    /// What to take from it.
    pub lesson: String,
}

/// What can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The rule that lets the application in to the database is revoked.
    ClosedPort,
    /// A parameter group is asked for in a family that there is not.
    WrongFamily,
    /// A replication group is asked for with automatic failover and nobody to fail over to.
    NoReplica,
    /// Nearly all of the cache's memory is reserved.
    LittleMemory,
}

impl Fault {
    /// The recorded action that it concerns.
    pub fn concerns(self) -> &'static str {
        match self {
            Self::ClosedPort => "db-rule",
            Self::WrongFamily => "cache-parameters",
            Self::NoReplica => "cache",
            Self::LittleMemory => "cache-policy",
        }
    }
}
