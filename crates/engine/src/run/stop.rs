//! Why something was not done: what stops a step, a walk or a clean-up.

use crate::answers::BadAnswer;
use crate::failure::Failure;
use crate::finding::Finding;
use crate::journal::JournalError;
use crate::plan::PlanError;
use std::time::Duration;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A call failed for good.
    #[error("{0}")]
    Failed(Failure),
    /// The preflight found something that would stop the walk later.
    #[error("{}: {}", .0.what, .0.found)]
    NotReady(Box<Finding>),
    /// A resource became unusable.
    #[error("{what}: {why}")]
    Broken {
        /// What a person calls it.
        what: String,
        /// Why.
        why: String,
    },
    /// The name is taken by something that is not ours.
    #[error("{what} is there already, and it is not this session's: {whose}")]
    Foreign {
        /// What a person calls it.
        what: String,
        /// Whose it is.
        whose: String,
    },
    /// What is there, with our tag, is not what was planned.
    #[error("{what} is there, and {how}{}: {mend}", if *.more > 0 { format!(" (and {more} more)") } else { String::new() })]
    Differs {
        /// What a person calls it.
        what: String,
        /// The first difference.
        how: String,
        /// How to mend it.
        mend: String,
        /// Further differences.
        more: usize,
    },
    /// A request refers to something that is not the session's own.
    #[error("{what} refers to {to} as its {field}, which this session has neither made nor looked up")]
    Stranger {
        /// What a person calls the request.
        what: String,
        /// The field.
        field: &'static str,
        /// What it refers to.
        to: String,
    },
    /// The demo failed on the instance.
    #[error("the demo's {subcommand} failed with exit code {code}: {why}")]
    Demo {
        /// Subcommand.
        subcommand: String,
        /// Exit code.
        code: i32,
        /// Its last line of error.
        why: String,
    },
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// An answer on record is one that the recipe's rules refuse.
    #[error("{0}")]
    Answer(Box<BadAnswer>),
    /// It took too long.
    #[error("{what} took longer than {} minutes", .limit.as_secs() / 60)]
    TooLong {
        /// What a person calls it.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// The journal cannot be written: nothing more may be done.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}
