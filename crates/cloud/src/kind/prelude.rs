//! What every kind's file begins with.

pub(super) use super::tagging;
pub(super) use super::traits::{
    Board, Carrier, EVENT_MINUTES, Resource, Usage, Wanted, at_once, gone, leftover, named,
};
pub(super) use crate::AwsCloud;
pub(super) use crate::connect::failure::{Named as _, absent, missing};
pub(super) use recipe_walk_engine::action::Output;
pub(super) use recipe_walk_engine::cli_line::Line;
pub(super) use recipe_walk_engine::cloud::{Found, Leftover, Probe, Stage};
pub(super) use recipe_walk_engine::difference::Difference;
pub(super) use recipe_walk_engine::failure::Failure;
pub(super) use recipe_walk_engine::id::SessionId;
pub(super) use recipe_walk_engine::names::belongs_to;
pub(super) use recipe_walk_engine::tags::{self, Tags};
