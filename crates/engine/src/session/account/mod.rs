//! What a session keeps in the account beside what it makes, and what that tells another machine.

pub mod key;
pub mod lease;
pub mod note;
pub mod rebuild;
pub mod remote_state;
pub mod trust;
