//! SSM: parameters and Run Command.

mod command;
mod constraint;
mod filter;
mod find;
mod invocation;
mod managed;
mod needs;
mod parameter;
mod run;
pub(crate) mod runtime;
pub(crate) mod state;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use state::Parameter;
pub(crate) use state::SsmState;

use crate::model::account::part::{Part, nothing};
use crate::model::account::share::{Account, Wanted};
use crate::{
    model::{
        constraint::field,
        error::ApiError,
        page::{self, Pages},
        tag::{self, Tag},
        value,
    },
    services::{
        operation::{Needs, Operation},
        service::{BROKEN, Json, Refusals, Service, Wire, denied_json},
    },
};
use serde_json::Value;

/// Names that one request may have.
const MOST_NAMES: usize = 10;
/// Instances that one command may be sent to by their ids.
const MOST_INSTANCES: usize = 50;

pub(crate) static SERVICE: Service = Service {
    part: Part {
        name: "ssm",
        prefix: "ssm",
        of_aws: true,
        machines: &[],
        quotas: &[],
        tagged: Some(|world, account, wanted| world.ssm.tagged(account, wanted)),
        resources: |world, _| world.ssm.resources(),
        attached: nothing::attached,
        uses: nothing::uses,
        engine_of: nothing::engine_of,
        // Its parameters are there at once.
        rewind: |world, before| world.ssm.commands.clone_from(&before.ssm.commands),
    },
    wire: Wire::Json(Json {
        target: "AmazonSSM",
        cbor: false,
        check: constraint::check,
        capital: &[
            "InvalidDocument",
            "InvalidDocumentVersion",
            "InvalidInstanceId",
            "InvalidParameters",
            "MaxDocumentSizeExceeded",
            "UnsupportedPlatformType",
            "InvalidRole",
            "InvalidNotificationConfig",
            "InvalidNextToken",
            "InvalidFilterValue",
            "TooManyUpdates",
            "InternalServerError",
            "ThrottlingException",
            "ValidationException",
        ],
    }),
    operations: OPERATIONS,
    refusals: Refusals {
        throttled: ("ThrottlingException", 400, "Rate exceeded"),
        broken: ("InternalFailure", 500, BROKEN),
        denied: denied_json,
    },
    resume: |ctx| Box::pin(async move { run::abandon_lost(&ctx) }),
};

const OPERATIONS: &[Operation] = &[
    Operation::json("PutParameter", parameter::put, Needs::Json(needs::put)),
    Operation::json("GetParameter", parameter::get, Needs::Json(needs::named)),
    Operation::json("GetParameters", parameter::get_many, Needs::Json(needs::names)),
    Operation::json("DeleteParameter", parameter::delete, Needs::Json(needs::named)),
    Operation::json("DeleteParameters", parameter::delete_many, Needs::Json(needs::names)),
    Operation::json("AddTagsToResource", parameter::add_tags, Needs::Json(needs::tags)),
    Operation::json("RemoveTagsFromResource", parameter::remove_tags, Needs::Json(needs::tags)),
    Operation::json("ListTagsForResource", parameter::list_tags, Needs::Json(needs::tags)),
    Operation::json("GetParametersByPath", find::by_path, Needs::Json(needs::named)),
    Operation::json("DescribeParameters", find::describe, Needs::Own),
    Operation::json("DescribeInstanceInformation", managed::describe, Needs::Own),
    Operation::json("SendCommand", command::send, Needs::Json(needs::send)).making(),
    Operation::json("CancelCommand", command::cancel, Needs::Own),
    Operation::json("ListCommands", invocation::commands, Needs::Own),
    Operation::json("ListCommandInvocations", invocation::list, Needs::Own),
    Operation::json("GetCommandInvocation", invocation::get, Needs::Own),
];

impl SsmState {
    /// Everything with tags, or what may have one of them: ARN and tags.
    fn tagged(&self, account: &Account<'_>, wanted: &Wanted<'_>) -> Vec<(String, Vec<Tag>)> {
        wanted
            .of(&self.parameters)
            .filter(|p| !p.tags.is_empty())
            .map(|p| (p.arn(account.region, account.id), p.tags.clone()))
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
        list => value::read(list)?,
    };
    match tag::fault(&tags) {
        Some(text) => Err(validation(text)),
        None => Ok(tags),
    }
}

/// A page of a list under `name`, with its token.
fn paged(
    input: &Value,
    name: &str,
    items: impl Pages<Value>,
    default: i64,
    limit: i64,
) -> Result<Value, ApiError> {
    let max = input["MaxResults"].as_i64().unwrap_or(default);
    if !(1..=limit).contains(&max) {
        return Err(broken(
            &max.to_string(),
            "maxResults",
            &format!("have value less than or equal to {limit}"),
        ));
    }
    let (items, next) = page::page(items, input["NextToken"].as_str(), max as usize)
        .ok_or_else(|| ApiError::bad("InvalidNextToken", "The specified token isn't valid."))?;
    let mut answer = serde_json::json!({ name: items });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}
