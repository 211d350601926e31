//! Events of a service, as DescribeEvents shows them.

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::name::{bad_value, page};
use crate::model::account::table::{Row, Stored, Table};
use crate::model::error::ApiError;
use crate::model::{node::Node, params::Params};

/// More than any session makes; the oldest go first.
const KEPT: usize = 2_000;

/// The source types that each service knows.
const ELASTICACHE: &[&str] = &[
    "cache-cluster",
    "cache-parameter-group",
    "cache-security-group",
    "cache-subnet-group",
    "replication-group",
    "serverless-cache",
    "serverless-cache-snapshot",
    "user",
    "user-group",
];
const RDS: &[&str] = &[
    "blue-green-deployment",
    "custom-engine-version",
    "db-cluster",
    "db-cluster-snapshot",
    "db-instance",
    "db-parameter-group",
    "db-proxy",
    "db-security-group",
    "db-shard-group",
    "db-snapshot",
    "zero-etl",
];

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    source: String,
    kind: String,
    message: String,
    at: Timestamp,
}

impl Row for Event {
    fn keys(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The events of one service, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events(Table<Event>);

impl Events {
    pub(crate) fn table(&mut self) -> &mut dyn Stored {
        &mut self.0
    }

    /// Records one. `kind` is AWS's source type, for example `replication-group`.
    pub(crate) fn add(&mut self, at: Timestamp, kind: &str, source: &str, message: impl Into<String>) {
        if self.0.len() >= KEPT {
            self.0.remove_first();
        }
        self.0.push(Event { source: source.into(), kind: kind.into(), message: message.into(), at });
    }

    /// Answers DescribeEvents: the last hour unless times or a duration in minutes are given.
    pub(crate) fn describe(&self, p: &Params, now: Timestamp, categories: bool) -> Result<Node, ApiError> {
        let time = |name: &str| {
            p.get(name).filter(|text| !text.is_empty()).map(|text| parse(name, text)).transpose()
        };
        let kinds = if categories { RDS } else { ELASTICACHE };
        if let Some(kind) = p.get("SourceType").filter(|kind| !kind.is_empty() && !kinds.contains(kind)) {
            return Err(bad_value(format!("Invalid source type: {kind}")));
        }
        let minutes = p.int("Duration")?.unwrap_or(60);
        if !(1..=20_160).contains(&minutes) {
            return Err(bad_value("Duration must be between 1 and 20160 minutes."));
        }
        let span = SignedDuration::from_mins(minutes);
        let (start, end) = match (time("StartTime")?, time("EndTime")?) {
            (Some(start), Some(end)) => (start, end),
            (Some(start), None) => {
                let end =
                    if p.get("Duration").is_some() { start.checked_add(span).unwrap_or(now) } else { now };
                (start, end)
            }
            (None, end) => {
                let end = end.unwrap_or(now);
                (end.checked_sub(span).unwrap_or(end), end)
            }
        };
        if start > end {
            return Err(ApiError::bad(
                "InvalidParameterCombination",
                "The start time must be before the end time.",
            ));
        }
        // The clock ticks on between an event and the question for it.
        let end = end.checked_add(1.second()).unwrap_or(end);
        let wanted = |name: &str, value: &str| {
            p.get(name).is_none_or(|w| w.is_empty() || w.eq_ignore_ascii_case(value))
        };
        // ElastiCache has no categories, and no parameter for them.
        let sorts = if categories { p.list("EventCategories") } else { Vec::new() };
        let found: Vec<&Event> = self
            .0
            .iter()
            .filter(|event| sorts.is_empty() || sorts.iter().any(|sort| sort == category(&event.message)))
            .filter(|event| event.at >= start && event.at <= end)
            .filter(|event| wanted("SourceIdentifier", &event.source) && wanted("SourceType", &event.kind))
            .collect();
        let (found, marker) = page(p, found)?;
        let events = found.into_iter().map(|event| {
            let element = Node::default()
                .leaf("SourceIdentifier", &event.source)
                .leaf("SourceType", &event.kind)
                .leaf("Message", &event.message);
            let element = if categories {
                element.leaves("EventCategories", "EventCategory", [category(&event.message)])
            } else {
                element
            };
            element.leaf("Date", stamp(event.at))
        });
        Ok(Node::result().opt("Marker", marker).list("Events", "Event", events))
    }
}

/// A time as AWS's query services write it.
pub(crate) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// RDS sorts its events; the words are enough to tell.
fn category(message: &str) -> &'static str {
    match message {
        m if m.contains("created") => "creation",
        m if m.contains("deleted") => "deletion",
        m if m.contains("failed") => "failure",
        m if m.contains("ecovery") => "recovery",
        m if m.contains("restart") || m.contains("shutdown") => "availability",
        m if m.starts_with("Sandbox") => "notification",
        _ => "configuration change",
    }
}

fn parse(name: &str, text: &str) -> Result<Timestamp, ApiError> {
    let zoned = text.parse::<Timestamp>();
    let utc = || format!("{text}Z").parse::<Timestamp>();
    zoned.or_else(|_| utc()).map_err(|_| bad_value(format!("The parameter {name} is not a valid timestamp.")))
}
