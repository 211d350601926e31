//! EC2 security groups.

use crate::kind::prelude::*;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: "vpc", code: "L-E79EC296", what: "VPC security groups" };

/// How IAM knows it.
const ARN: Arn = Arn {
    service: "ec2",
    resource: "security-group",
    concerns: |action| !action.contains("TerminateInstances"),
};

/// An EC2 security group without rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// Group name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// VPC id.
    pub vpc: String,
}

impl Kind for SecurityGroup {
    fn describe(&self) -> String {
        format!("security group {}", self.name)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }
    fn properties(&self) -> Properties<'_> {
        Properties { id_query: Some("GroupId"), ..Properties::free(UndoStage::Holders, Some((QUOTA, 1))) }
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        Line::new("ec2", "create-security-group")
            .arg("group-name", &self.name)
            .arg("description", &self.description)
            .arg("vpc-id", &self.vpc)
            .ec2_tags(&planned.tags, &["security-group"], None)
    }
    fn undo_line(&self, id: &str) -> Option<Line> {
        Some(Line::new("ec2", "delete-security-group").arg("group-id", id))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        let look = Line::new("ec2", "describe-security-groups")
            .filters(&[("group-name", &self.name), ("vpc-id", &self.vpc)])
            .arg("query", "SecurityGroups[0].GroupId");
        Some(Line::new("ec2", "create-tags").answer("resources", look))
    }
}
