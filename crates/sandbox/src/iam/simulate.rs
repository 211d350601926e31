//! SimulatePrincipalPolicy: what somebody may do, without doing it.

use super::{condition::Context, policy};
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
    let mut context = Context::default();
    for entry in p.structs("ContextEntries") {
        // A key with several values does not occur in what is asked here: the first one counts.
        let value = entry.list("ContextKeyValues").into_iter().next().unwrap_or_default();
        context = context.with(entry.required("ContextKeyName")?, value);
    }
    // The sandbox's own user may do everything, or what the sandbox's policy says.
    let own = ctx.policy().map(crate::permission::read).transpose().map_err(ApiError::internal)?;
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
            let allowed = match role {
                Some(role) => policy::role_allows(role, action, resource, &context),
                None => own.as_ref().is_none_or(|document| {
                    policy::decide(document, action, resource, &context) == Some(true)
                }),
            };
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
