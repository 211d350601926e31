//! SSM: parameters and Run Command.

mod state;

pub use state::SsmState;
