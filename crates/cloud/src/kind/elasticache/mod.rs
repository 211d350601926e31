//! The kinds of ElastiCache.

mod cache_parameter_group;
mod cache_parameters;
mod cache_subnet_group;
mod replication_group;
mod temporary_cache_parameters;

use super::tagging;
use crate::AwsCloud;
use crate::connect::failure::Named as _;
use aws_sdk_elasticache::types::Tag;
use recipe_walk_engine::action::Output;
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::tags::Tags;

impl AwsCloud {
    /// The tags of an ElastiCache resource.
    async fn cache_tags(&self, arn: &str) -> Result<Vec<Tag>, Failure> {
        let answer = self.elasticache.list_tags_for_resource().resource_name(arn).send().await;
        Ok(answer.named("elasticache:ListTagsForResource")?.tag_list.unwrap_or_default())
    }

    /// Whose something under our name is.
    async fn judge_cache(&self, ours: &Tags, arn: &str, name: &str) -> Result<Found, Failure> {
        let tags = self.cache_tags(arn).await?;
        let pairs = tags.iter().filter_map(|t| Some((t.key()?, t.value()?)));
        Ok(tagging::judge(ours, pairs, Output::id(name).with("arn", arn)))
    }
}
