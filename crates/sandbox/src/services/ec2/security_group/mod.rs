//! Security groups and their rules.

pub(crate) mod group;
pub(crate) mod rule;
pub(crate) mod rule_calls;
mod rule_request;
mod rule_view;
