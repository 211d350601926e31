//! What IAM holds.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything of IAM.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IamState {
    /// Services whose service-linked role exists, for example `rds.amazonaws.com`.
    pub service_linked: BTreeSet<String>,
}
