//! Deciding by policy documents.

use super::pattern::{many, matches, texts};
use super::{
    condition::{covers, holds},
    state::{IamState, Role},
};
use crate::model::permission::Context;
use crate::model::{account::world::World, error::ApiError};
use serde_json::Value;
use std::path::Path;

/// Bytes of a policy's file.
const LARGEST: u64 = 1024 * 1024;

/// The managed policy that lets an instance talk to SSM.
pub(super) const MANAGED_CORE: &str = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

const MANAGED_CORE_DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":["ssm:DescribeAssociation","ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument",
"ssm:DescribeDocument","ssm:GetManifest","ssm:GetParameter","ssm:GetParameters","ssm:ListAssociations",
"ssm:ListInstanceAssociations","ssm:PutInventory","ssm:PutComplianceItems","ssm:PutConfigurePackageResult",
"ssm:UpdateAssociationStatus","ssm:UpdateInstanceAssociationStatus","ssm:UpdateInstanceInformation"],"Resource":"*"},
{"Effect":"Allow","Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel",
"ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Resource":"*"},
{"Effect":"Allow","Action":["ec2messages:AcknowledgeMessage","ec2messages:DeleteMessage","ec2messages:FailMessage",
"ec2messages:GetEndpoint","ec2messages:GetMessages","ec2messages:SendReply"],"Resource":"*"}]}"#;

/// Whether a role's policies allow an action on a resource.
pub(crate) fn allows(world: &World, role: &str, action: &str, resource: &str, context: &Context) -> bool {
    world.iam.role(role).is_some_and(|role| role_allows(world, role, action, resource, context))
}

pub(super) fn role_allows(
    world: &World,
    role: &Role,
    action: &str,
    resource: &str,
    context: &Context,
) -> bool {
    role_decides(world, role, &[], action, resource, context) == Some(true)
}

/// What a role's policies say, together with more of them: its boundary allows nothing, but what it does not allow is denied.
pub(super) fn role_decides(
    world: &World,
    role: &Role,
    more: &[String],
    action: &str,
    resource: &str,
    context: &Context,
) -> Option<bool> {
    let managed = |arn: &str| document_of(&world.iam, &world.account, arn);
    let attached = role.attached.iter().filter_map(|arn| managed(arn));
    let own = role.inline.values().map(String::as_str).chain(attached);
    let verdict = decide_all(own.chain(more.iter().map(String::as_str)), action, resource, context);
    let Some(boundary) = &role.boundary else { return verdict };
    match managed(boundary).and_then(|document| decide(document, action, resource, context)) {
        Some(true) => verdict,
        Some(false) => Some(false),
        None => verdict.filter(|allowed| !allowed),
    }
}

fn document_of<'a>(iam: &'a IamState, account: &str, arn: &str) -> Option<&'a str> {
    if arn == MANAGED_CORE {
        return Some(MANAGED_CORE_DOCUMENT);
    }
    iam.policy(account, arn).map(|policy| policy.document.as_str())
}

/// What several documents say together: one that denies is enough.
pub(super) fn decide_all<'a>(
    documents: impl IntoIterator<Item = &'a str>,
    action: &str,
    resource: &str,
    context: &Context,
) -> Option<bool> {
    let mut verdict = None;
    for document in documents {
        match decide(document, action, resource, context) {
            Some(false) => return Some(false),
            Some(true) => verdict = Some(true),
            None => {}
        }
    }
    verdict
}

/// What one document says: allowed, denied, or nothing.
pub(crate) fn decide(document: &str, action: &str, resource: &str, context: &Context) -> Option<bool> {
    let document: Value = serde_json::from_str(document).ok()?;
    let mut verdict = None;
    for statement in many(&document["Statement"]) {
        if !covers(statement, "Action", "NotAction", action, true)
            || !covers(statement, "Resource", "NotResource", resource, false)
        {
            continue;
        }
        // Under a condition that cannot be judged nothing is allowed, and everything is denied.
        match (statement["Effect"].as_str(), holds(&statement["Condition"], context)) {
            (Some("Deny"), None | Some(true)) => return Some(false),
            (Some("Allow"), Some(true)) => verdict = Some(true),
            _ => {}
        }
    }
    verdict
}

/// Whether a trust policy lets EC2 assume the role.
pub(super) fn trusts_ec2(trust: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(trust) else { return false };
    many(&document["Statement"]).any(|s| {
        s["Effect"] == "Allow"
            && texts(&s["Principal"]["Service"]).any(|p| p == "ec2.amazonaws.com")
            && texts(&s["Action"]).any(|a| matches(a, "sts:AssumeRole", true))
    })
}

/// Refuses what IAM refuses in a trust policy.
pub(super) fn check_trust(text: &str) -> Result<(), ApiError> {
    for statement in many(&parse(text)?["Statement"]) {
        if !statement["Resource"].is_null() {
            return Err(malformed("Has prohibited field Resource"));
        }
        for principal in texts(&statement["Principal"]["AWS"]) {
            let digits = principal.len() == 12 && principal.bytes().all(|b| b.is_ascii_digit());
            if principal != "*" && !digits && !principal.starts_with("arn:aws:") {
                return Err(malformed(&format!("Invalid principal in policy: \"AWS\":\"{principal}\"")));
            }
        }
    }
    Ok(())
}

/// Refuses what IAM refuses in a permission policy.
pub(crate) fn check_permissions(text: &str) -> Result<(), ApiError> {
    for statement in many(&parse(text)?["Statement"]) {
        if statement["Resource"].is_null() && statement["NotResource"].is_null() {
            return Err(malformed("Policy statement must contain resources."));
        }
        if statement["Action"].is_null() && statement["NotAction"].is_null() {
            return Err(malformed("Policy statement must contain actions."));
        }
        for action in texts(&statement["Action"]) {
            if action != "*" && !action.contains(':') {
                let text = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
                return Err(malformed(text));
            }
        }
    }
    Ok(())
}

fn parse(text: &str) -> Result<Value, ApiError> {
    let document: Value =
        serde_json::from_str(text).map_err(|_| malformed("This policy contains invalid Json"))?;
    let well_formed = many(&document["Statement"])
        .all(|s| s.is_object() && matches!(s["Effect"].as_str(), Some("Allow" | "Deny")));
    if document.is_object() && !document["Statement"].is_null() && well_formed {
        Ok(document)
    } else {
        Err(malformed("Syntax errors in policy."))
    }
}

fn malformed(text: &str) -> ApiError {
    ApiError::bad("MalformedPolicyDocument", text)
}

/// Reads a policy document and checks that it is one.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let document = recipe_walk_files::text(path, LARGEST).map_err(|error| error.to_string())?;
    check_permissions(&document)
        .map_err(|error| error.message.unwrap_or_else(|| error.code.clone().into()))?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:getparameter",
        "Resource":"arn:aws:ssm:us-east-1:123456789012:parameter/recipe-walk/s1/*"}}"#;

    #[test]
    fn actions_no_statement_names_are_denied() {
        let at = |path: &str| format!("arn:aws:ssm:us-east-1:123456789012:parameter{path}");
        let decide = |action, path| decide(READ, action, &at(path), &Context::default());
        assert_eq!(decide("ssm:GetParameter", "/recipe-walk/s1/db"), Some(true));
        assert_eq!(decide("ssm:GetParameter", "/recipe-walk/s2/db"), None);
        assert_eq!(decide("ssm:PutParameter", "/recipe-walk/s1/db"), None);
    }

    #[test]
    fn denial_wins_and_a_condition_must_hold() {
        let decide = |document, action| decide(document, action, "x", &Context::default());
        let both = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Deny","NotAction":"ssm:*","Resource":"*"}]}"#;
        assert_eq!(decide(both, "ssm:GetParameter"), Some(true));
        assert_eq!(decide(both, "ec2:RunInstances"), Some(false));
        let conditional = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:x":"true"}}}]}"#;
        assert_eq!(decide(conditional, "ssm:GetParameter"), None);
    }

    #[test]
    fn broken_policy_documents_are_refused() {
        assert!(check_permissions(READ).is_ok());
        for bad in ["{", "[]", r#"{"Statement":[{"Effect":"Allow","Action":"ssm:*"}]}"#] {
            assert_eq!(check_permissions(bad).unwrap_err().code, "MalformedPolicyDocument", "{bad}");
        }
        let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        assert!(check_trust(trust).is_ok());
        assert!(trusts_ec2(trust));
        assert_eq!(check_trust(READ).unwrap_err().message.as_deref(), Some("Has prohibited field Resource"));
    }
}
