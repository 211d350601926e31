//! What can go wrong, in three sentences: what happened, what it means, what to do.

use std::fmt;

/// The class of a failure; each has an exit status of its own, which scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line or the configuration is wrong.
    Usage,
    /// Redis does not answer.
    Redis,
    /// MySQL does not answer.
    Mysql,
    /// An engine answers, but refuses the password, or its certificate is not trusted.
    Credentials,
    /// The engines are there, but the measurement could not be finished.
    Measurement,
}

/// The exit status of a run that a signal ended early.
pub const EXIT_INTERRUPTED: u8 = 130;

impl Kind {
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

    /// The name used in JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Redis => "redis-unreachable",
            Self::Mysql => "mysql-unreachable",
            Self::Credentials => "credentials-or-tls",
            Self::Measurement => "measurement-failed",
        }
    }
}

impl serde::Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A failure that a person reads. It never carries a password: it is built from host names, server messages and
/// our own words only.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Failure {
    /// Decides the exit status.
    pub kind: Kind,
    /// What happened.
    pub what: String,
    /// What it means; empty where the first sentence says it all.
    pub means: String,
    /// What to do next.
    pub hint: String,
}

impl Failure {
    /// Builds a failure from its three sentences.
    pub fn new(
        kind: Kind,
        what: impl Into<String>,
        means: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { kind, what: what.into(), means: means.into(), hint: hint.into() }
    }

    /// A mistake on the command line or in the configuration.
    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what, "", hint)
    }

    /// A measurement that could not be finished.
    pub fn measurement(what: impl Into<String>, means: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Kind::Measurement, what, means, hint)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_statuses_are_distinct() {
        let kinds = [Kind::Usage, Kind::Redis, Kind::Mysql, Kind::Credentials, Kind::Measurement];
        let mut exits: Vec<u8> = kinds.iter().map(|k| k.exit()).chain([EXIT_INTERRUPTED]).collect();
        exits.sort_unstable();
        exits.dedup();
        assert_eq!(exits, [2, 3, 4, 5, 6, 130]);
    }

    #[test]
    fn empty_sentences_leave_no_blank_line() {
        assert_eq!(Failure::usage("a", "b").to_string(), "a\n  b");
    }
}
