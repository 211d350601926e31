//! Calls that change something that was made, and leave nothing behind that would have to be undone.

use super::family::family;
use crate::cli_line::Line;
use crate::kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

family! {
    /// One such call.
    Act of kind {
        FailOver "fail-over",
    }
}

/// The promotion of a replication group's replica, as a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailOver {
    /// Replication group id.
    pub group: String,
}

impl Act {
    /// The AWS CLI's command for it.
    pub fn line(&self) -> Line {
        match self {
            Self::FailOver(FailOver { group }) => Line::new("elasticache", "test-failover")
                .arg("replication-group-id", group)
                .arg("node-group-id", "0001"),
        }
    }
}
