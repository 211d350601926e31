//! Commands for people who write recipes.

pub(crate) mod check;
pub(crate) mod kinds;
pub(crate) mod new;
