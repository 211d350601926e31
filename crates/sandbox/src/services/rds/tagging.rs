//! Tags on RDS's resources.

use std::sync::Arc;

use super::filter::Filters;
use super::state::State;
use crate::model::error::ApiError;
use crate::model::tag::Tag;
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::services::shared::name::bad_value;
use crate::services::shared::tagging;

/// The tags of the resource with this ARN.
fn tags<'a>(state: &'a mut State, arn: &str) -> Result<&'a mut Vec<Tag>, ApiError> {
    match tagging::named(arn, "rds") {
        Some(("db", name)) => Ok(&mut state.instance_mut(name)?.tags),
        Some(("subgrp", name)) => {
            let group = state.subnet_groups.get_mut(name).ok_or_else(|| {
                ApiError::new(
                    "DBSubnetGroupNotFoundFault",
                    404,
                    format!("DB subnet group '{name}' does not exist."),
                )
            })?;
            Ok(&mut group.tags)
        }
        _ => Err(bad_value(format!("Invalid resource name: {arn}"))),
    }
}

/// ListTagsForResource.
pub(super) fn list(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    Filters::none(p)?;
    let mut state = ctx.read(|world| world.rds.clone());
    let held = tags(&mut state, p.required("ResourceName")?)?;
    Ok(tagging::list(held))
}

/// AddTagsToResource.
pub(super) fn add(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let arn = p.required("ResourceName")?;
    let new = Tag::list(p, "Tags")?;
    ctx.change(|world| tagging::add(tags(&mut world.rds, arn)?, new))?;
    Ok(Node::result())
}

/// RemoveTagsFromResource.
pub(super) fn remove(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let arn = p.required("ResourceName")?;
    let keys = p.list("TagKeys");
    ctx.change(|world| {
        tags(&mut world.rds, arn)?.retain(|tag| !keys.contains(&tag.key));
        Ok(())
    })?;
    Ok(Node::result())
}
