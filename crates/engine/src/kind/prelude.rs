//! What every kind's file begins with.

pub(super) use super::traits::{Arn, Kind, Nature, Properties, SecretUse, UndoStage, Wait};
pub(super) use crate::action::Planned;
pub(super) use crate::cli_line::Line;
pub(super) use crate::place::Place;
pub(super) use crate::price::Charge;
pub(super) use crate::quota::{IAM, Quota};
pub(super) use schemars::JsonSchema;
pub(super) use serde::{Deserialize, Serialize};
pub(super) use std::collections::BTreeMap;
