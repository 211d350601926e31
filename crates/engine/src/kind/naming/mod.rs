//! How what a session makes is told from everything else in an account: by its name, its tags, and where it is.

pub mod names;
pub mod partition;
pub mod place;
pub mod refers;
pub mod tags;
