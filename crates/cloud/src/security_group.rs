//! EC2 security groups and their rules.

use crate::AwsCloud;
use crate::failure::{Named as _, missing};
use crate::tagging;
use aws_sdk_ec2::types::{Filter, IpPermission, ResourceType, TagSpecification, UserIdGroupPair};
use recipe_walk_engine::action::{Action, Output, Planned, UNKNOWN};
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;

/// An EC2 filter.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

impl AwsCloud {
    pub(crate) async fn find_security_group(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::SecurityGroup(kind::SecurityGroup { name, vpc, .. }) = &planned.action else {
            return Ok(Found::Absent);
        };
        let mut call = self.ec2.describe_security_groups().filters(filter("group-name", name));
        // A session that was rebuilt does not know its VPC; the name and the tag are enough then.
        if vpc != UNKNOWN {
            call = call.filters(filter("vpc-id", vpc));
        }
        let answer = call.send().await.named("ec2:DescribeSecurityGroups")?;
        let mut found = answer.security_groups().iter().map(|group| {
            let tags = group.tags().iter().filter_map(|t| Some((t.key()?, t.value()?)));
            tagging::judge(planned, tags, Output::id(group.group_id().unwrap_or_default()))
        });
        let first = found.next().unwrap_or(Found::Absent);
        // Without the VPC there may be one of that name in each: ours counts.
        Ok(match first {
            Found::Foreign(_) => found.find(|f| matches!(f, Found::Ours(_))).unwrap_or(first),
            other => other,
        })
    }

    pub(crate) async fn create_security_group(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "ec2:CreateSecurityGroup";
        let Action::SecurityGroup(kind::SecurityGroup { name, description, vpc }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::SecurityGroup)
            .set_tags(Some(tagging::ec2(&planned.tags)))
            .build();
        let answer = self
            .ec2
            .create_security_group()
            .group_name(name)
            .description(description)
            .vpc_id(vpc)
            .tag_specifications(tags)
            .send()
            .await
            .named(operation)?;
        answer.group_id().map(Output::id).ok_or_else(|| missing(operation, "GroupId"))
    }

    pub(crate) async fn delete_security_group(&self, id: &str) -> Result<(), Failure> {
        let answer = self.ec2.delete_security_group().group_id(id).send().await;
        answer.named("ec2:DeleteSecurityGroup").map(|_| ())
    }

    /// A rule has no tags of its own; it is ours because it is exactly our rule in a group of ours.
    pub(crate) async fn find_rule(&self, planned: &Planned) -> Result<Found, Failure> {
        let Action::IngressRule(kind::IngressRule { group, source, port }) = &planned.action else {
            return Ok(Found::Absent);
        };
        let answer = self
            .ec2
            .describe_security_group_rules()
            .filters(filter("group-id", group))
            .send()
            .await
            .named("ec2:DescribeSecurityGroupRules")?;
        let port = i32::from(*port);
        let ours = answer.security_group_rules().iter().find(|r| {
            r.is_egress() == Some(false)
                && r.from_port() == Some(port)
                && r.to_port() == Some(port)
                && r.referenced_group_info().and_then(|g| g.group_id()) == Some(source.as_str())
        });
        Ok(ours.map_or(Found::Absent, |r| {
            Found::Ours(Output::id(r.security_group_rule_id().unwrap_or_default()))
        }))
    }

    pub(crate) async fn create_rule(&self, planned: &Planned) -> Result<Output, Failure> {
        let operation = "ec2:AuthorizeSecurityGroupIngress";
        let Action::IngressRule(kind::IngressRule { group, source, port }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        let port = i32::from(*port);
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(port)
            .to_port(port)
            .user_id_group_pairs(UserIdGroupPair::builder().group_id(source).build())
            .build();
        let answer = self
            .ec2
            .authorize_security_group_ingress()
            .group_id(group)
            .ip_permissions(permission)
            .send()
            .await
            .named(operation)?;
        let id = answer.security_group_rules().first().and_then(|r| r.security_group_rule_id());
        id.map(Output::id).ok_or_else(|| missing(operation, "SecurityGroupRuleId"))
    }

    pub(crate) async fn delete_rule(&self, group: &str, id: &str) -> Result<(), Failure> {
        let call = self.ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(id);
        call.send().await.named("ec2:RevokeSecurityGroupIngress").map(|_| ())
    }
}
