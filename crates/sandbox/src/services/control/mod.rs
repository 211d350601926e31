//! The sandbox's own calls, such as status, faults and stop.

use crate::{
    model::{
        account::part::Part,
        error::ApiError,
        status::{EngineStatus, Status},
        value,
    },
    server::ctx::Ctx,
    services::{
        operation::{Needs, Operation},
        service::{BROKEN, Json, Refusals, Service, Wire, denied_json, no_resume},
    },
};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) static SERVICE: Service = Service {
    part: Part { of_aws: false, ..Part::stateless("recipe-walk-sandbox", "recipe-walk-sandbox") },
    wire: Wire::Json(Json { target: "RecipeWalkSandbox", cbor: false, check: |_, _| Ok(()), capital: &[] }),
    // The front door lets only the sandbox's own key in.
    operations: &[
        Operation::json("Status", |ctx, _| written(status(ctx)), Needs::Nothing),
        Operation::json("AddFault", add_fault, Needs::Nothing),
        Operation::json("ListFaults", |ctx, _| written(ctx.faults.list()), Needs::Nothing),
        Operation::json("ClearFaults", clear_faults, Needs::Nothing),
        Operation::json("ListCalls", |ctx, _| written(ctx.calls.list()), Needs::Nothing),
        Operation::json("KillEngine", kill_engine, Needs::Nothing),
        Operation::json("SetQuota", set_quota, Needs::Nothing),
        Operation::json("Stop", stop, Needs::Nothing),
    ],
    refusals: Refusals {
        throttled: ("ThrottlingException", 400, "Rate exceeded"),
        broken: ("InternalFailure", 500, BROKEN),
        denied: denied_json,
    },
    resume: no_resume,
};

fn add_fault(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let added = ctx.faults.add(value::read(input)?, &ctx.parts);
    added.map(|()| json!({})).map_err(|why| ApiError::bad("ValidationException", why))
}

#[allow(clippy::unnecessary_wraps)] // The handlers of a table have one shape.
fn clear_faults(ctx: &Arc<Ctx>, _: &Value) -> Result<Value, ApiError> {
    ctx.faults.clear();
    Ok(json!({}))
}

fn kill_engine(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    written(kill(ctx, input["Resource"].as_str().unwrap_or_default())?)
}

/// Gives the account another quota than AWS's default, for what is larger than a class.
fn set_quota(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    let mut quotas = ctx.parts.all().flat_map(|part| part.quotas);
    let found = quotas.find(|q| q.service == text("ServiceCode") && q.code == text("QuotaCode"));
    let value = input["Value"].as_u64().and_then(|value| usize::try_from(value).ok());
    let (Some(quota), Some(value)) = (found, value) else {
        let why = "ServiceCode and QuotaCode name a quota of the sandbox, and Value is a whole number.";
        return Err(ApiError::bad("ValidationException", why));
    };
    ctx.raise(quota, value);
    Ok(json!({}))
}

#[allow(clippy::unnecessary_wraps)] // The handlers of a table have one shape.
fn stop(ctx: &Arc<Ctx>, _: &Value) -> Result<Value, ApiError> {
    ctx.stop();
    Ok(json!({}))
}

fn written(value: impl serde::Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(value).map_err(|error| ApiError::internal(error.to_string()))
}

/// Kills an engine process: that of a node or database, or of a replication group's primary.
pub(crate) fn kill(ctx: &Ctx, resource: &str) -> Result<EngineStatus, ApiError> {
    let refused = |why: String| ApiError::bad("ValidationException", why);
    let Some(engines) = &ctx.engines else {
        return Err(refused("this sandbox runs without engines".into()));
    };
    let primary = ctx.read(|world| ctx.parts.all().find_map(|part| (part.engine_of)(world, resource)));
    let running = engines.status();
    let found = [Some(resource), primary.as_deref()]
        .into_iter()
        .flatten()
        .find_map(|name| running.iter().find(|engine| engine.resource.eq_ignore_ascii_case(name)));
    let Some(engine) = found else {
        let names: Vec<&str> = running.iter().map(|engine| engine.resource.as_str()).collect();
        let there =
            if names.is_empty() { "none runs".into() } else { format!("there are {}", names.join(", ")) };
        return Err(refused(format!("no engine runs for `{resource}`; {there}")));
    };
    engines.kill(&engine.resource);
    Ok(engine.clone())
}

fn status(ctx: &Ctx) -> Status {
    Status {
        pid: std::process::id(),
        endpoint: ctx.endpoint.clone(),
        pace: ctx.pace,
        uptime_seconds: ctx.started.elapsed().as_secs_f64(),
        engines: ctx.engines.as_ref().map(|e| e.status()).unwrap_or_default(),
        ports_stay_open: ctx.engines.as_ref().and_then(|e| e.ports_stay_open()),
        resources: ctx.parts.resources(&ctx.world(), ctx.now()),
    }
}
