//! Rules of EC2 security groups.

use crate::kind::prelude::*;

/// One inbound TCP rule from group to group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressRule {
    /// The group that opens.
    pub group: String,
    /// The group that may come in.
    pub source: String,
    /// TCP port.
    pub port: u16,
}

impl Kind for IngressRule {
    fn describe(&self) -> String {
        format!("rule: TCP {} into {} from {}", self.port, self.group, self.source)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        None
    }
    fn properties(&self) -> Properties<'_> {
        Properties {
            id_query: Some("SecurityGroupRules[0].SecurityGroupRuleId"),
            ..Properties::part(Nature::Part(&self.group))
        }
    }
    fn arns() -> &'static [Arn] {
        &[]
    }
    fn make_line(&self, _: &Planned) -> Line {
        Line::new("ec2", "authorize-security-group-ingress")
            .arg("group-id", &self.group)
            .arg("protocol", "tcp")
            .arg("port", self.port.to_string())
            .arg("source-group", &self.source)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(
            Line::new("ec2", "revoke-security-group-ingress")
                .arg("group-id", &self.group)
                .arg("protocol", "tcp")
                .arg("port", self.port.to_string())
                .arg("source-group", &self.source),
        )
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        None
    }
}
