//! Where something is in its life.

use serde::{Deserialize, Serialize};

/// Where something is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Creating,
    Available,
    Modifying,
    /// It was there, and its engine does not answer yet again.
    Recovering,
    Deleting,
    /// It was not created, or did not come back.
    Failed,
}

impl Status {
    /// AWS's word; services differ in those for what does not answer yet again and for what was not created.
    pub(crate) fn word(self, recovering: &'static str, failed: &'static str) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Modifying => "modifying",
            Self::Recovering => recovering,
            Self::Deleting => "deleting",
            Self::Failed => failed,
        }
    }

    /// Whether it has endpoints, with something behind them or soon again.
    pub(crate) fn is_up(self) -> bool {
        matches!(self, Self::Available | Self::Modifying | Self::Recovering)
    }
}
