//! A result of each kind, as the demo printed it; for tests.

use crate::kind::Kind;
use serde_json::Value;

/// A line of `samples.jsonl`.
///
/// # Panics
/// The file has no result of that kind.
pub fn sample(kind: Kind) -> Value {
    let lines = include_str!("../samples.jsonl").lines();
    let mut values = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    values.find(|value| value["kind"] == kind.name()).unwrap_or_else(|| panic!("no sample of {kind}"))
}
