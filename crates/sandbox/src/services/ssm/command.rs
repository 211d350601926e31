//! Sending and cancelling commands.

use super::{
    MOST_INSTANCES, broken, invocation, required, run,
    state::{Command, DOCUMENT, Invocation},
    texts,
};
use crate::services::ec2::is_online;
use crate::{
    model::{account::world::World, error::ApiError, tag},
    server::ctx::Ctx,
    system::ids,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Bytes of parameters and document together.
const MAX_SIZE: usize = 97 * 1024;
/// SSM keeps its history for 30 days; here the newest commands stay.
const HISTORY: usize = 500;

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::bad("InvalidParameters", text)
}

/// The document's own parameters.
struct Script {
    text: String,
    working_directory: Option<String>,
    timeout: u64,
}

impl Script {
    fn read(parameters: &Value) -> Result<Self, ApiError> {
        let empty = serde_json::Map::new();
        let given = parameters.as_object().unwrap_or(&empty);
        if given.keys().any(|k| !matches!(k.as_str(), "commands" | "workingDirectory" | "executionTimeout")) {
            return Err(invalid(format!("document {DOCUMENT} does not support parameters.")));
        }
        let commands = texts(&parameters["commands"]);
        if commands.is_empty() {
            return Err(ApiError::bare("InvalidParameters"));
        }
        let size: usize = given.values().map(|v| v.to_string().len()).sum();
        if size > MAX_SIZE {
            return Err(ApiError::bad(
                "MaxDocumentSizeExceeded",
                "The total size of your parameter(s) and document exceeds the 97KB limit.",
            ));
        }
        let single = |name: &str| texts(&parameters[name]).into_iter().next().filter(|t| !t.is_empty());
        let timeout = single("executionTimeout").unwrap_or_else(|| "3600".into());
        let timeout = timeout
            .parse()
            .ok()
            .filter(|t| (1..=172_800).contains(t))
            .ok_or_else(|| invalid(format!("The value {timeout} of executionTimeout is not valid.")))?;
        Ok(Self { text: commands.join("\n"), working_directory: single("workingDirectory"), timeout })
    }
}

pub(super) fn send(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    if required(input, "DocumentName")? != DOCUMENT {
        return Err(ApiError::bare("InvalidDocument"));
    }
    let script = Script::read(&input["Parameters"])?;
    let delivery_timeout = input["TimeoutSeconds"].as_i64().unwrap_or(3600);
    if !(30..=2_592_000).contains(&delivery_timeout) {
        let rule = "have value greater than or equal to 30";
        return Err(broken(&format!("'{delivery_timeout}'"), "timeoutSeconds", rule));
    }
    let now = ctx.now();
    let targets = targets(&ctx.world(), input, now)?;
    let command = Command {
        id: ids::uuid(),
        comment: input["Comment"].as_str().unwrap_or_default().chars().take(100).collect(),
        requested: now,
        delivery_timeout,
        execution_timeout: script.timeout,
        working_directory: script.working_directory,
        invocations: targets
            .into_iter()
            .map(|instance| Invocation {
                instance,
                status: "Pending".into(),
                details: "Pending".into(),
                code: -1,
                started: None,
                ended: None,
            })
            .collect(),
    };
    run::write_script(ctx, &command.id, &script.text)?;
    let forgotten = ctx.change(|world| {
        world.ssm.commands.push(command.clone());
        let surplus = world.ssm.commands.len().saturating_sub(HISTORY);
        let forgotten: Vec<String> = world.ssm.commands.iter().take(surplus).map(|c| c.id.clone()).collect();
        for id in &forgotten {
            world.ssm.commands.remove(id);
        }
        Ok(forgotten)
    });
    // A script whose command is not on record would stay for ever.
    let forgotten = forgotten.inspect_err(|_| run::forget(ctx, &command.id))?;
    for old in forgotten {
        run::forget(ctx, &old);
    }
    for invocation in &command.invocations {
        run::start(ctx, &command, &invocation.instance);
    }
    Ok(json!({"Command": invocation::view(ctx, &command, Some(&script.text))}))
}

/// The instances that a command goes to.
fn targets(world: &World, input: &Value, now: jiff::Timestamp) -> Result<Vec<String>, ApiError> {
    let named = texts(&input["InstanceIds"]);
    if named.len() > MOST_INSTANCES {
        let value = format!("'[{}]'", named.join(", "));
        return Err(broken(&value, "instanceIds", "have length less than or equal to 50"));
    }
    let online = |id: &str| world.ec2.instance(id).is_some_and(|i| is_online(i, world, now));
    if !named.is_empty() {
        if let Some(duplicate) = named.iter().enumerate().find(|(n, id)| named[..*n].contains(id)) {
            tracing::debug!(id = duplicate.1, "named twice");
            return Err(ApiError::bare("DuplicateInstanceId"));
        }
        let bad: Vec<&str> = named.iter().map(String::as_str).filter(|id| !online(id)).collect();
        if bad.is_empty() {
            return Ok(named);
        }
        let text =
            format!("Instances [[{}]] not in a valid state for account {}", bad.join(", "), world.account);
        return Err(ApiError::bad("InvalidInstanceId", text));
    }
    let Some(list) = input["Targets"].as_array().filter(|l| !l.is_empty()) else {
        return Err(ApiError::bare("InvalidInstanceId"));
    };
    let matches = |i: &crate::services::ec2::Instance| {
        list.iter().all(|target| {
            let (key, values) = (target["Key"].as_str().unwrap_or_default(), texts(&target["Values"]));
            match key.strip_prefix("tag:") {
                Some(tag) => tag::value(&i.tags, tag).is_some_and(|v| values.iter().any(|w| w == v)),
                None => matches!(key, "InstanceIds" | "instanceids") && values.contains(&i.id),
            }
        })
    };
    let all = world.ec2.instances.iter().filter(|i| matches(i) && is_online(i, world, now));
    Ok(all.map(|i| i.id.clone()).collect())
}

pub(super) fn cancel(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let id = required(input, "CommandId")?;
    let only = texts(&input["InstanceIds"]);
    let world = ctx.world();
    let command = world.ssm.command(id).ok_or_else(|| ApiError::bare("InvalidCommandId"))?;
    if only.iter().any(|asked| command.invocations.iter().all(|i| i.instance != *asked)) {
        return Err(ApiError::bare("InvalidInstanceId"));
    }
    for invocation in &command.invocations {
        if only.is_empty() || only.contains(&invocation.instance) {
            ctx.commands.cancel(id, &invocation.instance);
        }
    }
    Ok(json!({}))
}
