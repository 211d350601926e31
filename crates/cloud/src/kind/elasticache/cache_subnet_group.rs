//! ElastiCache subnet groups.

use crate::kind::compare::subnets_differ;
use crate::kind::prelude::*;
use aws_sdk_elasticache::types::CacheSubnetGroup as Group;
use recipe_walk_engine::kind::CacheSubnetGroup;

impl AwsCloud {
    async fn cache_subnet_group(&self, name: &str) -> Result<Option<Group>, Failure> {
        let call = self.elasticache.describe_cache_subnet_groups().cache_subnet_group_name(name);
        let answer = absent(call.send().await.named("elasticache:DescribeCacheSubnetGroups"))?;
        Ok(answer.and_then(|a| a.cache_subnet_groups?.into_iter().next()))
    }

    async fn cache_subnet_groups(&self) -> Result<Vec<Group>, Failure> {
        pages!(
            self.elasticache.describe_cache_subnet_groups(),
            "elasticache:DescribeCacheSubnetGroups",
            cache_subnet_groups
        )
    }
}

impl Resource for CacheSubnetGroup {
    const ERRORS: Errors = &[
        ("CacheSubnetGroupAlreadyExists", Kind::AlreadyExists),
        ("CacheSubnetGroupNotFoundFault", Kind::NotFound),
        ("CacheSubnetGroupInUse", Kind::InUse),
    ];
    const BOARD: Board = Board::Unseen;

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        match cloud.cache_subnet_group(&self.name).await? {
            Some(group) => {
                cloud.judge_cache(&planned.tags, group.arn().unwrap_or_default(), &self.name).await
            }
            None => Ok(Found::Absent),
        }
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let answer = cloud
            .elasticache
            .create_cache_subnet_group()
            .cache_subnet_group_name(&self.name)
            .cache_subnet_group_description(&self.description)
            .set_subnet_ids(Some(self.subnets.clone()))
            .set_tags(Some(tagging::elasticache(&planned.tags)))
            .send()
            .await
            .named("elasticache:CreateCacheSubnetGroup")?;
        let arn = answer.cache_subnet_group().and_then(|g| g.arn()).unwrap_or_default();
        Ok(Output::id(&self.name).with("arn", arn))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.elasticache.delete_cache_subnet_group().cache_subnet_group_name(&self.name);
        call.send().await.named("elasticache:DeleteCacheSubnetGroup").map(|_| ())
    }

    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let Self { name, subnets, .. } = self;
        let there = cloud.cache_subnet_group(name).await?.map(|group| {
            let subnets = group.subnets().iter();
            subnets.filter_map(|s| s.subnet_identifier().map(str::to_owned)).collect()
        });
        let mend = cloud.typed(
            &Line::new("elasticache", "modify-cache-subnet-group")
                .arg("cache-subnet-group-name", name)
                .list("subnet-ids", subnets),
        );
        Ok(subnets_differ(subnets, there, &mend))
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let groups = cloud.cache_subnet_groups().await?;
        let left = |g: &Group| traces.free("cache subnet group", g.cache_subnet_group_name(), g.arn());
        Ok(groups.iter().filter_map(left).collect())
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        Ok(Some(Usage::of(cloud.cache_subnet_groups().await?.len())))
    }
}
