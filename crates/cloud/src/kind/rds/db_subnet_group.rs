//! RDS subnet groups.

use crate::kind::compare::subnets_differ;
use crate::kind::prelude::*;
use aws_sdk_rds::types::DbSubnetGroup as Group;
use recipe_walk_engine::kind::DbSubnetGroup;

impl AwsCloud {
    async fn db_subnet_group(&self, name: &str) -> Result<Option<Group>, Failure> {
        let call = self.rds.describe_db_subnet_groups().db_subnet_group_name(name);
        let answer = absent(call.send().await.named("rds:DescribeDBSubnetGroups"))?;
        Ok(answer.and_then(|a| a.db_subnet_groups?.into_iter().next()))
    }

    async fn db_subnet_groups(&self) -> Result<Vec<Group>, Failure> {
        pages!(self.rds.describe_db_subnet_groups(), "rds:DescribeDBSubnetGroups", db_subnet_groups)
    }
}

impl Resource for DbSubnetGroup {
    const ERRORS: Errors = &[
        ("DBSubnetGroupAlreadyExists", Kind::AlreadyExists),
        ("DBSubnetGroupNotFoundFault", Kind::NotFound),
        ("InvalidDBSubnetGroupStateFault", Kind::InUse),
    ];
    const BOARD: Board = Board::Unseen;

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        let Some(group) = cloud.db_subnet_group(&self.name).await? else { return Ok(Found::Absent) };
        let arn = group.db_subnet_group_arn().unwrap_or_default();
        let call = cloud.rds.list_tags_for_resource().resource_name(arn);
        let answer = call.send().await.named("rds:ListTagsForResource")?;
        let pairs = answer.tag_list().iter().filter_map(|t| Some((t.key()?, t.value()?)));
        Ok(tagging::judge(&planned.tags, pairs, Output::id(&self.name).with("arn", arn)))
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let answer = cloud
            .rds
            .create_db_subnet_group()
            .db_subnet_group_name(&self.name)
            .db_subnet_group_description(&self.description)
            .set_subnet_ids(Some(self.subnets.clone()))
            .set_tags(Some(tagging::rds(&planned.tags)))
            .send()
            .await
            .named("rds:CreateDBSubnetGroup")?;
        let arn = answer.db_subnet_group().and_then(|g| g.db_subnet_group_arn()).unwrap_or_default();
        Ok(Output::id(&self.name).with("arn", arn))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        let call = cloud.rds.delete_db_subnet_group().db_subnet_group_name(&self.name);
        call.send().await.named("rds:DeleteDBSubnetGroup").map(|_| ())
    }

    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let Self { name, subnets, .. } = self;
        let there = cloud.db_subnet_group(name).await?.map(|group| {
            let subnets = group.subnets().iter();
            subnets.filter_map(|s| s.subnet_identifier().map(str::to_owned)).collect()
        });
        let mend = cloud.typed(
            &Line::new("rds", "modify-db-subnet-group")
                .arg("db-subnet-group-name", name)
                .list("subnet-ids", subnets),
        );
        Ok(subnets_differ(subnets, there, &mend))
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let groups = cloud.db_subnet_groups().await?;
        let left =
            |g: &Group| traces.free("DB subnet group", g.db_subnet_group_name(), g.db_subnet_group_arn());
        Ok(groups.iter().filter_map(left).collect())
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        Ok(Some(Usage::of(cloud.db_subnet_groups().await?.len())))
    }
}
