//! What a cache did, and whether it is asked.

use serde::{Deserialize, Serialize};

/// The state of a circuit breaker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Circuit {
    /// Requests pass.
    #[default]
    Closed,
    /// Requests are refused at once.
    Open,
    /// One request is probing.
    HalfOpen,
}

impl Circuit {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What a cache did, counted.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(default)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counts {
            /// What happened since `earlier`.
            #[must_use]
            pub fn since(&self, earlier: &Self) -> Self {
                Self { $($name: self.$name.saturating_sub(earlier.$name),)* }
            }

            /// Both together.
            #[must_use]
            pub fn plus(&self, other: &Self) -> Self {
                Self { $($name: self.$name.saturating_add(other.$name),)* }
            }
        }
    };
}

counts! {
    /// Answers from the cache, remembered absences included.
    hits,
    /// Of those, remembered absences.
    absent_hits,
    /// Answers from the process's own tier, without asking the cache.
    local_hits,
    /// Lookups that the cache answered with nothing, or with something past its TTL.
    misses,
    /// Loads from the database.
    loads,
    /// Misses that waited for another task's load.
    shared,
    /// Answers past their TTL: while another task loads anew, or because the database has none.
    stale,
    /// Values that were stored.
    stored,
    /// Values that were loaded but could not be stored, or must not be.
    not_stored,
    /// Of those, values over the size limit.
    too_large,
    /// Values that were found and could not be decoded.
    undecodable,
    /// Invalidations that the cache confirmed.
    invalidated,
    /// Lookups that failed, timed out or were not tried while the circuit was open.
    bypassed,
    /// Loads refused because the budget was used up.
    refused,
    /// Loads that failed or took too long.
    load_failures,
    /// Loads not tried while the database's circuit was open.
    database_refused,
}

impl Counts {
    /// Everything that was looked up, also what the cache was not asked for because it was away.
    pub fn lookups(&self) -> u64 {
        self.hits + self.local_hits + self.misses + self.bypassed
    }
}
