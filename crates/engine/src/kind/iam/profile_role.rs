//! Roles in instance profiles.

use crate::kind::prelude::*;

/// The role put into the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileRole {
    /// Profile name.
    pub profile: String,
    /// Role name.
    pub role: String,
}

impl Kind for ProfileRole {
    fn describe(&self) -> String {
        format!("role {} in profile {}", self.role, self.profile)
    }
    fn properties(&self) -> Properties<'_> {
        Properties {
            undo_stage: UndoStage::Parts,
            nature: Nature::Part(&self.profile),
            wait: None,
            secret: SecretUse::None,
            charges: Vec::new(),
            quota: None,
            id_query: None,
        }
    }
    fn token(&mut self) -> Option<&mut String> {
        None
    }
    fn arns() -> &'static [Arn] {
        &[]
    }
    fn make_line(&self, _: &Tags) -> Line {
        Line::new("iam", "add-role-to-instance-profile")
            .arg("instance-profile-name", &self.profile)
            .arg("role-name", &self.role)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(
            Line::new("iam", "remove-role-from-instance-profile")
                .arg("instance-profile-name", &self.profile)
                .arg("role-name", &self.role),
        )
    }
    fn tag_line(&self, _: &Place) -> Option<Line> {
        None
    }
}
