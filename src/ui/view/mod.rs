//! What the engine found, measured and deleted, as a person reads it.

mod alarm;
pub(crate) mod experiment;
mod findings;
mod labs;
pub(crate) mod load;
pub(crate) mod receipt;
pub(crate) mod results;
