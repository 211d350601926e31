//! The lines that the demo prints with `--json`.

use crate::failure::{Failure, FailureKind};
use crate::result::Measurement;
use serde::{Deserialize, Serialize};

/// One line of the output of `cache-demo --json`. Fields may be added in later versions; none changes its meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line {
    /// How far a measurement is.
    Progress(Progress),
    // It is boxed because it is far larger than the other two; the schema need not say so.
    /// What was measured.
    Result(Box<Outcome>),
    /// Why nothing was measured.
    Error(Refusal),
}

/// How far a measurement is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// What it is at.
    pub stage: String,
    /// How much of the stage is done.
    pub done: u64,
    /// Of how much.
    pub total: u64,
    /// What is counted, or what there is to say.
    pub message: String,
    /// What it waits for from outside, by a name that a recipe knows: `ready`, `waiting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// A result, as it is printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// What was measured.
    #[serde(flatten)]
    pub measurement: Measurement,
    /// Whether a signal ended it early.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
}

/// A failure, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// Its class.
    pub kind: FailureKind,
    /// The exit status.
    pub exit: u8,
    /// What happened.
    pub what: String,
    /// What it means; empty where the first sentence says it all.
    pub means: String,
    /// What to do next.
    pub hint: String,
}

impl From<&Failure> for Refusal {
    fn from(failure: &Failure) -> Self {
        let Failure { kind, what, means, hint } = failure.clone();
        Self { kind, exit: kind.exit(), what, means, hint }
    }
}
