//! What happens: the walk, its waits, repairs, clean-up and the receipt.

pub mod class;
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
