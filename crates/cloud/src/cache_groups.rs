//! ElastiCache subnet groups and parameter groups.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use crate::tagging;
use aws_sdk_elasticache::types::{ParameterNameValue, Tag};
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;
use std::collections::BTreeMap;

impl AwsCloud {
    /// The tags of an ElastiCache resource.
    pub(crate) async fn cache_tags(&self, arn: &str) -> Result<Vec<Tag>, Failure> {
        let answer = self.elasticache.list_tags_for_resource().resource_name(arn).send().await;
        Ok(answer.named("elasticache:ListTagsForResource")?.tag_list.unwrap_or_default())
    }

    async fn judge_cache(&self, planned: &Planned, arn: &str, name: &str) -> Result<Found, Failure> {
        let tags = self.cache_tags(arn).await?;
        let pairs = tags.iter().filter_map(|t| Some((t.key()?, t.value()?)));
        Ok(tagging::judge(planned, pairs, Output::id(name).with("arn", arn)))
    }

    pub(crate) async fn find_cache_subnet_group(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::CacheSubnetGroup(kind::CacheSubnetGroup { name, .. }) = &planned.action else {
            return Ok(Found::Absent);
        };
        let call = self.elasticache.describe_cache_subnet_groups().cache_subnet_group_name(name);
        let answer = absent(call.send().await.named("elasticache:DescribeCacheSubnetGroups"))?;
        match answer.as_ref().and_then(|a| a.cache_subnet_groups().first()) {
            Some(group) => self.judge_cache(planned, group.arn().unwrap_or_default(), name).await,
            None => Ok(Found::Absent),
        }
    }

    pub(crate) async fn create_cache_subnet_group(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "elasticache:CreateCacheSubnetGroup";
        let Action::CacheSubnetGroup(kind::CacheSubnetGroup { name, description, subnets }) = &planned.action
        else {
            return Err(missing(operation, "request"));
        };
        let answer = self
            .elasticache
            .create_cache_subnet_group()
            .cache_subnet_group_name(name)
            .cache_subnet_group_description(description)
            .set_subnet_ids(Some(subnets.clone()))
            .set_tags(Some(tagging::elasticache(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        let arn = answer.cache_subnet_group().and_then(|g| g.arn()).unwrap_or_default();
        Ok(Output::id(name).with("arn", arn))
    }

    pub(crate) async fn delete_cache_subnet_group(&self, name: &str) -> Result<(), Failure> {
        let call = self.elasticache.delete_cache_subnet_group().cache_subnet_group_name(name);
        call.send().await.named("elasticache:DeleteCacheSubnetGroup").map(|_| ())
    }

    pub(crate) async fn find_parameter_group(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::CacheParameterGroup(kind::CacheParameterGroup { name, .. }) = &planned.action else {
            return Ok(Found::Absent);
        };
        let call = self.elasticache.describe_cache_parameter_groups().cache_parameter_group_name(name);
        let answer = absent(call.send().await.named("elasticache:DescribeCacheParameterGroups"))?;
        match answer.as_ref().and_then(|a| a.cache_parameter_groups().first()) {
            Some(group) => self.judge_cache(planned, group.arn().unwrap_or_default(), name).await,
            None => Ok(Found::Absent),
        }
    }

    pub(crate) async fn create_parameter_group(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "elasticache:CreateCacheParameterGroup";
        let Action::CacheParameterGroup(kind::CacheParameterGroup { name, description, family }) =
            &planned.action
        else {
            return Err(missing(operation, "request"));
        };
        let answer = self
            .elasticache
            .create_cache_parameter_group()
            .cache_parameter_group_name(name)
            .cache_parameter_group_family(family)
            .description(description)
            .set_tags(Some(tagging::elasticache(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        let arn = answer.cache_parameter_group().and_then(|g| g.arn()).unwrap_or_default();
        Ok(Output::id(name).with("arn", arn))
    }

    pub(crate) async fn delete_parameter_group(&self, name: &str) -> Result<(), Failure> {
        let call = self.elasticache.delete_cache_parameter_group().cache_parameter_group_name(name);
        call.send().await.named("elasticache:DeleteCacheParameterGroup").map(|_| ())
    }

    /// The values are there if the group says that a user set them so.
    pub(crate) async fn find_parameters(
        &self,
        group: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Found, Failure> {
        let call =
            self.elasticache.describe_cache_parameters().cache_parameter_group_name(group).source("user");
        let Some(answer) = absent(call.send().await.named("elasticache:DescribeCacheParameters"))? else {
            return Ok(Found::Absent);
        };
        let set = |name: &str, value: &str| {
            let mut all = answer.parameters().iter();
            all.any(|p| p.parameter_name() == Some(name) && p.parameter_value() == Some(value))
        };
        let all = values.iter().all(|(name, value)| set(name, value));
        Ok(if all { Found::Ours(Output::id(group)) } else { Found::Absent })
    }

    pub(crate) async fn set_parameters(
        &self,
        group: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<Output, Failure> {
        let operation = "elasticache:ModifyCacheParameterGroup";
        let pairs = values
            .iter()
            .map(|(n, v)| ParameterNameValue::builder().parameter_name(n).parameter_value(v).build())
            .collect();
        self.elasticache
            .modify_cache_parameter_group()
            .cache_parameter_group_name(group)
            .set_parameter_name_values(Some(pairs))
            .send()
            .await
            .named(operation)?;
        Ok(Output::id(group))
    }
}
