//! What lasting and temporary values in parameter groups share.

use crate::cli_line::Line;
use std::collections::BTreeMap;

/// Values for a person.
pub fn listed(values: &BTreeMap<String, String>) -> String {
    values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" and ")
}

/// The command that sets them.
pub(super) fn parameters_line(group: &str, values: &BTreeMap<String, String>) -> Line {
    let pair = |(name, value)| vec![("ParameterName", name), ("ParameterValue", value)];
    let pairs: Vec<_> = values.iter().map(|(k, v)| pair((k.as_str(), v.as_str()))).collect();
    Line::new("elasticache", "modify-cache-parameter-group")
        .arg("cache-parameter-group-name", group)
        .rows("parameter-name-values", &pairs)
}
