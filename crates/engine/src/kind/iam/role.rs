//! IAM roles.

use crate::deliver::sha256;
use crate::kind::prelude::*;
use serde_json::json;
use std::fmt::Write as _;

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
    /// ARN of the policy beyond which it may do nothing, whatever its own policies say; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub boundary: String,
}

impl Kind for Role {
    fn describe(&self) -> String {
        format!("IAM role {}", self.name)
    }
    fn own_name(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }
    fn properties(&self) -> Properties<'_> {
        Properties::free(UndoStage::Roles, Some((QUOTA, 1)))
    }
    fn arns() -> &'static [Arn] {
        &[ARN]
    }
    fn make_line(&self, planned: &Planned) -> Line {
        let line = Line::new("iam", "create-role")
            .arg("role-name", &self.name)
            .arg("description", &self.description)
            .arg("path", Self::path(&planned.tags.owner))
            .arg("assume-role-policy-document", Self::trust_policy());
        let line =
            if self.boundary.is_empty() { line } else { line.arg("permissions-boundary", &self.boundary) };
        line.tags(&planned.tags)
    }
    fn undo_line(&self, _: &str) -> Option<Line> {
        Some(Line::new("iam", "delete-role").arg("role-name", &self.name))
    }
    fn tag_line(&self, _: &Planned, _: &Place) -> Option<Line> {
        Some(Line::new("iam", "tag-role").arg("role-name", &self.name))
    }
}

/// Characters of an owner's part of a path; IAM takes 512 for the whole.
const LONGEST: usize = 300;

impl Role {
    /// Where it stands in IAM: whoever may pass a role may do what the role may, and only by names can that be limited to
    /// the roles of one's own (docs/aws.md, "Permissions").
    pub fn path(owner: &str) -> String {
        if owner.is_empty() {
            return "/recipe-walk/".to_owned();
        }
        let mut part = String::new();
        for byte in owner.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => part.push(char::from(byte)),
                _ => {
                    let _ = write!(part, "%{byte:02X}");
                }
            }
        }
        if part.len() > LONGEST {
            part = sha256(owner.as_bytes());
        }
        format!("/recipe-walk/{part}/")
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_tells_owners_apart_and_has_no_wildcard() {
        for (owner, path) in [
            ("", "/recipe-walk/"),
            ("ana", "/recipe-walk/ana/"),
            ("Ana Müller", "/recipe-walk/Ana%20M%C3%BCller/"),
            ("a/b*", "/recipe-walk/a%2Fb%2A/"),
        ] {
            assert_eq!(Role::path(owner), path);
        }
        let long = |last: char| Role::path(&format!("{}{last}", "ü".repeat(255)));
        assert!(long('a').len() < 512 && long('a') != long('b'));
    }
}
