//! The kinds of EC2.

mod ingress_rule;
mod instance;
mod security_group;

use super::traits::Wanted;
use crate::AwsCloud;
use crate::connect::failure::Named as _;
use aws_sdk_ec2::types::{Filter, Tag};
use recipe_walk_engine::failure::Failure;
use std::collections::BTreeMap;

/// An EC2 filter.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The filter for what carries a tag.
fn tag_filter(wanted: Wanted<'_>) -> Filter {
    match wanted.value {
        Some(value) => filter(&format!("tag:{}", wanted.key), value),
        None => filter("tag-key", wanted.key),
    }
}

/// Tags as keys and values.
fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))
}

fn owned(tags: &[Tag]) -> BTreeMap<String, String> {
    pairs(tags).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

impl AwsCloud {
    /// Sets tags on something of EC2.
    pub(crate) async fn create_tags(&self, id: &str, pairs: &[(&str, String)]) -> Result<(), Failure> {
        let tags = pairs.iter().map(|(k, v)| Tag::builder().key(*k).value(v).build()).collect();
        let call = self.ec2.create_tags().resources(id).set_tags(Some(tags));
        call.send().await.named("ec2:CreateTags").map(|_| ())
    }
}
