//! From a signed request to the handler that answers it.

use super::{
    Front,
    hook::{self, Broken, Call, Dropped},
};
use crate::{
    model::{
        caller::Caller,
        error::ApiError,
        node::Node,
        params::{Missing, Params},
    },
    protocol::{
        Protocol, cbor,
        envelope::{self, Answer, Own},
        json, presigned,
    },
    server::{ctx::Ctx, permission},
    services::{
        operation::unimplemented_json,
        service::{Form, Input, Service, Services, Wire},
    },
};
use hyper::{Method, body::Bytes, http::request::Parts};
use std::{borrow::Cow, sync::Arc};

/// What a request looks like before anything in it is trusted.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) protocol: Protocol,
    /// The service that the request's form demands, else the one that the signature names.
    pub(crate) service: Option<&'static Service>,
    /// The operation of JSON and CBOR requests.
    operation: Option<String>,
}

impl Shape {
    pub(crate) fn of(parts: &Parts, services: Services) -> Self {
        let header = |name| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if header("smithy-protocol") == "rpc-v2-cbor" {
            let mut path = parts.uri.path().trim_start_matches('/').split('/');
            let names = [path.next(), path.next(), path.next(), path.next(), path.next()];
            let (service, operation) = match names {
                [Some("service"), Some(name), Some("operation"), Some(op), None] => {
                    (services.by_target(name), Some(op.to_owned()))
                }
                _ => (None, None),
            };
            return Self { protocol: Protocol::Cbor, service, operation };
        }
        if parts.headers.contains_key("x-amz-target") {
            let (service, operation) = header("x-amz-target").rsplit_once('.').unwrap_or_default();
            return Self {
                protocol: Protocol::Json,
                service: services.by_target(service),
                operation: Some(operation.to_owned()),
            };
        }
        if header("content-type").starts_with("application/x-amz-json") {
            return Self { protocol: Protocol::Json, service: None, operation: None };
        }
        Self { protocol: Protocol::Query, service: None, operation: None }
    }

    /// The envelope for a refusal where neither form nor signature say which service was wanted: the version tells.
    pub(crate) fn guessed(mut self, parts: &Parts, body: &[u8]) -> Self {
        let ec2 = |(k, v): (Cow<'_, str>, Cow<'_, str>)| k == "Version" && v == "2016-11-15";
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        if self.service.is_none()
            && self.protocol == Protocol::Query
            && [query, body].into_iter().any(|form| form_urlencoded::parse(form).any(ec2))
        {
            self.protocol = Protocol::Ec2;
        }
        self
    }

    /// Takes the signature's service where the form leaves it open.
    pub(crate) fn claimed(mut self, claimed: Option<&'static Service>) -> Self {
        if self.service.is_none()
            && let Some(service) = claimed
            && (self.operation.is_none() || self.protocol == Protocol::Json)
        {
            if matches!(self.protocol, Protocol::Ec2 | Protocol::Query) {
                self.protocol = service.protocol();
            }
            self.service = Some(service);
        }
        self
    }

    pub(crate) fn refuse(&self, error: &ApiError) -> Answer {
        let own = self.service.map_or_else(Own::default, |service| match &service.wire {
            Wire::Form(form) => Own { namespace: form.namespace, capital: &[] },
            Wire::Json(json) => Own { namespace: "", capital: json.capital },
        });
        envelope::refusal(self.protocol, own, error)
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
    let outcome = match (&service.wire, shape.protocol) {
        (Wire::Form(form), _) => query(front, caller, service, form, parts, body).await,
        (Wire::Json(json), protocol) => {
            structured(front, caller, service, json.cbor, protocol, shape, body).await
        }
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
    service: &'static Service,
    form: &Form,
    parts: &Parts,
    body: &Bytes,
) -> Result<Answer, Broken> {
    let p = asked(parts, body).worded(form.missing);
    let Some(action) = p.get("Action").filter(|a| !a.is_empty()) else {
        let text = "The request must contain the parameter Action";
        return Err(ApiError::bad("MissingAction", text).into());
    };
    let asked = p.get("Version").unwrap_or_default();
    let known = (asked == form.version).then(|| service.operation(action)).flatten();
    let Some(action) = known else { return Err(unknown(form, action, asked).into()) };
    let ctx = &front.ctx;
    let resource = service.subject(ctx, action, &p);
    let needed = service.needed(ctx, action, Input::Form(&p));
    let effect = |on: &Arc<Ctx>| {
        let (ctx, on, caller, p) = (Arc::clone(ctx), Arc::clone(on), caller.clone(), p.clone());
        let needed = needed.clone();
        // It goes to the heap at once, because everything around it is handed on by value.
        Box::pin(async move {
            permission::check(&ctx, &caller, service, action, &needed)?;
            service.form_answer(&on, &caller, action, &p).await
        })
    };
    let dry = matches!(p.bool("DryRun"), Ok(Some(true)));
    let call = Call { service, operation: action, caller, resource, needed: &needed, dry };
    let parameter = |name: &str| p.get(name).map(str::to_owned);
    let result: Node = hook::around(ctx, call, &parameter, effect).await?;
    Ok(envelope::success(form.protocol, form.namespace, action, result))
}

/// What a form asks for. A presigned request asks in its query, whatever its method, and may have a body besides, which
/// is signed too.
fn asked(parts: &Parts, body: &[u8]) -> Params {
    let query = parts.uri.query().unwrap_or_default();
    if presigned::is_signed(query) {
        return Params::parse(&[query.as_bytes(), body].join(&b'&'), Missing::Ec2).without(presigned::signs);
    }
    match parts.method {
        Method::GET => Params::parse(query.as_bytes(), Missing::Ec2),
        _ => Params::parse(body, Missing::Ec2),
    }
}

async fn structured(
    front: &Front,
    caller: &Caller,
    service: &'static Service,
    speaks_cbor: bool,
    protocol: Protocol,
    shape: &Shape,
    body: &Bytes,
) -> Result<Answer, Broken> {
    let Some(asked) = shape.operation.as_deref() else {
        return Err(ApiError::bare("UnknownOperationException").into());
    };
    let Some(operation) = service.operation(asked) else {
        return Err(ApiError::bare("UnknownOperationException").into());
    };
    if protocol == Protocol::Cbor && !speaks_cbor {
        return Err(unimplemented_json(asked).into());
    }
    let input = if protocol == Protocol::Cbor { cbor::parse(body)? } else { json::parse(body)? };
    let ctx = &front.ctx;
    if !service.part.of_aws {
        // These calls are neither recorded nor disturbed, so that faults can always be cleared.
        if *caller != Caller::Root {
            let text = "Only the sandbox's own key may do that.";
            return Err(ApiError::bad("AccessDeniedException", text).into());
        }
        return Ok(envelope::success_value(protocol, &service.json_answer(ctx, operation, &input)?));
    }
    let needed = service.needed(ctx, operation, Input::Json(&input));
    let resource = needed.first().map_or_else(|| "*".to_owned(), |first| first.resource.clone());
    let call = Call { service, operation, caller, resource, needed: &needed, dry: false };
    let effect = |on: &Arc<Ctx>| {
        let (ctx, on, caller, input) = (Arc::clone(ctx), Arc::clone(on), caller.clone(), input.clone());
        let needed = needed.clone();
        Box::pin(async move {
            permission::check(&ctx, &caller, service, operation, &needed)?;
            service.json_answer(&on, operation, &input)
        })
    };
    let result = hook::around(ctx, call, &|_| None, effect).await?;
    Ok(envelope::success_value(protocol, &result))
}

/// The refusal of an action or a version that the service does not know.
fn unknown(form: &Form, action: &str, version: &str) -> ApiError {
    if form.protocol != Protocol::Ec2 {
        let text = format!("Could not find operation {action} for version {version}");
        return ApiError::bad("InvalidAction", text);
    }
    if version != form.version {
        let text = format!("The requested version ({version}) of service AmazonEC2 does not exist");
        return ApiError::bad("NoSuchVersion", text);
    }
    ApiError::bad("InvalidAction", format!("The action {action} is not valid for this web service."))
}
