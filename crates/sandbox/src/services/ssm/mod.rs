//! SSM: parameters and Run Command.

mod command;
mod constraint;
mod filter;
mod find;
mod invocation;
mod managed;
mod parameter;
mod run;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use run::Runtime;
#[cfg(test)]
pub(crate) use state::Parameter;
pub(crate) use state::SsmState;

/// Names that one request may have.
pub(crate) const MOST_NAMES: usize = 10;
/// Instances that one command may be sent to by their ids.
pub(crate) const MOST_INSTANCES: usize = 50;

use crate::{
    model::{constraint::field, error::ApiError, tag::Tag},
    server::{ctx::Ctx, front::unimplemented_json},
};
use serde_json::Value;
use std::sync::Arc;

/// Answers one request.
#[expect(clippy::unused_async, reason = "every service is called alike")]
pub(crate) async fn handle(ctx: &Arc<Ctx>, operation: &str, input: &Value) -> Result<Value, ApiError> {
    constraint::check(operation, input)?;
    match operation {
        "PutParameter" => parameter::put(ctx, input),
        "GetParameter" => parameter::get(ctx, input),
        "GetParameters" => parameter::get_many(ctx, input),
        "DeleteParameter" => parameter::delete(ctx, input),
        "DeleteParameters" => parameter::delete_many(ctx, input),
        "AddTagsToResource" => parameter::add_tags(ctx, input),
        "RemoveTagsFromResource" => parameter::remove_tags(ctx, input),
        "ListTagsForResource" => parameter::list_tags(ctx, input),
        "GetParametersByPath" => find::by_path(ctx, input),
        "DescribeParameters" => find::describe(ctx, input),
        "DescribeInstanceInformation" => managed::describe(ctx, input),
        "SendCommand" => command::send(ctx, input),
        "CancelCommand" => command::cancel(ctx, input),
        "ListCommands" => invocation::commands(ctx, input),
        "ListCommandInvocations" => invocation::list(ctx, input),
        "GetCommandInvocation" => invocation::get(ctx, input),
        other => Err(unimplemented_json(other)),
    }
}

/// Picks up what a previous run left half done.
#[expect(clippy::unused_async, reason = "every service is resumed alike")]
pub(crate) async fn resume(ctx: &Arc<Ctx>) {
    run::abandon_lost(ctx);
}

/// The ARN of a parameter; AWS's public ones belong to no account.
pub(crate) fn parameter_arn(ctx: &Ctx, name: &str) -> String {
    let name = parameter::plain(name);
    let slash = if name.starts_with('/') { "" } else { "/" };
    if name.starts_with("/aws/") {
        return format!("arn:aws:ssm:{}::parameter{name}", ctx.region);
    }
    ctx.arn("ssm", &format!("parameter{slash}{name}"))
}

/// The resource that a request is about, for policies.
pub(crate) fn resource(ctx: &Ctx, operation: &str, input: &Value) -> String {
    match operation {
        "GetParameter" | "PutParameter" | "DeleteParameter" => {
            parameter_arn(ctx, input["Name"].as_str().unwrap_or_default())
        }
        "GetParametersByPath" => parameter_arn(ctx, input["Path"].as_str().unwrap_or_default()),
        "GetParameters" | "DeleteParameters" => match input["Names"].as_array().map(Vec::as_slice) {
            Some([one]) => parameter_arn(ctx, one.as_str().unwrap_or_default()),
            _ => "*".into(),
        },
        "SendCommand" => format!(
            "arn:aws:ssm:{}::document/{}",
            ctx.region,
            input["DocumentName"].as_str().unwrap_or_default()
        ),
        _ => "*".into(),
    }
}

impl SsmState {
    /// Everything with tags: ARN and tags.
    pub(crate) fn tagged(&self, region: &str, account: &str) -> Vec<(String, Vec<Tag>)> {
        self.parameters
            .iter()
            .filter(|p| !p.tags.is_empty())
            .map(|p| (p.arn(region, account), p.tags.clone()))
            .collect()
    }
}

fn validation(text: impl Into<String>) -> ApiError {
    ApiError::bad("ValidationException", text)
}

/// One broken constraint, in the words of AWS's framework.
fn broken(value: &str, field: &str, rule: &str) -> ApiError {
    validation(format!(
        "1 validation error detected: Value {value} at '{field}' failed to satisfy constraint: Member must {rule}"
    ))
}

/// A text that must be there.
fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    input[name].as_str().ok_or_else(|| broken("null", &field(name), "not be null"))
}

/// A list of texts; empty where nothing was sent.
fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The tags of a request.
fn tags(input: &Value) -> Result<Vec<Tag>, ApiError> {
    let tags: Vec<Tag> = match &input["Tags"] {
        Value::Null => Vec::new(),
        list => crate::protocol::json::read(list)?,
    };
    match crate::model::tag::fault(&tags) {
        Some(text) => Err(validation(text)),
        None => Ok(tags),
    }
}

/// A page of a list under `name`, with its token.
fn paged(input: &Value, name: &str, items: Vec<Value>, default: i64, limit: i64) -> Result<Value, ApiError> {
    let max = input["MaxResults"].as_i64().unwrap_or(default);
    if !(1..=limit).contains(&max) {
        return Err(broken(
            &max.to_string(),
            "maxResults",
            &format!("have value less than or equal to {limit}"),
        ));
    }
    let (items, next) = crate::model::page::page(items, input["NextToken"].as_str(), max as usize)
        .ok_or_else(|| ApiError::bad("InvalidNextToken", "The specified token isn't valid."))?;
    let mut answer = serde_json::json!({ name: items });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}
