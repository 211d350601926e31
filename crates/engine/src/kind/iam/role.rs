//! IAM roles.

use crate::kind::prelude::*;
use serde_json::json;

/// The quota against which it counts.
const QUOTA: Quota = Quota { service: IAM, code: "L-FE177D64", what: "IAM roles" };

/// How IAM knows it.
const ARN: Arn =
    Arn { service: "iam", resource: "role", concerns: |action| !action.contains("InstanceProfile") };

/// An IAM role that EC2 may assume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Role name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

impl Kind for Role {
    fn describe(&self) -> String {
        format!("IAM role {}", self.name)
    }
    fn properties(&self) -> Properties<'_> {
        Properties {
            undo_stage: UndoStage::Roles,
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
    fn make_line(&self, tags: &Tags, _: Option<&str>) -> Line {
        Line::new("iam", "create-role")
            .arg("role-name", &self.name)
            .arg("description", &self.description)
            .arg("assume-role-policy-document", Self::trust_policy())
            .tags(tags)
    }
    fn undo_line(&self, _: &str) -> Option<String> {
        Some(format!("aws iam delete-role --role-name {}", quote(&self.name)))
    }
    fn tag_line(&self, _: &Place) -> Option<String> {
        Some(format!("aws iam tag-role --role-name {}", quote(&self.name)))
    }
}

impl Role {
    /// Who may assume it.
    pub fn trust_policy() -> String {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole"
            }]
        })
        .to_string()
    }
}
