//! Filters of the describe operations.

use crate::{error::ApiError, iam::matches, tag::Tag, wire::Params};

/// The filters of one request: all must hold, each by any of its values.
pub(super) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads `Filter.N.Name` and `Filter.N.Value.M`; `known` are the names beside the tag filters.
    pub(super) fn read(p: &Params, known: &[&str]) -> Result<Self, ApiError> {
        let mut filters = Vec::new();
        for filter in p.structs("Filter") {
            let name = filter.required("Name")?.to_owned();
            let is_tag = name == "tag-key" || name.strip_prefix("tag:").is_some_and(|k| !k.is_empty());
            if !is_tag && !known.contains(&name.as_str()) {
                let text = format!("The filter '{name}' is invalid");
                return Err(ApiError::bad("InvalidParameterValue", text));
            }
            let values = filter.list("Value");
            if values.is_empty() {
                let text = format!("The filter '{name}' must have at least one value");
                return Err(ApiError::bad("InvalidParameterValue", text));
            }
            filters.push((name, values));
        }
        Ok(Self(filters))
    }

    /// Whether a thing passes; `field` gives its values for a filter's name.
    pub(super) fn pass(&self, tags: &[Tag], field: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|(name, wanted)| {
            let have = match name.strip_prefix("tag:") {
                Some(key) => tags.iter().filter(|t| t.key == key).map(|t| t.value.clone()).collect(),
                None if name == "tag-key" => tags.iter().map(|t| t.key.clone()).collect(),
                None => field(name),
            };
            have.iter().any(|value| wanted.iter().any(|pattern| matches(pattern, value, false)))
        })
    }
}

/// The values of a field with exactly one.
pub(super) fn one(value: impl std::fmt::Display) -> Vec<String> {
    vec![value.to_string()]
}
