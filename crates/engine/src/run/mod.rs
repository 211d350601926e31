//! What happens. [`walk`] goes through the steps; at each it looks up, makes, waits, configures and runs what the recipe
//! says, in that order. [`perform`] makes one thing: it records, calls and records again, and looks before it repeats.
//! [`take_away`] is its counterpart. [`drift`] holds what is on record against the account and repairs it; [`cleanup`]
//! takes everything away, and the [`receipt`] tells what went. All of them work with the same [`tools`] (session, cloud,
//! clock, person), and end early with a [`stop`].

pub mod cleanup;
pub mod drift;
pub mod interrupt;
pub(crate) mod milestone;
pub mod perform;
pub mod receipt;
pub mod step_line;
pub mod stop;
pub mod take_away;
pub mod temporary;
pub mod together;
pub mod tools;
pub mod wait;
pub mod walk;
