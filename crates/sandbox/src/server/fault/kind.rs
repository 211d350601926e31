//! What a fault does to a call.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a fault does to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum FaultKind {
    /// The service's throttling error; no effect.
    Throttle,
    /// The service's own failure, HTTP 500; no effect.
    ServerError,
    /// The service's refusal by policy; no effect.
    Refuse,
    /// The service does not know the key, as IAM says to keys that another service manages; no effect.
    UnknownKey,
    /// The service's lack of capacity, told at once; no effect.
    NoCapacity,
    /// The call succeeds and what it creates fails later.
    CreateFailed,
    /// The call is answered as though the newest thing of every service had not been made yet.
    NotYet,
    /// The call takes effect and its connection is closed without an answer.
    Drop,
    /// The call takes effect and its answer comes some seconds later.
    Slow,
    /// The call is held before its effect, until the fault is cleared or the client is gone.
    StallBefore,
    /// The call is held after its effect, until the fault is cleared or the client is gone.
    StallAfter,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [FaultKind; 11] = [
        FaultKind::Throttle,
        FaultKind::ServerError,
        FaultKind::Refuse,
        FaultKind::UnknownKey,
        FaultKind::NoCapacity,
        FaultKind::CreateFailed,
        FaultKind::NotYet,
        FaultKind::Drop,
        FaultKind::Slow,
        FaultKind::StallBefore,
        FaultKind::StallAfter,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Throttle => "throttle",
            FaultKind::ServerError => "server-error",
            FaultKind::Refuse => "refuse",
            FaultKind::UnknownKey => "unknown-key",
            FaultKind::NoCapacity => "no-capacity",
            FaultKind::CreateFailed => "create-failed",
            FaultKind::NotYet => "not-yet",
            FaultKind::Drop => "drop",
            FaultKind::Slow => "slow",
            FaultKind::StallBefore => "stall-before",
            FaultKind::StallAfter => "stall-after",
        }
    }

    /// Whether it is about what a call does, and therefore not for a dry run of it.
    pub(crate) fn is_of_effects(self) -> bool {
        self.is_of_creates()
            || matches!(self, FaultKind::Drop | FaultKind::StallBefore | FaultKind::StallAfter)
    }

    /// Whether only calls that need machines can meet it.
    pub(crate) fn is_of_creates(self) -> bool {
        matches!(self, FaultKind::NoCapacity | FaultKind::CreateFailed)
    }
}

/// A kind of fault that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of fault is called `{0}`; there are {all}", all = FaultKind::ALL.map(FaultKind::name).join(", "))]
pub struct FaultKindError(String);

impl FromStr for FaultKind {
    type Err = FaultKindError;

    fn from_str(text: &str) -> Result<Self, FaultKindError> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| FaultKindError(text.to_owned()))
    }
}

impl TryFrom<String> for FaultKind {
    type Error = FaultKindError;

    fn try_from(text: String) -> Result<Self, FaultKindError> {
        text.parse()
    }
}

impl From<FaultKind> for String {
    fn from(kind: FaultKind) -> String {
        kind.name().to_owned()
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fault_kinds_are_told_the_list() {
        for kind in FaultKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        let error = "stall".parse::<FaultKind>().unwrap_err().to_string();
        assert!(error.starts_with("no kind of fault is called `stall`; there are throttle,"), "{error}");
    }
}
