//! What every kind's file begins with.

pub(super) use super::tagging;
pub(super) use super::traits::{
    Board, Carrier, EVENT_MINUTES, Errors, Resource, Traces, Usage, Wanted, at_once, goes_with_another, gone,
    names, newest_event, pages, there_at_once,
};
pub(super) use crate::AwsCloud;
pub(super) use crate::connect::failure::{Named as _, absent, missing};
pub(super) use recipe_walk_engine::action::{Output, Planned};
pub(super) use recipe_walk_engine::cli_line::Line;
pub(super) use recipe_walk_engine::cloud::{Found, Leftover, Probe, Stage};
pub(super) use recipe_walk_engine::difference::Difference;
pub(super) use recipe_walk_engine::failure::{Failure, Kind};
pub(super) use recipe_walk_engine::price::Charge;
pub(super) use recipe_walk_engine::tags::{self, Tags};
