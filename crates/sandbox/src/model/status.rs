//! What a running sandbox tells about itself.

use crate::model::pace::Pace;
use serde::{Deserialize, Serialize};

/// A running sandbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// The server's process id.
    pub pid: u32,
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// How long transitions take.
    pub pace: Pace,
    /// Since it was started.
    pub uptime_seconds: f64,
    /// The engine processes.
    pub engines: Vec<EngineStatus>,
    /// Why security groups are not enforced at the engines' ports; nothing where they are.
    #[serde(default)]
    pub ports_stay_open: Option<String>,
    /// What a user created.
    pub resources: Vec<ResourceStatus>,
}

/// One engine process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineStatus {
    /// `redis`, `valkey`, `mariadb` or `mysql`.
    pub kind: String,
    /// The program's path.
    pub program: String,
    /// As the program tells it.
    pub version: String,
    /// `127.x.y.z:port`.
    pub address: String,
    /// The process id.
    pub pid: u32,
    /// The resource it belongs to, for example a cache cluster id.
    pub resource: String,
}

/// One resource that a user created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceStatus {
    /// For example `ec2:instance` or `elasticache:replicationgroup`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id or name.
    pub id: String,
    /// AWS's word for its state; empty for what has none.
    pub status: String,
}

impl ResourceStatus {
    /// A resource's line.
    pub fn new(kind: impl Into<String>, id: impl Into<String>, status: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into(), status: status.into() }
    }
}
