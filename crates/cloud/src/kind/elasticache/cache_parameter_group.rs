//! ElastiCache parameter groups.

use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_elasticache::types::CacheParameterGroup as Group;
use recipe_walk_engine::kind::CacheParameterGroup;

impl AwsCloud {
    async fn parameter_group(&self, name: &str) -> Result<Option<Group>, Failure> {
        let call = self.elasticache.describe_cache_parameter_groups().cache_parameter_group_name(name);
        let answer = absent(call.send().await.named("elasticache:DescribeCacheParameterGroups"))?;
        Ok(answer.and_then(|a| a.cache_parameter_groups?.into_iter().next()))
    }

    async fn parameter_groups(&self) -> Result<Vec<Group>, Failure> {
        let mut found = Vec::new();
        let mut pages = self.elasticache.describe_cache_parameter_groups().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.named("elasticache:DescribeCacheParameterGroups")?;
            found.extend(page.cache_parameter_groups.unwrap_or_default());
        }
        Ok(found)
    }
}

impl Resource for CacheParameterGroup {
    const BOARD: Board = Board::Unseen;

    async fn find(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Found, Failure> {
        match cloud.parameter_group(&self.name).await? {
            Some(group) => cloud.judge_cache(tags, group.arn().unwrap_or_default(), &self.name).await,
            None => Ok(Found::Absent),
        }
    }

    async fn make(&self, cloud: &AwsCloud, tags: &Tags) -> Result<Output, Failure> {
        let answer = cloud
            .elasticache
            .create_cache_parameter_group()
            .cache_parameter_group_name(&self.name)
            .cache_parameter_group_family(&self.family)
            .description(&self.description)
            .set_tags(Some(tagging::elasticache(tags)))
            .send()
            .await
            .named("elasticache:CreateCacheParameterGroup")?;
        let arn = answer.cache_parameter_group().and_then(|g| g.arn()).unwrap_or_default();
        Ok(Output::id(&self.name).with("arn", arn))
    }

    async fn probe(&self, cloud: &AwsCloud, tags: &Tags, _: &str) -> Result<Probe, Failure> {
        Ok(at_once(&self.find(cloud, tags).await?))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.elasticache.delete_cache_parameter_group().cache_parameter_group_name(&self.name);
        call.send().await.named("elasticache:DeleteCacheParameterGroup").map(|_| ())
    }

    async fn differences(&self, cloud: &AwsCloud) -> Result<Vec<Difference>, Failure> {
        let Self { name, family, .. } = self;
        let mut found = Differences::default();
        if let Some(group) = cloud.parameter_group(name).await? {
            found.compare(
                "family",
                family,
                group.cache_parameter_group_family(),
                "The family belongs to the engine and its version; a cache refuses a group of another one.",
                &cloud.anew(
                    &Line::new("elasticache", "delete-cache-parameter-group")
                        .arg("cache-parameter-group-name", name),
                ),
            );
        }
        Ok(found.0)
    }

    async fn left(cloud: &AwsCloud, session: &SessionId) -> Result<Vec<Leftover>, Failure> {
        let groups = cloud.parameter_groups().await?;
        let names = groups.iter().filter_map(|g| g.cache_parameter_group_name());
        Ok(named("cache parameter group", names, session))
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        let groups = cloud.parameter_groups().await?;
        let own = |group: &&Group| {
            group.cache_parameter_group_name().is_some_and(|name| !name.starts_with("default."))
        };
        Ok(Some(Usage::of(groups.iter().filter(own).count())))
    }
}
