//! What a service is to the rest of the sandbox: one value, which each defines in its folder.

use super::operation::{
    Call, Later, Needs, Operation, Run, dry_run, unimplemented_json, unimplemented_query,
};
use crate::{
    model::{
        account::part::{Part, Parts},
        arn::arn,
        caller::Caller,
        error::ApiError,
        node::Node,
        params::{Missing, Params},
        permission::Permission,
    },
    protocol::Protocol,
    server::ctx::Ctx,
};
use serde_json::Value;
use std::sync::Arc;

/// Everything that the sandbox knows of a service. There is no default for any part: what a new service must say, the
/// compiler asks for.
pub(crate) struct Service {
    /// What of it is known to the whole account.
    pub(crate) part: Part,
    pub(crate) wire: Wire,
    /// What is implemented.
    pub(crate) operations: &'static [Operation],
    pub(crate) refusals: Refusals,
    /// Picks up what a previous run left half done.
    pub(crate) resume: fn(Arc<Ctx>) -> Later<()>,
}

/// How a service is spoken to.
pub(crate) enum Wire {
    Form(Form),
    Json(Json),
}

/// A form, answered in XML.
pub(crate) struct Form {
    /// `Ec2` or `Query`.
    pub(crate) protocol: Protocol,
    /// Of its answers.
    pub(crate) namespace: &'static str,
    /// The only `Version` it takes.
    pub(crate) version: &'static str,
    pub(crate) missing: Missing,
    /// Refuses what the service's framework refuses before an operation is looked at.
    pub(crate) check: fn(&str, &Params) -> Result<(), ApiError>,
    /// Parameters that name a resource, the telling one first, and what stands before the name in its ARN.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// Whether its ARNs have a region.
    pub(crate) regional: bool,
}

/// AWS JSON 1.1.
pub(crate) struct Json {
    /// Before the operation in `X-Amz-Target`, and in the path of CBOR requests.
    pub(crate) target: &'static str,
    /// Whether its clients speak CBOR too.
    pub(crate) cbor: bool,
    /// Refuses what the service's framework refuses before an operation is looked at.
    pub(crate) check: fn(&str, &Value) -> Result<(), ApiError>,
    /// The exceptions whose text is called `Message`; all others say `message`.
    pub(crate) capital: &'static [&'static str],
}

/// A code, its HTTP status and a text.
pub(crate) type Words = (&'static str, u16, &'static str);

/// What the service says when it cannot or may not, for faults on demand and for policies.
pub(crate) struct Refusals {
    pub(crate) throttled: Words,
    pub(crate) broken: Words,
    /// Of a caller whose policies do not allow an action: given the sentence that says so, and whether the action
    /// changes something.
    pub(crate) denied: fn(String, bool) -> ApiError,
}

impl Service {
    /// The operation of this name, in words that last: AWS's, implemented or not, or the sandbox's own.
    pub(crate) fn operation(&self, name: &str) -> Option<&'static str> {
        let own = || self.implemented(name).map(|operation| operation.name);
        if self.part.of_aws { self.part.operation(name) } else { own() }
    }

    /// The operation of this name, if it is implemented.
    pub(crate) fn implemented(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// Answers a call by a form.
    pub(crate) fn form_answer(
        &self,
        ctx: &Arc<Ctx>,
        caller: &Caller,
        name: &str,
        p: &Params,
    ) -> Later<Result<Node, ApiError>> {
        let now = |answer| -> Later<Result<Node, ApiError>> { Box::pin(std::future::ready(answer)) };
        let (Some(operation), Some(form)) = (self.implemented(name), self.form()) else {
            return now(Err(unimplemented_query(name)));
        };
        let dry = match (form.check)(name, p).and_then(|()| p.check_texts()) {
            Ok(()) if form.protocol == Protocol::Ec2 => p.bool("DryRun").map(|dry| dry.unwrap_or(false)),
            checked => checked.map(|()| false),
        };
        let dry = match dry {
            Ok(dry) => dry,
            Err(error) => return now(Err(error)),
        };
        match operation.run {
            Run::Call(run) => {
                let answer = run(&Call { ctx, caller, p, dry });
                now(answer.and_then(|answer| if dry { Err(dry_run()) } else { Ok(answer) }))
            }
            Run::Form(run) => now(run(ctx, p)),
            Run::Later(run) => run(Arc::clone(ctx), p.clone()),
            Run::Json(_) => now(Err(unimplemented_query(name))),
        }
    }

    /// Answers a call in JSON.
    pub(crate) fn json_answer(&self, ctx: &Arc<Ctx>, name: &str, input: &Value) -> Result<Value, ApiError> {
        match (self.implemented(name).map(|operation| &operation.run), &self.wire) {
            (Some(Run::Json(run)), Wire::Json(json)) => {
                (json.check)(name, input)?;
                run(ctx, input)
            }
            _ => Err(unimplemented_json(name)),
        }
    }

    /// The permissions that a call needs, its own first.
    pub(crate) fn needed(&self, ctx: &Ctx, name: &str, input: Input<'_>) -> Vec<Permission> {
        let action = format!("{}:{name}", self.part.prefix);
        let needs = self.implemented(name).map(|operation| &operation.needs);
        match (needs, input) {
            (Some(Needs::Nothing), _) => Vec::new(),
            (Some(Needs::Form(needs)), Input::Form(p)) => needs(ctx, &ctx.world(), &action, p),
            (Some(Needs::Json(needs)), Input::Json(input)) => needs(ctx, &ctx.world(), &action, input),
            _ => vec![Permission::new(action, "*")],
        }
    }

    /// The ARN of what a call by a form is about; `*` where its parameters do not tell.
    pub(crate) fn subject(&self, ctx: &Ctx, name: &str, p: &Params) -> String {
        /// No name of AWS is longer; what is would only fill the memory of calls.
        const LONGEST: usize = 512;
        let short = |text: &&str| (1..=LONGEST).contains(&text.len());
        if let Some(given) = p.get("ResourceName").filter(|name| name.starts_with("arn:")).filter(short) {
            return given.to_owned();
        }
        let Some(form) = self.form() else { return "*".into() };
        let named = |(parameter, prefix): &(&str, &str)| {
            p.get(parameter).filter(short).map(|name| format!("{prefix}{name}"))
        };
        let about = self.implemented(name).and_then(|operation| operation.about).map(str::to_owned);
        let region = if form.regional { ctx.region.as_str() } else { "" };
        let part = about.or_else(|| form.names.iter().find_map(named));
        part.map_or_else(|| "*".into(), |part| arn(self.part.name, region, &ctx.account, &part))
    }

    /// Its form, if it is spoken to by forms.
    pub(crate) fn form(&self) -> Option<&Form> {
        match &self.wire {
            Wire::Form(form) => Some(form),
            Wire::Json(_) => None,
        }
    }

    /// The protocol of its requests when nothing in a request says otherwise.
    pub(crate) fn protocol(&self) -> Protocol {
        self.form().map_or(Protocol::Json, |form| form.protocol)
    }

    /// What a caller is told whose policies do not allow an action, its own or one that comes with it.
    pub(crate) fn denied(&self, action: &str, caller: &str, resource: &str, mutating: bool) -> ApiError {
        let denial = format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource} because no identity-based \
             policy allows the {action} action"
        );
        (self.refusals.denied)(denial, mutating)
    }
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.part.name == other.part.name
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.part.name)
    }
}

/// The services that a sandbox has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Services(pub(crate) &'static [&'static Service]);

impl Services {
    pub(crate) fn all(self) -> impl Iterator<Item = &'static Service> {
        self.0.iter().copied()
    }

    /// What each contributes to the account.
    pub(crate) fn parts(self) -> Parts {
        Parts(self.all().map(|service| &service.part).collect())
    }

    /// The service with this signing name.
    pub(crate) fn by_name(self, name: &str) -> Option<&'static Service> {
        self.all().find(|service| service.part.name == name)
    }

    /// The service that an `X-Amz-Target` prefix names.
    pub(crate) fn by_target(self, prefix: &str) -> Option<&'static Service> {
        self.all().find(|service| matches!(&service.wire, Wire::Json(json) if json.target == prefix))
    }
}

/// The parameters of a call in either form.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    Form(&'a Params),
    Json(&'a Value),
}

/// What JSON services say to a caller whose policies do not allow an action.
pub(crate) fn denied_json(denial: String, _mutating: bool) -> ApiError {
    ApiError::bad("AccessDeniedException", denial)
}

/// The same of AWS query services.
pub(crate) fn denied_query(denial: String, _mutating: bool) -> ApiError {
    ApiError::new("AccessDenied", 403, denial)
}

/// What most services say of a failure of their own.
pub(crate) const BROKEN: &str =
    "An internal error has occurred. Please try your query again at a later time.";

/// For services of which a stop leaves nothing half done.
pub(crate) fn no_resume(_: Arc<Ctx>) -> Later<()> {
    Box::pin(std::future::ready(()))
}
