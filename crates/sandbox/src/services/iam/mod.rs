//! IAM: roles, instance profiles and the temporary keys of roles.

mod condition;
mod constraint;
pub(crate) mod managed;
mod needs;
mod pattern;
mod policy;
mod profile;
mod quota;
mod role;
mod session;
mod simulate;
pub(crate) mod state;

pub(crate) use pattern::matches;
pub(crate) use policy::{allows, decide, read};
pub(crate) use role::ensure_service_linked;
pub(crate) use session::{agent_works, keys_for};
#[cfg(test)]
pub(crate) use {
    quota::{INSTANCE_PROFILES, ROLES},
    state::{Profile, Role},
};

use crate::model::account::part::{Part, nothing};
use crate::{
    model::{
        error::ApiError,
        node::Node,
        page,
        params::{Missing, Params},
        tag::{self, Tag},
    },
    protocol::Protocol,
    server::ctx::Ctx,
    services::{
        operation::{Needs, Operation},
        service::{BROKEN, Form, Refusals, Service, Wire, denied_query, no_resume},
    },
};

pub(crate) static SERVICE: Service = Service {
    part: Part {
        name: "iam",
        prefix: "iam",
        of_aws: true,
        machines: &[],
        quotas: quota::ALL,
        tagged: None,
        resources: |world, _| world.iam.resources(),
        attached: nothing::attached,
        uses: nothing::uses,
        engine_of: nothing::engine_of,
        rewind: |world, before| world.iam = before.iam.clone(),
    },
    wire: Wire::Form(Form {
        protocol: Protocol::Query,
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        version: "2010-05-08",
        missing: Missing::Validation,
        check: constraint::check,
        names: &[("InstanceProfileName", "instance-profile/"), ("RoleName", "role/")],
        regional: false,
    }),
    operations: OPERATIONS,
    refusals: Refusals {
        throttled: ("Throttling", 400, "Rate exceeded"),
        broken: ("ServiceFailure", 500, BROKEN),
        denied: denied_query,
    },
    resume: no_resume,
};

const OPERATIONS: &[Operation] = &[
    Operation::form("CreateRole", role::create, Needs::Form(needs::named)).making(),
    Operation::form("GetRole", role::get, Needs::Form(needs::named)),
    Operation::form("DeleteRole", role::delete, Needs::Form(needs::named)),
    Operation::form("ListRoles", role::list, Needs::Own),
    Operation::form("TagRole", role::tag, Needs::Form(needs::named)),
    Operation::form("ListRoleTags", role::list_tags, Needs::Form(needs::named)),
    Operation::form("PutRolePolicy", role::put_policy, Needs::Form(needs::named)),
    Operation::form("GetRolePolicy", role::get_policy, Needs::Form(needs::named)),
    Operation::form("ListRolePolicies", role::list_policies, Needs::Form(needs::named)),
    Operation::form("DeleteRolePolicy", role::delete_policy, Needs::Form(needs::named)),
    Operation::form("AttachRolePolicy", role::attach, Needs::Form(needs::named)),
    Operation::form("DetachRolePolicy", role::detach, Needs::Form(needs::named)),
    Operation::form("ListAttachedRolePolicies", role::list_attached, Needs::Form(needs::named)),
    Operation::form(
        "CreateServiceLinkedRole",
        role::create_service_linked,
        Needs::Form(needs::service_linked),
    )
    .making(),
    Operation::form("PutRolePermissionsBoundary", managed::bound, Needs::Form(needs::named)),
    Operation::form("DeleteRolePermissionsBoundary", managed::unbound, Needs::Form(needs::named)),
    Operation::form("CreatePolicy", managed::create, Needs::Form(needs::managed)).making(),
    Operation::form("GetPolicy", managed::get, Needs::Form(needs::managed)),
    Operation::form("GetPolicyVersion", managed::get_version, Needs::Form(needs::managed)),
    Operation::form("DeletePolicy", managed::delete, Needs::Form(needs::managed)),
    Operation::form("CreateInstanceProfile", profile::create, Needs::Form(needs::named)).making(),
    Operation::form("GetInstanceProfile", profile::get, Needs::Form(needs::named)),
    Operation::form("DeleteInstanceProfile", profile::delete, Needs::Form(needs::named)),
    Operation::form("ListInstanceProfiles", profile::list, Needs::Own),
    Operation::form("ListInstanceProfilesForRole", profile::list_for_role, Needs::Form(needs::named)),
    Operation::form("TagInstanceProfile", profile::tag, Needs::Form(needs::named)),
    Operation::form("ListInstanceProfileTags", profile::list_tags, Needs::Form(needs::named)),
    Operation::form("AddRoleToInstanceProfile", profile::add_role, Needs::Form(needs::add_role)),
    Operation::form("RemoveRoleFromInstanceProfile", profile::remove_role, Needs::Form(needs::named)),
    Operation::form("GetAccountSummary", |ctx, _| Ok(summary(ctx)), Needs::Own),
    Operation::form("SimulatePrincipalPolicy", simulate::principal, Needs::Form(needs::simulate)),
];

/// How many there are of what has a quota, and the quotas.
fn summary(ctx: &Ctx) -> Node {
    let counts = ctx.read(|world| {
        [
            ("Roles", world.iam.roles.len()),
            ("RolesQuota", ctx.limit(&quota::ROLES)),
            ("InstanceProfiles", world.iam.profiles.len()),
            ("InstanceProfilesQuota", ctx.limit(&quota::INSTANCE_PROFILES)),
        ]
    });
    let entries = counts.map(|(name, count)| Node::new("entry").leaf("key", name).leaf("value", count));
    Node::result().child(Node::new("SummaryMap").children(entries))
}

/// A quota that is used up.
fn exceeded(quota: &str, limit: usize) -> ApiError {
    ApiError::new("LimitExceeded", 409, format!("Cannot exceed quota for {quota}: {limit}"))
}

fn validation(text: &str) -> ApiError {
    ApiError::bad("ValidationError", format!("1 validation error detected: {text}"))
}

/// The name of a role, as its operations take it.
fn role_name(p: &Params) -> Result<&str, ApiError> {
    name(p, "RoleName", "roleName")
}

/// IAM percent-encodes the documents that it shows; clients do not read `+` as a space.
fn encoded(document: &str) -> String {
    form_urlencoded::byte_serialize(document.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A name parameter, whose characters are checked here and whose length was already; `field` is its name in messages.
fn name<'a>(p: &'a Params, parameter: &str, field: &str) -> Result<&'a str, ApiError> {
    let value = p.required(parameter)?;
    if value.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c)) {
        Ok(value)
    } else {
        Err(ApiError::bad(
            "ValidationError",
            format!(
                "The specified value for {field} is invalid. It must contain only alphanumeric characters and/or \
                 the following: +=,.@_-"
            ),
        ))
    }
}

fn path(p: &Params) -> Result<String, ApiError> {
    let path = p.get("Path").filter(|t| !t.is_empty()).unwrap_or("/");
    let plain = path.chars().all(|c| c.is_ascii_graphic());
    if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 && plain {
        return Ok(path.to_owned());
    }
    let text = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
                characters and/or / characters.";
    Err(ApiError::bad("ValidationError", text))
}

fn tags(p: &Params) -> Result<Vec<Tag>, ApiError> {
    let tags = Tag::list(p, "Tags")?;
    match tag::fault(&tags) {
        Some(text) => Err(ApiError::bad("InvalidInput", text)),
        None => Ok(tags),
    }
}

/// A page of a list as IAM answers it: with `IsTruncated` and `Marker`.
fn listed(p: &Params, name: &'static str, items: impl IntoIterator<Item = Node>) -> Result<Node, ApiError> {
    let max = match p.int("MaxItems")? {
        None => 100,
        Some(n @ 1..=1000) => n as usize,
        Some(_) => {
            return Err(validation(
                "Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
            ));
        }
    };
    let (items, marker) = page::page(items, p.get("Marker"), max)
        .ok_or_else(|| ApiError::bad("ValidationError", "Invalid Marker."))?;
    Ok(Node::result().leaf("IsTruncated", marker.is_some()).list(name, "member", items).opt("Marker", marker))
}

fn iso(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
