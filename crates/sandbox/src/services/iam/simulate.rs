//! SimulatePrincipalPolicy: what somebody may do, without doing it.

use super::policy;
use crate::model::permission::Context;
use crate::{
    model::{arn::arn, error::ApiError, node::Node, params::Params},
    server::ctx::Ctx,
};
use std::sync::Arc;

pub(super) fn principal(ctx: &Arc<Ctx>, p: &Params) -> Result<Node, ApiError> {
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
    let own = ctx.policy().map(policy::read).transpose().map_err(ApiError::internal)?;
    let role = if source == arn("iam", "", &ctx.account, "user/sandbox") {
        None
    } else if !source.starts_with("arn:") {
        return Err(ApiError::bad("InvalidInput", format!("Invalid Entity Arn: {source}")));
    } else {
        let found = world
            .iam
            .role(source.rsplit('/').next().unwrap_or_default())
            .filter(|r| r.arn(&ctx.account) == source);
        Some(found.ok_or_else(|| {
            ApiError::new("NoSuchEntity", 404, format!("The principal {source} cannot be found."))
        })?)
    };
    // More policies, as if they were attached to the principal too.
    let more = p.list("PolicyInputList");
    for document in &more {
        policy::check_permissions(document)
            .map_err(|error| ApiError::bad("InvalidInput", error.message.unwrap_or_default()))?;
    }
    let everything = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let decide = |action: &str, resource: &str| {
        if let Some(role) = role {
            return policy::role_decides(&world, role, &more, action, resource, &context);
        }
        let own = std::iter::once(own.as_deref().unwrap_or(everything));
        policy::decide_all(own.chain(more.iter().map(String::as_str)), action, resource, &context)
    };
    let mut results = Vec::new();
    for action in &actions {
        if !action.contains(':') {
            let text = format!("Invalid Action: {action}");
            return Err(ApiError::bad("InvalidInput", text));
        }
        for resource in &resources {
            let decision = match decide(action, resource) {
                Some(true) => "allowed",
                Some(false) => "explicitDeny",
                None => "implicitDeny",
            };
            results.push(
                Node::result()
                    .leaf("EvalActionName", action)
                    .leaf("EvalResourceName", resource)
                    .leaf("EvalDecision", decision)
                    .list("MatchedStatements", "member", [])
                    .list("MissingContextValues", "member", []),
            );
        }
    }
    super::listed(p, "EvaluationResults", results)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::params::Missing;

    #[test]
    fn more_policies_count_as_if_they_were_attached() {
        let (_dir, ctx) = Ctx::for_tests();
        let user = arn("iam", "", &ctx.account, "user/sandbox");
        let decisions = |policies: &[&str]| {
            let names: Vec<String> =
                (1..=policies.len()).map(|n| format!("PolicyInputList.member.{n}")).collect();
            let mut pairs = vec![
                ("PolicySourceArn", user.as_str()),
                ("ActionNames.member.1", "ec2:RunInstances"),
                ("ActionNames.member.2", "ec2:DescribeVpcs"),
            ];
            pairs.extend(names.iter().map(String::as_str).zip(policies.iter().copied()));
            let answer = principal(&ctx, &Params::of(Missing::Validation, pairs))?;
            let text = answer.document();
            let decisions = text.split("<EvalDecision>").skip(1);
            let word = |rest: &str| rest.split('<').next().unwrap_or_default().to_owned();
            Ok::<_, ApiError>(decisions.map(word).collect::<Vec<_>>())
        };
        let deny = r#"{"Statement":{"Effect":"Deny","Action":"ec2:Run*","Resource":"*"}}"#;
        let allow = r#"{"Statement":{"Effect":"Allow","Action":"ec2:Run*","Resource":"*"}}"#;
        assert_eq!(decisions(&[]).unwrap(), ["allowed", "allowed"]);
        assert_eq!(decisions(&[deny]).unwrap(), ["explicitDeny", "allowed"]);
        assert_eq!(decisions(&[deny, allow]).unwrap(), ["explicitDeny", "allowed"]);
        assert_eq!(decisions(&["{"]).unwrap_err().code, "InvalidInput");
        let learner = ctx.dir.join("policy.json");
        std::fs::write(
            &learner,
            r#"{"Statement":{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}}"#,
        )
        .unwrap();
        ctx.depart(crate::Departure { policy: Some(learner), ..Default::default() });
        assert_eq!(decisions(&[]).unwrap(), ["implicitDeny", "allowed"]);
        assert_eq!(decisions(&[allow]).unwrap(), ["allowed", "allowed"]);
    }
}
