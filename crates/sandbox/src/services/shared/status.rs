//! Where something is in its life.

use serde::{Deserialize, Serialize};

/// Where something is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Creating,
    Available,
    Modifying,
    Deleting,
    /// It was not created.
    Failed,
}

impl Status {
    /// AWS's word; services differ in the one for what was not created.
    pub(crate) fn word(self, failed: &'static str) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Modifying => "modifying",
            Self::Deleting => "deleting",
            Self::Failed => failed,
        }
    }

    /// Whether something answers at its endpoints.
    pub(crate) fn is_up(self) -> bool {
        matches!(self, Self::Available | Self::Modifying)
    }
}
