//! What became of commands.

use super::{
    filter::{Filters, Run},
    paged, required, run,
    state::{Command, DOCUMENT, Invocation},
};
use crate::{
    model::{error::ApiError, value::epoch},
    server::ctx::Ctx,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

/// Characters of GetCommandInvocation (docs/aws.md, "Systems Manager").
const MAX_STDOUT: usize = 24_000;
const MAX_STDERR: usize = 8_000;
/// Characters of ListCommandInvocations.
const MAX_LISTED: usize = 2_500;
const TRUNCATED: &str = "\n---Output truncated---";

/// Cuts an output as SSM does: in characters, with a mark that counts.
pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(max.saturating_sub(TRUNCATED.len())).collect();
    out.push_str(TRUNCATED);
    out
}

/// The status of a command as a whole.
fn status(command: &Command) -> &'static str {
    let all = &command.invocations;
    let count = |status: &str| all.iter().filter(|i| i.status == status).count();
    let ended = all.iter().filter(|i| i.is_over()).count();
    if all.is_empty() || (ended == all.len() && count("Success") == ended) {
        "Success"
    } else if ended < all.len() {
        if count("Pending") == all.len() { "Pending" } else { "InProgress" }
    } else if count("Cancelled") == ended {
        "Cancelled"
    } else if count("TimedOut") == ended {
        "TimedOut"
    } else {
        "Failed"
    }
}

/// A command as SendCommand and ListCommands show it.
pub(super) fn view(ctx: &Ctx, command: &Command, script: Option<&str>) -> Value {
    let all = &command.invocations;
    let status = status(command);
    let ended = all.iter().filter(|i| i.is_over()).count();
    let failed = all.iter().filter(|i| matches!(i.status.as_str(), "Failed" | "TimedOut")).count();
    let script = script.map_or_else(|| run::read_script(ctx, &command.id), str::to_owned);
    let mut parameters = json!({"commands": script.split('\n').collect::<Vec<_>>()});
    if let Some(directory) = &command.working_directory {
        parameters["workingDirectory"] = json!([directory]);
    }
    parameters["executionTimeout"] = json!([command.execution_timeout.to_string()]);
    let life = command.delivery_timeout + i64::try_from(command.execution_timeout).unwrap_or(3600);
    let expires = command.requested + SignedDuration::from_secs(life);
    json!({
        "CommandId": command.id, "DocumentName": DOCUMENT, "DocumentVersion": "$DEFAULT",
        "Comment": command.comment, "ExpiresAfter": epoch(expires), "Parameters": parameters,
        "InstanceIds": all.iter().map(|i| &i.instance).collect::<Vec<_>>(), "Targets": [],
        "RequestedDateTime": epoch(command.requested), "Status": status, "StatusDetails": status,
        "OutputS3Region": ctx.region, "OutputS3BucketName": "", "OutputS3KeyPrefix": "",
        "MaxConcurrency": "50", "MaxErrors": "0", "TargetCount": all.len(), "CompletedCount": ended,
        "ErrorCount": failed, "DeliveryTimedOutCount": 0, "ServiceRole": "",
        "NotificationConfig": {"NotificationArn": "", "NotificationEvents": [], "NotificationType": ""},
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": false},
        "TimeoutSeconds": command.delivery_timeout,
    })
}

pub(super) fn commands(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let filters = Filters::read(input)?;
    let (id, instance) = (input["CommandId"].as_str(), input["InstanceId"].as_str());
    let world = ctx.world();
    if id.is_some_and(|id| world.ssm.command(id).is_none()) {
        return Err(ApiError::bare("InvalidCommandId"));
    }
    let newest_first = world.ssm.commands.iter().rev();
    let items = newest_first
        .filter(|c| id.is_none_or(|id| c.id == id))
        .filter(|c| instance.is_none_or(|i| c.invocations.iter().any(|v| v.instance == i)))
        .filter(|c| {
            let status = status(c);
            filters.pass(Run { requested: c.requested, status, details: status })
        })
        .map(|c| view(ctx, c, None));
    paged(input, "Commands", items, 50, 50)
}

pub(super) fn list(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let filters = Filters::read(input)?;
    let (id, instance) = (input["CommandId"].as_str(), input["InstanceId"].as_str());
    let details = input["Details"].as_bool().unwrap_or(false);
    let world = ctx.world();
    if id.is_some_and(|id| world.ssm.command(id).is_none()) {
        return Err(ApiError::bare("InvalidCommandId"));
    }
    let mut items = Vec::new();
    for command in world.ssm.commands.iter().rev().filter(|c| id.is_none_or(|id| c.id == id)) {
        for i in command.invocations.iter().filter(|i| instance.is_none_or(|n| i.instance == n)) {
            if !filters.pass(Run { requested: command.requested, status: &i.status, details: &i.details }) {
                continue;
            }
            let mut plugins = Vec::new();
            if details {
                let output = if i.is_over() {
                    run::read_output(ctx, &command.id, &i.instance)
                } else {
                    run::Output::default()
                };
                plugins.push(json!({
                    "Name": "aws:runShellScript", "Status": i.status, "StatusDetails": i.details,
                    "ResponseCode": i.code, "Output": cut(&(output.stdout + &output.stderr), MAX_LISTED),
                    "StandardOutputUrl": "", "StandardErrorUrl": "",
                }));
            }
            items.push(json!({
                "CommandId": command.id, "InstanceId": i.instance, "InstanceName": "",
                "Comment": command.comment, "DocumentName": DOCUMENT, "DocumentVersion": "$DEFAULT",
                "RequestedDateTime": epoch(command.requested), "Status": i.status,
                "StatusDetails": i.details, "StandardOutputUrl": "", "StandardErrorUrl": "",
                "CommandPlugins": plugins, "ServiceRole": "",
            }));
        }
    }
    paged(input, "CommandInvocations", items, 50, 50)
}

pub(super) fn get(ctx: &Arc<Ctx>, input: &Value) -> Result<Value, ApiError> {
    let (id, instance) = (required(input, "CommandId")?, required(input, "InstanceId")?);
    if input["PluginName"].as_str().is_some_and(|p| p != "aws:runShellScript") {
        return Err(ApiError::bare("InvalidPluginName"));
    }
    let world = ctx.world();
    let command = world.ssm.command(id);
    let found: Option<(&Command, &Invocation)> =
        command.and_then(|c| Some((c, c.invocations.iter().find(|i| i.instance == instance)?)));
    let (command, i) = found.ok_or_else(|| ApiError::bare("InvocationDoesNotExist"))?;
    // AWS shows nothing before the end either.
    let output = if i.is_over() { run::read_output(ctx, id, instance) } else { run::Output::default() };
    let stamp = |t: Option<jiff::Timestamp>| {
        t.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()).unwrap_or_default()
    };
    let elapsed = match (i.started, i.ended) {
        (Some(start), Some(end)) => format!("PT{:.3}S", end.duration_since(start).as_secs_f64()),
        _ => String::new(),
    };
    Ok(json!({
        "CommandId": command.id, "InstanceId": i.instance, "Comment": command.comment,
        "DocumentName": DOCUMENT, "DocumentVersion": "$DEFAULT", "PluginName": "aws:runShellScript",
        "ResponseCode": i.code, "ExecutionStartDateTime": stamp(i.started),
        "ExecutionElapsedTime": elapsed, "ExecutionEndDateTime": stamp(i.ended),
        "Status": i.status, "StatusDetails": i.details,
        "StandardOutputContent": cut(&output.stdout, MAX_STDOUT), "StandardOutputUrl": "",
        "StandardErrorContent": cut(&output.stderr, MAX_STDERR), "StandardErrorUrl": "",
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": false},
    }))
}
