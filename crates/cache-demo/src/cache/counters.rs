//! What a cache did, counted while it runs.

pub use recipe_walk_measurements::Counts;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($name:ident),* $(,)?) => {
        /// Counters of a cache, updated while it runs; what each counts says [`Counts`].
        #[derive(Debug, Default)]
        pub struct Counters {
            $(#[allow(missing_docs, reason = "`Counts` documents them")] pub $name: AtomicU64,)*
        }

        impl Counters {
            /// The counters now.
            pub fn counts(&self) -> Counts {
                Counts { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

// A field of `Counts` that is missing here does not compile.
counters! {
    hits,
    absent_hits,
    local_hits,
    misses,
    loads,
    shared,
    stale,
    stored,
    not_stored,
    too_large,
    undecodable,
    invalidated,
    bypassed,
    refused,
    load_failures,
    database_refused,
}

/// Adds one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
