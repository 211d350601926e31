//! Stub; the service itself follows.

use crate::{
    ctx::Ctx,
    error::ApiError,
    status::ResourceStatus,
    tag::Tag,
    wire::{Element, Params},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What this service holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {}

impl State {
    /// Ids of the security groups that something here uses.
    pub fn security_groups_in_use(&self) -> Vec<String> {
        Vec::new()
    }

    /// Everything with tags: ARN and tags.
    pub fn tagged(&self) -> Vec<(String, Vec<Tag>)> {
        Vec::new()
    }

    /// What a user created here, for the status.
    pub fn resources(&self) -> Vec<ResourceStatus> {
        Vec::new()
    }
}

/// Answers one request.
#[expect(clippy::unused_async, reason = "a stub")]
pub async fn handle(_ctx: &Arc<Ctx>, action: &str, _p: &Params) -> Result<Element, ApiError> {
    Err(crate::front::unimplemented_query(action))
}

/// Restarts engines and half-finished transitions after the world was loaded.
#[expect(clippy::unused_async, reason = "a stub")]
pub async fn resume(_ctx: &Arc<Ctx>) {}
