//! What the operating system is asked for: private files, sockets and their owners, randomness.

pub(crate) mod alias;
pub(crate) mod ids;
pub(crate) mod listener;
pub(crate) mod lock;
pub(crate) mod socket;

pub(crate) use recipe_walk_files::private;
