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
    fn own_name(&mut self) -> Option<&mut String> {
        None
    }
    fn properties(&self) -> Properties<'_> {
        Properties::part(Nature::Part(&self.profile))
    }
    fn arns() -> &'static [Arn] {
        &[]
    }
    fn make_line(&self, _: &Planned) -> Line {
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
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        None
    }
}
