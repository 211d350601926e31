//! Who we are and where.

use serde::{Deserialize, Serialize};

/// Who we are and where: what a session is pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Account number.
    pub account: String,
    /// Region.
    pub region: String,
    /// Endpoint URL, where it is not AWS's own.
    pub endpoint: Option<String>,
}
