//! Rules of EC2 security groups.

use super::filter;
use crate::kind::compare::Differences;
use crate::kind::prelude::*;
use aws_sdk_ec2::types::{IpPermission, SecurityGroupRule, UserIdGroupPair};
use recipe_walk_engine::kind::IngressRule;

impl AwsCloud {
    /// What a group lets in.
    async fn rules_into(&self, group: &str) -> Result<Vec<SecurityGroupRule>, Failure> {
        let call = self.ec2.describe_security_group_rules().filters(filter("group-id", group));
        let answer = call.send().await.named("ec2:DescribeSecurityGroupRules")?;
        let mut rules = answer.security_group_rules.unwrap_or_default();
        rules.retain(|rule| rule.is_egress() == Some(false));
        Ok(rules)
    }
}

impl Resource for IngressRule {
    const ERRORS: Errors = &[
        ("InvalidPermission.Duplicate", Kind::AlreadyExists),
        ("InvalidPermission.NotFound", Kind::NotFound),
        ("InvalidSecurityGroupRuleId.NotFound", Kind::NotFound),
    ];
    goes_with_another!();
    there_at_once!();

    /// A rule has no tags of its own; it is ours because it is exactly our rule in a group of ours.
    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        let port = i32::from(self.port);
        let rules = cloud.rules_into(&self.group).await?;
        let ours = rules.iter().find(|r| {
            r.from_port() == Some(port)
                && r.to_port() == Some(port)
                && r.referenced_group_info().and_then(|g| g.group_id()) == Some(self.source.as_str())
        });
        let Some(rule) = ours else { return Ok(Found::Absent) };
        let output = Output::id(rule.security_group_rule_id().unwrap_or_default());
        Ok(match cloud.judge_group(&planned.tags, &self.group).await? {
            Found::Ours(_) => Found::Ours(output),
            other => other,
        })
    }

    async fn make(&self, cloud: &AwsCloud, _: &Planned) -> Result<Output, Failure> {
        let operation = "ec2:AuthorizeSecurityGroupIngress";
        let port = i32::from(self.port);
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(port)
            .to_port(port)
            .user_id_group_pairs(UserIdGroupPair::builder().group_id(&self.source).build())
            .build();
        let answer = cloud
            .ec2
            .authorize_security_group_ingress()
            .group_id(&self.group)
            .ip_permissions(permission)
            .send()
            .await
            .named(operation)?;
        let id = answer.security_group_rules().first().and_then(|r| r.security_group_rule_id());
        id.map(Output::id).ok_or_else(|| missing(operation, "SecurityGroupRuleId"))
    }

    async fn undo(&self, cloud: &AwsCloud, id: &str) -> Result<(), Failure> {
        let call = cloud.ec2.revoke_security_group_ingress().group_id(&self.group);
        let answer = call.security_group_rule_ids(id).send().await;
        answer.named("ec2:RevokeSecurityGroupIngress").map(|_| ())
    }

    /// What the group lets in instead.
    async fn differences(&self, cloud: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        let Self { group, source, port } = self;
        let mut found = Differences::default();
        let mut right = false;
        for rule in cloud.rules_into(group).await? {
            let from = rule
                .referenced_group_info()
                .and_then(|g| g.group_id())
                .or(rule.cidr_ipv4())
                .unwrap_or("somewhere else");
            let (low, high) = (rule.from_port().unwrap_or(-1), rule.to_port().unwrap_or(-1));
            let id = rule.security_group_rule_id().unwrap_or_default();
            let mend = cloud.typed(
                &Line::new("ec2", "revoke-security-group-ingress")
                    .arg("group-id", group)
                    .arg("security-group-rule-ids", id),
            );
            if (low, high) == (i32::from(*port), i32::from(*port)) && from == source {
                right = true;
                continue;
            }
            let there = if low == high {
                format!("{low} from {from}")
            } else {
                format!("{low} to {high} from {from}")
            };
            found.compare(
                "port",
                &format!("{port} from {source}"),
                Some(&there),
                "Only this port from this group is needed; every other rule is a door too many.",
                &mend,
            );
        }
        // Beside the right rule, another one is told and may stay.
        if right {
            found.0.iter_mut().for_each(|d| d.mend.clear());
        }
        Ok(found.0)
    }
}
