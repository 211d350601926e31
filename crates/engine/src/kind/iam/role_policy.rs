//! Inline policies of IAM roles.

use crate::kind::prelude::*;

/// An inline policy of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolePolicy {
    /// Role name.
    pub role: String,
    /// Policy name.
    pub name: String,
    /// The policy, as JSON text.
    pub document: String,
}

impl Kind for RolePolicy {
    fn describe(&self) -> String {
        format!("policy {} of role {}", self.name, self.role)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        None
    }
    fn properties(&self) -> Properties<'_> {
        Properties::part(Nature::Part(&self.role))
    }
    fn arns() -> &'static [Arn] {
        &[]
    }
    fn make_line(&self, _: &Planned) -> Line {
        Line::new("iam", "put-role-policy")
            .arg("role-name", &self.role)
            .arg("policy-name", &self.name)
            .arg("policy-document", &self.document)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(
            Line::new("iam", "delete-role-policy")
                .arg("role-name", &self.role)
                .arg("policy-name", &self.name),
        )
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        None
    }
}
