//! Tags on ElastiCache's resources.

use std::sync::Arc;

use super::state::{State, cluster};
use crate::model::error::ApiError;
use crate::model::tag::{self, Tag};
use crate::model::{node::Node, params::Params};
use crate::server::ctx::Ctx;
use crate::services::shared::name::bad_value;
use crate::services::shared::status::Status;
use crate::services::shared::tagging;

/// The tags of the resource with this ARN.
fn tags<'a>(state: &'a mut State, arn: &str) -> Result<&'a mut Vec<Tag>, ApiError> {
    let invalid = || ApiError::bad("InvalidARN", format!("ARN {arn} is not valid."));
    let (kind, name) = tagging::named(arn, "elasticache").ok_or_else(invalid)?;
    match kind {
        "replicationgroup" | "cluster" => {
            let key = if kind == "cluster" { cluster(name) } else { name.to_owned() };
            let group = state.replication_groups.get_mut(&key);
            let group = group.ok_or_else(|| match kind {
                "cluster" => ApiError::new("CacheClusterNotFound", 404, format!("{name} is not present")),
                _ => ApiError::new(
                    "ReplicationGroupNotFoundFault",
                    404,
                    format!("ReplicationGroup {name} not found."),
                ),
            })?;
            if group.status != Status::Available {
                let message = "Cluster not in available state to perform tagging operations.";
                return Err(ApiError::bad("InvalidReplicationGroupState", message));
            }
            Ok(&mut group.tags)
        }
        "subnetgroup" => {
            let group = state.subnet_groups.get_mut(name).ok_or_else(|| {
                ApiError::bad(
                    "CacheSubnetGroupNotFoundFault",
                    format!("Cache subnet group {name} not found."),
                )
            })?;
            Ok(&mut group.tags)
        }
        "parametergroup" => {
            let group = state.parameter_groups.get_mut(name).ok_or_else(|| {
                ApiError::new(
                    "CacheParameterGroupNotFound",
                    404,
                    format!("CacheParameterGroup {name} not found."),
                )
            })?;
            Ok(&mut group.tags)
        }
        _ => Err(invalid()),
    }
}

/// The tags of a request that makes something, checked.
pub(super) fn requested(p: &Params) -> Result<Vec<Tag>, ApiError> {
    let tags = Tag::list(p, "Tags")?;
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &[Tag]) -> Result<(), ApiError> {
    match tag::fault_of_letters(tags) {
        Some(fault) if tags.len() > 50 => Err(ApiError::bad("TagQuotaPerResourceExceeded", fault)),
        Some(fault) => Err(bad_value(fault)),
        None => Ok(()),
    }
}

/// ListTagsForResource.
pub(super) fn list(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let mut state = ctx.read(|world| world.elasticache.clone());
    Ok(tagging::list(tags(&mut state, p.required("ResourceName")?)?))
}

/// AddTagsToResource.
pub(super) fn add(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let arn = p.required("ResourceName")?;
    let new = Tag::list(p, "Tags")?;
    ctx.change(|world| {
        let held = tags(&mut world.elasticache, arn)?;
        tag::merge(held, new);
        check(held)?;
        Ok(tagging::list(held))
    })
}

/// RemoveTagsFromResource.
pub(super) fn remove(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
    let arn = p.required("ResourceName")?;
    let keys = p.list("TagKeys");
    ctx.change(|world| {
        let held = tags(&mut world.elasticache, arn)?;
        if let Some(key) = keys.iter().find(|key| tag::value(held, key).is_none()) {
            return Err(ApiError::new("TagNotFound", 404, format!("Tag {key} not found.")));
        }
        held.retain(|tag| !keys.contains(&tag.key));
        Ok(tagging::list(held))
    })
}
