//! What each operation of SSM must be given (from the service model).

use crate::model::{
    constraint::Broken,
    error::ApiError,
    tag::{self, Tag},
};
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
    // What is no list of tags is refused where they are read.
    let tags: Vec<Tag> = serde_json::from_value(input["Tags"].clone()).unwrap_or_default();
    for (at, part, text) in tag::strange(&tags) {
        let rule = r"satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";
        broken.note(&format!(" '{text}'"), &format!("tags.{at}.member.{part}"), rule);
    }
    broken.refuse("ValidationException")
}
