//! IAM: roles, instance profiles and the temporary keys of roles.

mod condition;
mod constraint;
mod policy;
mod profile;
mod role;
mod service_linked;
mod session;
mod simulate;
mod state;

pub(crate) use condition::Context;
pub(crate) use policy::{allows, check_permissions, decide, matches};
pub(crate) use role::ensure_service_linked;
pub(crate) use service_linked::refusal as no_service_linked;
pub(crate) use session::{agent_works, keys_for};
pub(crate) use state::IamState;
#[cfg(test)]
pub(crate) use state::{Profile, Role};

use crate::{
    model::{error::ApiError, params::Params, tag::Tag},
    protocol::xml::Element,
    server::{ctx::Ctx, front::unimplemented_query},
    services::service_quotas::{INSTANCE_PROFILES, ROLES},
};

/// Answers one request.
pub(crate) fn handle(ctx: &Ctx, action: &str, p: &Params) -> Result<Element, ApiError> {
    constraint::check(action, p)?;
    match action {
        "CreateRole" => role::create(ctx, p),
        "GetRole" => role::get(ctx, p),
        "DeleteRole" => role::delete(ctx, p),
        "ListRoles" => role::list(ctx, p),
        "TagRole" => role::tag(ctx, p),
        "ListRoleTags" => role::list_tags(ctx, p),
        "PutRolePolicy" => role::put_policy(ctx, p),
        "GetRolePolicy" => role::get_policy(ctx, p),
        "ListRolePolicies" => role::list_policies(ctx, p),
        "DeleteRolePolicy" => role::delete_policy(ctx, p),
        "AttachRolePolicy" => role::attach(ctx, p),
        "DetachRolePolicy" => role::detach(ctx, p),
        "ListAttachedRolePolicies" => role::list_attached(ctx, p),
        "CreateServiceLinkedRole" => role::create_service_linked(ctx, p),
        "CreateInstanceProfile" => profile::create(ctx, p),
        "GetInstanceProfile" => profile::get(ctx, p),
        "DeleteInstanceProfile" => profile::delete(ctx, p),
        "ListInstanceProfiles" => profile::list(ctx, p),
        "ListInstanceProfilesForRole" => profile::list_for_role(ctx, p),
        "TagInstanceProfile" => profile::tag(ctx, p),
        "ListInstanceProfileTags" => profile::list_tags(ctx, p),
        "AddRoleToInstanceProfile" => profile::add_role(ctx, p),
        "RemoveRoleFromInstanceProfile" => profile::remove_role(ctx, p),
        "GetAccountSummary" => Ok(summary(ctx)),
        "SimulatePrincipalPolicy" => simulate::principal(ctx, p),
        other => Err(unimplemented_query(other)),
    }
}

/// How many there are of what has a quota, and the quotas.
fn summary(ctx: &Ctx) -> Element {
    let counts = ctx.read(|world| {
        [
            ("Roles", world.iam.roles.len()),
            ("RolesQuota", ROLES),
            ("InstanceProfiles", world.iam.profiles.len()),
            ("InstanceProfilesQuota", INSTANCE_PROFILES),
        ]
    });
    let entries = counts.map(|(name, count)| Element::new("entry").leaf("key", name).leaf("value", count));
    Element::result().child(Element::new("SummaryMap").children(entries))
}

/// A quota that is used up.
fn exceeded(quota: &str, limit: usize) -> ApiError {
    ApiError::new("LimitExceeded", 409, format!("Cannot exceed quota for {quota}: {limit}"))
}

fn validation(text: &str) -> ApiError {
    ApiError::bad("ValidationError", format!("1 validation error detected: {text}"))
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
    if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 {
        return Ok(path.to_owned());
    }
    let text = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
                characters and/or / characters.";
    Err(ApiError::bad("ValidationError", text))
}

fn tags(p: &Params) -> Result<Vec<Tag>, ApiError> {
    let tags = Tag::list(p, "Tags")?;
    match crate::model::tag::fault(&tags) {
        Some(text) => Err(ApiError::bad("InvalidInput", text)),
        None => Ok(tags),
    }
}

/// A page of a list as IAM answers it: with `IsTruncated` and `Marker`.
fn listed(p: &Params, name: &'static str, items: Vec<Element>) -> Result<Element, ApiError> {
    let max = match p.int("MaxItems")? {
        None => 100,
        Some(n @ 1..=1000) => n as usize,
        Some(_) => {
            return Err(validation(
                "Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
            ));
        }
    };
    let (items, marker) = crate::model::page::page(items, p.get("Marker"), max)
        .ok_or_else(|| ApiError::bad("ValidationError", "Invalid Marker."))?;
    Ok(Element::result()
        .leaf("IsTruncated", marker.is_some())
        .list(name, "member", items)
        .opt("Marker", marker))
}

fn iso(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
