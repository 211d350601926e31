//! IAM: roles, instance profiles and the temporary keys of roles.

mod state;

pub use state::IamState;
