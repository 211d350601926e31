//! Filters of ListCommands and ListCommandInvocations.

use super::{broken, required, state::DOCUMENT};
use crate::model::error::ApiError;
use jiff::Timestamp;
use serde_json::Value;

/// One filter: a key with the one value that it takes.
enum Filter {
    After(Timestamp),
    Before(Timestamp),
    Status(String),
    /// Whether what is over is wanted, or what is not.
    Complete(bool),
    Document(String),
}

/// The filters of one request: all must hold.
pub(super) struct Filters(Vec<Filter>);

/// What filters look at in a command, and in its run on one instance.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) requested: Timestamp,
    pub(super) status: &'a str,
    pub(super) details: &'a str,
}

impl Filters {
    pub(super) fn read(input: &Value) -> Result<Self, ApiError> {
        let filters = input["Filters"].as_array().into_iter().flatten();
        filters.map(Filter::read).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn pass(&self, run: Run<'_>) -> bool {
        self.0.iter().all(|filter| filter.passes(run))
    }
}

impl Filter {
    fn read(filter: &Value) -> Result<Self, ApiError> {
        let (key, value) = (required(filter, "key")?, required(filter, "value")?);
        let time = || {
            let wrong = |_| broken(&format!("'{value}'"), "filters.1.member.value", "be a timestamp");
            value.parse::<Timestamp>().map_err(wrong)
        };
        match key {
            "InvokedAfter" => time().map(Self::After),
            "InvokedBefore" => time().map(Self::Before),
            "Status" => Ok(Self::Status(value.to_owned())),
            "ExecutionStage" => match value {
                "Executing" => Ok(Self::Complete(false)),
                "Complete" => Ok(Self::Complete(true)),
                _ => Err(broken(
                    &format!("'{value}'"),
                    "filters.1.member.value",
                    "satisfy enum value set: [Executing, Complete]",
                )),
            },
            "DocumentName" => Ok(Self::Document(value.to_owned())),
            _ => Err(ApiError::bare("InvalidFilterKey")),
        }
    }

    fn passes(&self, run: Run<'_>) -> bool {
        match self {
            Self::After(time) => run.requested >= *time,
            Self::Before(time) => run.requested < *time,
            Self::Status(status) => status == run.status || status == run.details,
            Self::Complete(complete) => {
                *complete != matches!(run.status, "Pending" | "InProgress" | "Cancelling")
            }
            Self::Document(name) => name == DOCUMENT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_key_tells_two_commands_apart() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let early =
            Run { requested: time("2026-11-23T10:00:00Z"), status: "InProgress", details: "InProgress" };
        let late =
            Run { requested: time("2026-11-23T12:00:00Z"), status: "TimedOut", details: "ExecutionTimedOut" };
        for (key, value, passes) in [
            ("InvokedAfter", "2026-11-23T11:00:00Z", [false, true]),
            ("InvokedAfter", "2026-11-23T12:00:00Z", [false, true]),
            ("InvokedBefore", "2026-11-23T12:00:00Z", [true, false]),
            ("Status", "TimedOut", [false, true]),
            ("Status", "ExecutionTimedOut", [false, true]),
            ("Status", "InProgress", [true, false]),
            ("Status", "Success", [false, false]),
            ("ExecutionStage", "Executing", [true, false]),
            ("ExecutionStage", "Complete", [false, true]),
            ("DocumentName", "AWS-RunShellScript", [true, true]),
            ("DocumentName", "AWS-RunPatchBaseline", [false, false]),
        ] {
            let filters = Filters::read(&json!({"Filters": [{"key": key, "value": value}]})).unwrap();
            assert_eq!([early, late].map(|run| filters.pass(run)), passes, "{key} {value}");
        }
        let both = json!({"Filters": [
            {"key": "Status", "value": "TimedOut"}, {"key": "InvokedBefore", "value": "2026-11-23T11:00:00Z"}]});
        assert!(![early, late].iter().any(|run| Filters::read(&both).unwrap().pass(*run)), "all must hold");
    }

    #[test]
    fn refuses_unknown_keys_and_values() {
        let code = |key: &str, value: &str| {
            let error = Filters::read(&json!({"Filters": [{"key": key, "value": value}]})).err().unwrap();
            error.code.into_owned()
        };
        assert_eq!(code("Owner", "x"), "InvalidFilterKey");
        assert_eq!(code("InvokedAfter", "yesterday"), "ValidationException");
        assert_eq!(code("ExecutionStage", "Over"), "ValidationException");
    }
}
