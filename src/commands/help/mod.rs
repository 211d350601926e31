//! Commands that describe the command line itself: manual pages and shell completions.

pub(crate) mod completions;
pub(crate) mod man;
