//! What each operation of IAM must be given, and how long it may be (from the service model).

use crate::model::{
    constraint::{Broken, field},
    error::ApiError,
    params::Params,
    tag::{self, Tag},
};

const ROLE: &[&str] = &["RoleName"];
const PROFILE: &[&str] = &["InstanceProfileName"];

fn required(action: &str) -> &'static [&'static str] {
    match action {
        "CreateRole" => &["RoleName", "AssumeRolePolicyDocument"],
        "GetRole"
        | "DeleteRole"
        | "ListRoleTags"
        | "ListRolePolicies"
        | "ListAttachedRolePolicies"
        | "DeleteRolePermissionsBoundary"
        | "ListInstanceProfilesForRole" => ROLE,
        "TagRole" => &["RoleName", "Tags"],
        "PutRolePolicy" => &["RoleName", "PolicyName", "PolicyDocument"],
        "GetRolePolicy" | "DeleteRolePolicy" => &["RoleName", "PolicyName"],
        "AttachRolePolicy" | "DetachRolePolicy" => &["RoleName", "PolicyArn"],
        "PutRolePermissionsBoundary" => &["RoleName", "PermissionsBoundary"],
        "CreatePolicy" => &["PolicyName", "PolicyDocument"],
        "GetPolicy" | "DeletePolicy" => &["PolicyArn"],
        "GetPolicyVersion" => &["PolicyArn", "VersionId"],
        "CreateServiceLinkedRole" => &["AWSServiceName"],
        "CreateInstanceProfile"
        | "GetInstanceProfile"
        | "DeleteInstanceProfile"
        | "ListInstanceProfileTags" => PROFILE,
        "TagInstanceProfile" => &["InstanceProfileName", "Tags"],
        "AddRoleToInstanceProfile" | "RemoveRoleFromInstanceProfile" => &["InstanceProfileName", "RoleName"],
        "SimulatePrincipalPolicy" => &["PolicySourceArn", "ActionNames"],
        _ => &[],
    }
}

/// Characters of the shortest and the longest value.
const LENGTHS: &[(&str, usize, usize)] = &[
    ("RoleName", 1, 64),
    ("InstanceProfileName", 1, 128),
    ("PolicyName", 1, 128),
    ("PolicyDocument", 1, 131_072),
    ("AssumeRolePolicyDocument", 1, 131_072),
    ("PolicyArn", 20, 2_048),
    ("PermissionsBoundary", 20, 2_048),
    ("AWSServiceName", 1, 128),
    ("PolicySourceArn", 20, 2_048),
    ("Path", 1, 512),
    ("Description", 0, 1_000),
];

/// Characters of texts: the pattern as messages carry it, and whether a character fits.
type Pattern = (&'static str, fn(char) -> bool);

const DESCRIPTION: Pattern = (
    r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    |c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}'),
);
const DOCUMENT: Pattern =
    (r"[\u0009\u000A\u000D\u0020-\u00FF]+", |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'));
const PATTERNS: &[(&str, Pattern)] =
    &[("Description", DESCRIPTION), ("PolicyDocument", DOCUMENT), ("AssumeRolePolicyDocument", DOCUMENT)];

/// Refuses a request that breaks any of them, with all that it breaks.
pub(super) fn check(action: &str, p: &Params) -> Result<(), ApiError> {
    let mut broken = Broken::default();
    for name in required(action) {
        if p.get(name).is_none() && p.inner(name).is_empty() {
            broken.absent(name);
        }
    }
    for (name, least, most) in LENGTHS {
        let Some(length) = p.get(name).map(|value| value.chars().count()) else { continue };
        if length < *least {
            broken.note("", &field(name), &format!("have length greater than or equal to {least}"));
        }
        if length > *most {
            broken.note("", &field(name), &format!("have length less than or equal to {most}"));
        }
    }
    for (name, (pattern, fits)) in PATTERNS {
        if p.get(name).is_some_and(|value| !value.chars().all(fits)) {
            broken.note("", &field(name), &format!("satisfy regular expression pattern: {pattern}"));
        }
    }
    for (at, part, _) in tag::strange(&Tag::listed(p, "Tags")) {
        let many = if part == "key" { '+' } else { '*' };
        let rule = format!(r"satisfy regular expression pattern: [\p{{L}}\p{{Z}}\p{{N}}_.:/=+\-@]{many}");
        broken.note("", &format!("tags.{at}.member.{part}"), &rule);
    }
    broken.refuse("ValidationError")
}
