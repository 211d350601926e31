//! What can go wrong; the types are those of the results.

pub use recipe_walk_measurements::{Failure, FailureKind as Kind};

/// The exit status of a run that a signal ended early.
pub const EXIT_INTERRUPTED: u8 = 130;
