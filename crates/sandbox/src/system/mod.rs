//! What the operating system is asked for: private files, sockets and their owners, randomness.

pub(crate) mod ids;
pub(crate) mod listener;
pub(crate) mod private;
pub(crate) mod socket;
