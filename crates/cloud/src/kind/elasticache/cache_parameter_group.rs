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

    /// Whose a group is.
    pub(super) async fn judge_parameter_group(&self, ours: &Tags, name: &str) -> Result<Found, Failure> {
        match self.parameter_group(name).await? {
            Some(group) => self.judge_cache(ours, group.arn().unwrap_or_default(), name).await,
            None => Ok(Found::Absent),
        }
    }

    async fn parameter_groups(&self) -> Result<Vec<Group>, Failure> {
        pages!(
            self.elasticache.describe_cache_parameter_groups(),
            "elasticache:DescribeCacheParameterGroups",
            cache_parameter_groups
        )
    }
}

impl Resource for CacheParameterGroup {
    const ERRORS: Errors = &[
        ("CacheParameterGroupAlreadyExists", Kind::AlreadyExists),
        ("CacheParameterGroupNotFound", Kind::NotFound),
        ("InvalidCacheParameterGroupState", Kind::InUse),
    ];
    const BOARD: Board = Board::Unseen;

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.judge_parameter_group(&planned.tags, &self.name).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let answer = cloud
            .elasticache
            .create_cache_parameter_group()
            .cache_parameter_group_name(&self.name)
            .cache_parameter_group_family(&self.family)
            .description(&self.description)
            .set_tags(Some(tagging::elasticache(&planned.tags)))
            .send()
            .await
            .named("elasticache:CreateCacheParameterGroup")?;
        let arn = answer.cache_parameter_group().and_then(|g| g.arn()).unwrap_or_default();
        Ok(Output::id(&self.name).with("arn", arn))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.elasticache.delete_cache_parameter_group().cache_parameter_group_name(&self.name);
        call.send().await.named("elasticache:DeleteCacheParameterGroup").map(|_| ())
    }

    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
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

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let groups = cloud.parameter_groups().await?;
        let left = |g: &Group| traces.free("cache parameter group", g.cache_parameter_group_name(), g.arn());
        Ok(groups.iter().filter_map(left).collect())
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        let groups = cloud.parameter_groups().await?;
        let own = |group: &&Group| {
            group.cache_parameter_group_name().is_some_and(|name| !name.starts_with("default."))
        };
        Ok(Some(Usage::of(groups.iter().filter(own).count())))
    }
}
