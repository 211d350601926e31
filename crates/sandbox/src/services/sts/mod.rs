//! STS: who am I.

use crate::model::account::part::Part;
use crate::{
    model::{caller::Caller, error::ApiError, node::Node, params::Missing},
    protocol::Protocol,
    server::ctx::Ctx,
    services::{
        operation::{Call, Needs, Operation},
        service::{BROKEN, Form, Refusals, Service, Wire, denied_query, no_resume},
    },
};

pub(crate) static SERVICE: Service = Service {
    part: Part::stateless("sts", "sts"),
    wire: Wire::Form(Form {
        protocol: Protocol::Query,
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        version: "2011-06-15",
        missing: Missing::Validation,
        check: |_, _| Ok(()),
        names: &[],
        regional: false,
    }),
    // Every caller may always ask who it is.
    operations: &[Operation::call("GetCallerIdentity", identity, Needs::Nothing)],
    refusals: Refusals {
        throttled: ("Throttling", 400, "Rate exceeded"),
        broken: ("InternalFailure", 500, BROKEN),
        denied: denied_query,
    },
    resume: no_resume,
};

#[allow(clippy::unnecessary_wraps)] // The handlers of a table have one shape.
fn identity(call: &Call<'_>) -> Result<Node, ApiError> {
    Ok(Node::result()
        .leaf("Arn", call.caller.arn(&call.ctx.account))
        .leaf("UserId", user_id(call.ctx, call.caller))
        .leaf("Account", &call.ctx.account))
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
