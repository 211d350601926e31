//! Commands that describe the command line itself: manual pages, shell completions, and what changes
//! what the program does.

pub(crate) mod completions;
pub(crate) mod environment;
pub(crate) mod man;
