//! STS: who am I.

use crate::{
    model::{arn::arn, error::ApiError},
    protocol::{sigv4::Caller, xml::Element},
    server::{ctx::Ctx, front::unimplemented_query},
};

/// Answers one request.
pub(crate) fn handle(ctx: &Ctx, caller: &Caller, action: &str) -> Result<Element, ApiError> {
    match action {
        "GetCallerIdentity" => Ok(Element::result()
            .leaf("Arn", caller_arn(ctx, caller))
            .leaf("UserId", user_id(ctx, caller))
            .leaf("Account", &ctx.account)),
        other => Err(unimplemented_query(other)),
    }
}

/// The ARN that AWS shows for a caller.
pub(crate) fn caller_arn(ctx: &Ctx, caller: &Caller) -> String {
    match caller {
        Caller::Root => arn("iam", "", &ctx.account, "user/sandbox"),
        Caller::Role { role, instance } => {
            arn("sts", "", &ctx.account, &format!("assumed-role/{role}/{instance}"))
        }
    }
}

fn user_id(ctx: &Ctx, caller: &Caller) -> String {
    match caller {
        Caller::Root => "AIDASANDBOXSANDBOXXX".into(),
        Caller::Role { role, instance } => {
            let id = ctx.read(|w| w.iam.role(role).map(|r| r.id.clone())).unwrap_or_default();
            format!("{id}:{instance}")
        }
    }
}
