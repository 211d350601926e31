//! What can go wrong, in three sentences: what happened, what it means, what to do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The class of a failure; each has an exit status of its own, which scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FailureKind {
    /// The command line or the configuration is wrong.
    #[serde(rename = "usage")]
    Usage,
    /// Redis does not answer.
    #[serde(rename = "redis-unreachable")]
    Redis,
    /// MySQL does not answer.
    #[serde(rename = "mysql-unreachable")]
    Mysql,
    /// An engine answers, but refuses the password, or its certificate is not trusted.
    #[serde(rename = "credentials-or-tls")]
    Credentials,
    /// The engines are there, but the measurement could not be finished.
    #[serde(rename = "measurement-failed")]
    Measurement,
}

impl FailureKind {
    /// The exit status.
    pub fn exit(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Redis => 3,
            Self::Mysql => 4,
            Self::Credentials => 5,
            Self::Measurement => 6,
        }
    }
}

/// A failure that a person reads. It never carries a password: it is built from host names, server messages and
/// our own words only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// Decides the exit status.
    pub kind: FailureKind,
    /// What happened.
    pub what: String,
    /// What it means; empty where the first sentence says it all.
    #[serde(default)]
    pub means: String,
    /// What to do next.
    #[serde(default)]
    pub hint: String,
}

impl Failure {
    /// Builds a failure from its three sentences.
    pub fn new(
        kind: FailureKind,
        what: impl Into<String>,
        means: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { kind, what: what.into(), means: means.into(), hint: hint.into() }
    }

    /// A mistake on the command line or in the configuration.
    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, what, "", hint)
    }

    /// A measurement that could not be finished.
    pub fn measurement(what: impl Into<String>, means: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(FailureKind::Measurement, what, means, hint)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        for line in [&self.means, &self.hint] {
            if !line.is_empty() {
                write!(f, "\n  {line}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// What requests failed with, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// What happened.
    pub what: String,
    /// How often.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_statuses_are_distinct() {
        use FailureKind::{Credentials, Measurement, Mysql, Redis, Usage};
        let exits = [Usage, Redis, Mysql, Credentials, Measurement].map(FailureKind::exit);
        assert_eq!(exits, [2, 3, 4, 5, 6]);
    }

    #[test]
    fn empty_sentences_leave_no_blank_line() {
        assert_eq!(Failure::usage("a", "b").to_string(), "a\n  b");
    }
}
