//! SimulatePrincipalPolicy: what somebody may do, without doing it.

use super::policy;
use crate::{
    arn::arn,
    ctx::Ctx,
    error::ApiError,
    wire::{Element, Params},
};

pub(super) fn principal(ctx: &Ctx, p: &Params) -> Result<Element, ApiError> {
    let source = p.required("PolicySourceArn")?;
    let actions = p.list("ActionNames");
    if actions.is_empty() {
        return Err(p.absent("ActionNames"));
    }
    let mut resources = p.list("ResourceArns");
    if resources.is_empty() {
        resources.push("*".into());
    }
    let world = ctx.world();
    // The sandbox's own user may do everything.
    let role = if source == arn("iam", "", &ctx.account, "user/sandbox") {
        None
    } else if !source.starts_with("arn:") {
        return Err(ApiError::bad("InvalidInput", format!("Invalid Entity Arn: {source}")));
    } else {
        let found = world.iam.roles.iter().find(|r| r.arn(&ctx.account) == source);
        Some(found.ok_or_else(|| {
            ApiError::new("NoSuchEntity", 404, format!("The principal {source} cannot be found."))
        })?)
    };
    let mut results = Vec::new();
    for action in &actions {
        if !action.contains(':') {
            let text = format!("Invalid Action: {action}");
            return Err(ApiError::bad("InvalidInput", text));
        }
        for resource in &resources {
            let allowed = role.is_none_or(|r| policy::role_allows(r, action, resource));
            results.push(
                Element::result()
                    .leaf("EvalActionName", action)
                    .leaf("EvalResourceName", resource)
                    .leaf("EvalDecision", if allowed { "allowed" } else { "implicitDeny" })
                    .list("MatchedStatements", "member", [])
                    .list("MissingContextValues", "member", []),
            );
        }
    }
    super::listed(p, "EvaluationResults", results)
}
