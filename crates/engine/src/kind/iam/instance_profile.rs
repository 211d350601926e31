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
    fn properties(&self) -> Properties<'_> {
        Properties {
            undo_stage: UndoStage::Holders,
            nature: Nature::Own,
            wait: None,
            secret: SecretUse::None,
            charges: Vec::new(),
            quota: Some((QUOTA, 1)),
            id_query: None,
        }
    }
    fn token(&mut self) -> Option<&mut String> {
        None
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, tags: &Tags) -> Line {
        Line::new("iam", "create-instance-profile").arg("instance-profile-name", &self.name).tags(tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("iam", "delete-instance-profile").arg("instance-profile-name", &self.name))
    }
    fn tag_line(&self, _: &Place) -> Option<Line> {
        Some(Line::new("iam", "tag-instance-profile").arg("instance-profile-name", &self.name))
    }
}
