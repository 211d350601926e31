//! What all parameters of Systems Manager have in common: how IAM knows them, and their commands.

use crate::kind::prelude::*;

/// How IAM knows a parameter.
pub(super) const ARN: Arn = Arn { service: "ssm", resource: "parameter", concerns: |_| true };

/// The command that makes one, but for its value and its tags.
pub(super) fn put(path: &str, kind: &str, description: &str) -> Line {
    Line::new("ssm", "put-parameter").arg("name", path).arg("type", kind).arg("description", description)
}

/// The command that deletes one.
pub(super) fn delete(path: &str) -> Line {
    Line::new("ssm", "delete-parameter").arg("name", path)
}

/// The command that tags one, but for the tags.
pub(super) fn tag(path: &str) -> Line {
    Line::new("ssm", "add-tags-to-resource").arg("resource-type", "Parameter").arg("resource-id", path)
}
