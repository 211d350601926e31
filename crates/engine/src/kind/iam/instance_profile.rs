//! IAM instance profiles.

use crate::kind::prelude::*;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: IAM, code: "L-6E65F664", what: "IAM instance profiles" };

/// How IAM knows it.
const ARN: Arn = Arn {
    service: "iam",
    resource: "instance-profile",
    concerns: |action| action.contains("InstanceProfile"),
};

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceProfile {
    /// Profile name.
    pub name: String,
}

impl Kind for InstanceProfile {
    fn describe(&self) -> String {
        format!("instance profile {}", self.name)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }
    fn properties(&self) -> Properties<'_> {
        Properties::free(UndoStage::Holders, Some((QUOTA, 1)))
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        Line::new("iam", "create-instance-profile")
            .arg("instance-profile-name", &self.name)
            .tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("iam", "delete-instance-profile").arg("instance-profile-name", &self.name))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        Some(Line::new("iam", "tag-instance-profile").arg("instance-profile-name", &self.name))
    }
}
