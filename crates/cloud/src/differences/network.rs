//! Security groups, their rules, and the instance.

use super::Found;
use crate::AwsCloud;
use crate::failure::Named as _;
use crate::security_group::filter;
use aws_sdk_ec2::types::HttpTokensState;
use recipe_walk_engine::action::{Action, Planned, UNKNOWN};
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;

impl AwsCloud {
    /// A group is as good as what it lets in: an address range was never planned.
    pub(super) async fn compare_group(&self, name: &str, vpc: &str) -> Result<Vec<Difference>, Failure> {
        let mut call = self.ec2.describe_security_groups().filters(filter("group-name", name));
        if vpc != UNKNOWN {
            call = call.filters(filter("vpc-id", vpc));
        }
        let answer = call.send().await.named("ec2:DescribeSecurityGroups")?;
        let mut found = Found::default();
        for group in answer.security_groups() {
            let id = group.group_id().unwrap_or_default();
            for permission in group.ip_permissions() {
                let protocol = permission.ip_protocol().unwrap_or("-1");
                let (from, to) = (permission.from_port().unwrap_or(-1), permission.to_port().unwrap_or(-1));
                let ports = if from == to { from.to_string() } else { format!("{from}-{to}") };
                for range in permission.ip_ranges().iter().filter_map(|r| r.cidr_ip()) {
                    let mend = self.typed(&format!(
                        "ec2 revoke-security-group-ingress --group-id {id} --protocol {protocol} --port {ports} --cidr {range}"
                    ));
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

    /// What the group lets in instead.
    pub(super) async fn compare_rule(
        &self,
        group: &str,
        source: &str,
        port: u16,
    ) -> Result<Vec<Difference>, Failure> {
        let call = self.ec2.describe_security_group_rules().filters(filter("group-id", group));
        let answer = call.send().await.named("ec2:DescribeSecurityGroupRules")?;
        let mut found = Found::default();
        let mut right = false;
        for rule in answer.security_group_rules().iter().filter(|r| r.is_egress() == Some(false)) {
            let from = rule
                .referenced_group_info()
                .and_then(|g| g.group_id())
                .or(rule.cidr_ipv4())
                .unwrap_or("somewhere else");
            let (low, high) = (rule.from_port().unwrap_or(-1), rule.to_port().unwrap_or(-1));
            let id = rule.security_group_rule_id().unwrap_or_default();
            let mend = self.typed(&format!(
                "ec2 revoke-security-group-ingress --group-id {group} --security-group-rule-ids {id}"
            ));
            if (low, high) == (i32::from(port), i32::from(port)) && from == source {
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

    pub(super) async fn compare_instance(&self, planned: &Planned) -> Result<Vec<Difference>, Failure> {
        let Action::Instance(kind::Instance { instance_type, security_group, profile, .. }) = &planned.action
        else {
            return Ok(Vec::new());
        };
        let Some(there) = self.living_instance(planned).await? else { return Ok(Vec::new()) };
        let mut found = Found::default();
        let id = there.instance_id().unwrap_or_default();
        let profiled = there.iam_instance_profile().and_then(|p| p.arn()?.rsplit('/').next());
        found.compare(
            "instance profile",
            profile,
            profiled,
            "Without the role, the agent has no permission and the instance never comes online.",
            &self.typed(&format!(
                "ec2 associate-iam-instance-profile --instance-id {id} --iam-instance-profile Name={profile}"
            )),
        );
        let groups: Vec<&str> = there.security_groups().iter().filter_map(|g| g.group_id()).collect();
        if !groups.contains(&security_group.as_str()) {
            found.compare(
                "security group",
                security_group,
                Some(&groups.join(", ")),
                "Cache and database let in this group only.",
                &self.typed(&format!(
                    "ec2 modify-instance-attribute --instance-id {id} --groups {security_group}"
                )),
            );
        }
        let tokens = there.metadata_options().and_then(|m| m.http_tokens()).map(HttpTokensState::as_str);
        found.compare(
            "metadata tokens",
            "required",
            tokens,
            "Version 1 of the metadata service gives the role's keys to whoever can make the instance fetch a URL.",
            &self.typed(&format!(
                "ec2 modify-instance-metadata-options --instance-id {id} --http-tokens required"
            )),
        );
        let kind = there.instance_type().map(|t| t.as_str().to_owned());
        found.compare("instance type", instance_type, kind.as_deref(), "", "");
        if let Some(key) = there.key_name() {
            found.compare("key pair", "none", Some(key), "", "");
        }
        Ok(found.0)
    }
}
