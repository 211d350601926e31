//! From a signed request to the handler that answers it.

use super::{
    Front,
    hook::{self, Broken, Call, Dropped},
    protocol_of, resource, unimplemented_json, unimplemented_query,
};
use crate::{
    model::{
        error::ApiError,
        params::{Missing, Params},
    },
    protocol::{cbor, json, xml::Element},
    server::{
        control,
        ctx::Ctx,
        permission::{self, Input},
    },
    services::{ec2, elasticache, free_tier, iam, rds, secrets_manager, service_quotas, ssm, sts, tagging},
};
use crate::{
    protocol::{
        envelope::{self, Answer},
        sigv4::Caller,
    },
    services::service::{Protocol, Service},
};
use hyper::{Method, body::Bytes, http::request::Parts};
use std::{borrow::Cow, sync::Arc};

/// What a request looks like before anything in it is trusted.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) protocol: Protocol,
    /// The service that the request's form demands, else the one that the signature names.
    pub(crate) service: Option<Service>,
    /// The operation of JSON and CBOR requests.
    operation: Option<String>,
}

impl Shape {
    pub(crate) fn of(parts: &Parts) -> Self {
        let header = |name| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if header("smithy-protocol") == "rpc-v2-cbor" {
            let mut path = parts.uri.path().trim_start_matches('/').split('/');
            let names = [path.next(), path.next(), path.next(), path.next(), path.next()];
            let (service, operation) = match names {
                [Some("service"), Some(name), Some("operation"), Some(op), None] => {
                    (Service::by_target(name), Some(op.to_owned()))
                }
                _ => (None, None),
            };
            return Self { protocol: Protocol::Cbor, service, operation };
        }
        if parts.headers.contains_key("x-amz-target") {
            let (service, operation) = header("x-amz-target").rsplit_once('.').unwrap_or_default();
            return Self {
                protocol: Protocol::Json,
                service: Service::by_target(service),
                operation: Some(operation.to_owned()),
            };
        }
        if header("content-type").starts_with("application/x-amz-json") {
            return Self { protocol: Protocol::Json, service: None, operation: None };
        }
        Self { protocol: Protocol::Query, service: None, operation: None }
    }

    /// The envelope for a refusal where neither form nor signature say which service was wanted: the version tells.
    pub(crate) fn guessed(mut self, body: &[u8]) -> Self {
        let ec2 = |(k, v): (Cow<'_, str>, Cow<'_, str>)| k == "Version" && v == "2016-11-15";
        if self.service.is_none() && self.protocol == Protocol::Query && form_urlencoded::parse(body).any(ec2)
        {
            self.protocol = Protocol::Ec2;
        }
        self
    }

    /// Takes the signature's service where the form leaves it open.
    pub(crate) fn claimed(mut self, claimed: Option<Service>) -> Self {
        if self.service.is_none()
            && let Some(service) = claimed
            && (self.operation.is_none() || self.protocol == Protocol::Json)
        {
            if matches!(self.protocol, Protocol::Ec2 | Protocol::Query) {
                self.protocol = protocol_of(service);
            }
            self.service = Some(service);
        }
        self
    }

    pub(crate) fn refuse(&self, error: &ApiError) -> Answer {
        envelope::refusal(self.protocol, self.service, error)
    }
}

/// Answers a request whose signature is good.
pub(crate) async fn dispatch(
    front: &Front,
    caller: &Caller,
    shape: &Shape,
    parts: &Parts,
    body: &Bytes,
) -> Result<Answer, Dropped> {
    let Some(service) = shape.service else {
        return Ok(shape.refuse(&ApiError::bare("UnknownOperationException")));
    };
    let outcome = match shape.protocol {
        Protocol::Ec2 | Protocol::Query => query(front, caller, service, parts, body).await,
        Protocol::Json | Protocol::Cbor => structured(front, caller, service, shape, body).await,
    };
    match outcome {
        Ok(answer) => Ok(answer),
        Err(Broken::Refused(error)) => Ok(shape.refuse(&error)),
        Err(Broken::Dropped) => Err(Dropped),
    }
}

async fn query(
    front: &Front,
    caller: &Caller,
    service: Service,
    parts: &Parts,
    body: &Bytes,
) -> Result<Answer, Broken> {
    let p = match parts.method {
        Method::GET => Params::parse(parts.uri.query().unwrap_or_default().as_bytes(), Missing::Ec2),
        _ => Params::parse(body, Missing::Ec2),
    }
    .worded(service.missing());
    let Some(action) = p.get("Action").filter(|a| !a.is_empty()) else {
        let text = "The request must contain the parameter Action";
        return Err(ApiError::bad("MissingAction", text).into());
    };
    let (_, version) = service.namespace_and_version();
    let asked = p.get("Version").unwrap_or_default();
    if asked != version {
        let error = if service == Service::Ec2 {
            let text = format!("The requested version ({asked}) of service AmazonEC2 does not exist");
            ApiError::bad("NoSuchVersion", text)
        } else {
            unknown_action(service, action, asked)
        };
        return Err(error.into());
    }
    let Some(action) = service.operation(action) else {
        return Err(unknown_action(service, action, asked).into());
    };
    let ctx = &front.ctx;
    let resource = resource::of(ctx, service, action, &p);
    let needed = permission::needed(ctx, service, action, Input::Query(&p));
    let effect = |on: &Arc<Ctx>| {
        let (ctx, on, caller, p) = (Arc::clone(ctx), Arc::clone(on), caller.clone(), p.clone());
        let needed = needed.clone();
        // On the heap at once: everything around it is handed on by value.
        Box::pin(async move {
            permission::check(&ctx, &caller, service, &needed)?;
            match service {
                Service::Ec2 => ec2::handle(&on, action, &p),
                Service::ElastiCache => elasticache::handle(&on, action, &p).await,
                Service::Rds => rds::handle(&on, action, &p).await,
                Service::Iam => iam::handle(&on, action, &p),
                Service::Sts => sts::handle(&on, &caller, action),
                _ => Err(unimplemented_query(action)),
            }
        })
    };
    let dry = matches!(p.bool("DryRun"), Ok(Some(true)));
    let call = Call { service, operation: action, caller, resource, needed: &needed, dry };
    let result: Element = hook::around(ctx, call, |name| p.get(name), effect).await?;
    Ok(envelope::success(service, action, result))
}

async fn structured(
    front: &Front,
    caller: &Caller,
    service: Service,
    shape: &Shape,
    body: &Bytes,
) -> Result<Answer, Broken> {
    let Some(asked) = shape.operation.as_deref() else {
        return Err(ApiError::bare("UnknownOperationException").into());
    };
    let operation = service.operation(asked);
    if service != Service::Control && operation.is_none() {
        return Err(ApiError::bare("UnknownOperationException").into());
    }
    if shape.protocol == Protocol::Cbor && service != Service::Tagging {
        return Err(unimplemented_json(asked).into());
    }
    let input = if shape.protocol == Protocol::Cbor { cbor::parse(body)? } else { json::parse(body)? };
    let Some(operation) = operation else {
        // No call of AWS: neither recorded nor disturbed, so that faults can always be cleared.
        if *caller != Caller::Root {
            return Err(
                ApiError::bad("AccessDeniedException", "Only the sandbox's own key may do that.").into()
            );
        }
        let result = control::handle(front, asked, &input)?;
        return Ok(envelope::success_value(shape.protocol, &result));
    };
    let ctx = &front.ctx;
    let needed = permission::needed(ctx, service, operation, Input::Json(&input));
    let resource = needed.first().map_or_else(|| "*".to_owned(), |first| first.resource.clone());
    let call = Call { service, operation, caller, resource, needed: &needed, dry: false };
    let effect = |on: &Arc<Ctx>| {
        let (ctx, on, caller, input) = (Arc::clone(ctx), Arc::clone(on), caller.clone(), input.clone());
        let needed = needed.clone();
        Box::pin(async move {
            permission::check(&ctx, &caller, service, &needed)?;
            match service {
                Service::Ssm => ssm::handle(&on, operation, &input).await,
                Service::Tagging => tagging::handle(&on, operation, &input),
                Service::Quotas => service_quotas::handle(&on, operation, &input),
                Service::FreeTier => free_tier::handle(&on, operation),
                Service::SecretsManager => secrets_manager::handle(operation, &input),
                _ => Err(unimplemented_json(operation)),
            }
        })
    };
    let result = hook::around(ctx, call, |_| None, effect).await?;
    Ok(envelope::success_value(shape.protocol, &result))
}

fn unknown_action(service: Service, action: &str, version: &str) -> ApiError {
    let text = if service == Service::Ec2 {
        format!("The action {action} is not valid for this web service.")
    } else {
        format!("Could not find operation {action} for version {version}")
    };
    ApiError::bad("InvalidAction", text)
}
