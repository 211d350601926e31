//! What the engine found, measured and deleted, as a person reads it.

mod alarm;
mod findings;
mod labs;
pub(crate) mod receipt;
pub(crate) mod results;
