//! What a cache did, counted.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Counters of a cache, updated while it runs.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub $name: AtomicU64,)*
        }

        /// The counters at one moment.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// The counters now.
            pub fn counts(&self) -> Counts {
                Counts { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
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

counters! {
    /// Answers from the cache, remembered absences included.
    hits,
    /// Of those, remembered absences.
    absent_hits,
    /// Answers from the process's own tier, without asking Redis.
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

/// Adds one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
