//! What each operation of SSM must be given (from the service model).

use crate::model::{constraint::Broken, error::ApiError};
use serde_json::Value;

/// Members that are texts, and members that are lists.
fn required(operation: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match operation {
        "PutParameter" => (&["Name", "Value"], &[]),
        "GetParameter" | "DeleteParameter" => (&["Name"], &[]),
        "GetParameters" | "DeleteParameters" => (&[], &["Names"]),
        "GetParametersByPath" => (&["Path"], &[]),
        "AddTagsToResource" => (&["ResourceType", "ResourceId"], &["Tags"]),
        "RemoveTagsFromResource" => (&["ResourceType", "ResourceId"], &["TagKeys"]),
        "ListTagsForResource" => (&["ResourceType", "ResourceId"], &[]),
        "SendCommand" => (&["DocumentName"], &[]),
        "CancelCommand" => (&["CommandId"], &[]),
        "GetCommandInvocation" => (&["CommandId", "InstanceId"], &[]),
        _ => (&[], &[]),
    }
}

/// Refuses a request that lacks any of them, with all that it lacks, or that has something else in their place.
pub(super) fn check(operation: &str, input: &Value) -> Result<(), ApiError> {
    let (texts, lists) = required(operation);
    let mut broken = Broken::default();
    let kinds = texts.iter().map(|name| (name, false)).chain(lists.iter().map(|name| (name, true)));
    for (name, list) in kinds {
        match &input[*name] {
            Value::Null => broken.absent(name),
            Value::String(_) if !list => {}
            Value::Array(_) if list => {}
            // What cannot be read is said before what is wrong with the rest.
            _ => return Err(ApiError::bare("SerializationException")),
        }
    }
    broken.refuse("ValidationException")
}
