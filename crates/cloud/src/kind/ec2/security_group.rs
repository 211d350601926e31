//! EC2 security groups.

use super::{filter, owned, pairs, tag_filter};
use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroup as Group, TagSpecification};
use recipe_walk_engine::action::FORGOTTEN;
use recipe_walk_engine::kind::SecurityGroup;

impl AwsCloud {
    /// All groups, of those that a filter wants.
    async fn security_groups(&self, wanted: Option<Filter>) -> Result<Vec<Group>, Failure> {
        let mut found = Vec::new();
        let call = self.ec2.describe_security_groups().set_filters(wanted.map(|filter| vec![filter]));
        let mut pages = call.max_results(1000).into_paginator().send();
        while let Some(page) = pages.next().await {
            found.extend(page.named("ec2:DescribeSecurityGroups")?.security_groups.unwrap_or_default());
        }
        Ok(found)
    }

    /// Whose a group is, by its id.
    pub(super) async fn judge_group(&self, ours: &Tags, id: &str) -> Result<Found, Failure> {
        let groups = self.security_groups(Some(filter("group-id", id))).await?;
        Ok(groups.first().map_or(Found::Absent, |g| tagging::judge(ours, pairs(g.tags()), Output::id(id))))
    }

    /// The groups of that name, in that VPC where it is known.
    async fn groups_named(&self, group: &SecurityGroup) -> Result<Vec<Group>, Failure> {
        let mut call = self.ec2.describe_security_groups().filters(filter("group-name", &group.name));
        // A session that was rebuilt does not know its VPC; the name and the tag are enough then.
        if group.vpc != FORGOTTEN {
            call = call.filters(filter("vpc-id", &group.vpc));
        }
        let answer = call.send().await.named("ec2:DescribeSecurityGroups")?;
        Ok(answer.security_groups.unwrap_or_default())
    }
}

impl Resource for SecurityGroup {
    const ERRORS: Errors = &[
        ("InvalidGroup.Duplicate", Kind::AlreadyExists),
        ("InvalidGroup.NotFound", Kind::NotFound),
        ("InvalidGroup.InUse", Kind::InUse),
        ("DependencyViolation", Kind::InUse),
    ];
    // One of them carries the progress.
    const BOARD: Board = Board::Own(|cloud, wanted| {
        Box::pin(async move {
            let groups = cloud.security_groups(Some(tag_filter(wanted))).await?;
            let carrier = |group: &Group| Carrier {
                id: group.group_id().unwrap_or_default().to_owned(),
                tags: owned(group.tags()),
            };
            Ok(groups.iter().map(carrier).collect())
        })
    });

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        let groups = cloud.groups_named(self).await?;
        let mut found = groups.iter().map(|group| {
            tagging::judge(
                &planned.tags,
                pairs(group.tags()),
                Output::id(group.group_id().unwrap_or_default()),
            )
        });
        let first = found.next().unwrap_or(Found::Absent);
        // Without the VPC there may be one of that name in each: ours counts.
        Ok(match first {
            Found::Foreign(_) => found.find(|f| matches!(f, Found::Ours(_))).unwrap_or(first),
            other => other,
        })
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let operation = "ec2:CreateSecurityGroup";
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::SecurityGroup)
            .set_tags(Some(tagging::ec2(&planned.tags)))
            .build();
        let answer = cloud
            .ec2
            .create_security_group()
            .group_name(&self.name)
            .description(&self.description)
            .vpc_id(&self.vpc)
            .tag_specifications(tags)
            .send()
            .await
            .named(operation)?;
        answer.group_id().map(Output::id).ok_or_else(|| missing(operation, "GroupId"))
    }

    async fn undo(&self, cloud: &AwsCloud, id: &str) -> Result<(), Failure> {
        let answer = cloud.ec2.delete_security_group().group_id(id).send().await;
        answer.named("ec2:DeleteSecurityGroup").map(|_| ())
    }

    /// A group is as good as what it lets in: an address range was never planned.
    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let mut found = Differences::default();
        for group in cloud.groups_named(self).await? {
            let id = group.group_id().unwrap_or_default();
            for permission in group.ip_permissions() {
                let protocol = permission.ip_protocol().unwrap_or("-1");
                let (from, to) = (permission.from_port().unwrap_or(-1), permission.to_port().unwrap_or(-1));
                let ports = if from == to { from.to_string() } else { format!("{from}-{to}") };
                for range in permission.ip_ranges().iter().filter_map(|r| r.cidr_ip()) {
                    let mend = cloud.typed(
                        &Line::new("ec2", "revoke-security-group-ingress")
                            .arg("group-id", id)
                            .arg("protocol", protocol)
                            .arg("port", &ports)
                            .arg("cidr", range),
                    );
                    found.compare(
                        "inbound rule",
                        "none from an address range",
                        Some(&format!("{protocol} {ports} from {range}")),
                        "A range lets in every machine that has such an address, not only the application.",
                        &mend,
                    );
                }
            }
        }
        Ok(found.0)
    }

    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let session = traces.session;
        let tag = tag_filter(Wanted { key: tags::SESSION, value: Some(session.as_str()) });
        let mut found: Vec<Leftover> = Vec::new();
        for wanted in [tag, filter("group-name", &format!("{session}-*"))] {
            for group in cloud.security_groups(Some(wanted)).await? {
                let (id, name) =
                    (group.group_id().unwrap_or_default(), group.group_name().unwrap_or_default());
                let tagged = names(pairs(group.tags()), session);
                let left = traces.of("security group", name, tagged, Some(Vec::new()));
                if let Some(left) = left.filter(|_| !found.iter().any(|l| l.id == id)) {
                    found.push(Leftover { id: id.to_owned(), ..left });
                }
            }
        }
        Ok(found)
    }

    async fn usage(cloud: &AwsCloud) -> Result<Option<Usage>, Failure> {
        Ok(Some(Usage::of(cloud.security_groups(None).await?.len())))
    }
}
