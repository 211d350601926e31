//! What SSM holds.

use serde::{Deserialize, Serialize};

/// Everything of SSM.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SsmState {}
