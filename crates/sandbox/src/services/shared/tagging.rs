//! Tags by ARN.

use super::name::bad_value;
use crate::model::error::ApiError;
use crate::model::node::Node;
use crate::model::tag::{self, Tag};

/// Kind and name in an ARN of this service: `subgrp` and `x` of `arn:aws:rds:us-east-1:123456789012:subgrp:x`.
pub(crate) fn named<'a>(arn: &'a str, service: &str) -> Option<(&'a str, &'a str)> {
    let mut parts = arn.splitn(6, ':').skip(2);
    (parts.next()? == service).then_some(())?;
    parts.nth(2)?.split_once(':')
}

/// Adds tags to those that a resource has.
pub(crate) fn add(held: &mut Vec<Tag>, new: Vec<Tag>) -> Result<(), ApiError> {
    tag::merge(held, new);
    tag::fault_of_letters(held).map_or(Ok(()), |fault| Err(bad_value(fault)))
}

/// Tags as both services list them.
pub(crate) fn list(tags: &[Tag]) -> Node {
    Node::result().list("TagList", "Tag", tags.iter().map(|tag| tag.element("Tag", "Key", "Value")))
}
